/** Two signatures of one key for one height, round and step, for different blocks: the crime of consensus. */
import { slotOf } from './commit.ts';
import { readVote, sameBlockId, type Vote } from './formats.ts';
import { hex, type Bytes } from './proto.ts';

export interface Conflict {
  /** Hexadecimal. */
  readonly address: string;
  readonly height: number;
  readonly round: number;
  /** 1 prevote, 2 precommit. */
  readonly type: number;
  readonly votes: readonly [Vote, Vote];
}

/** For votes that come over time. The time of a vote is no difference. */
export class VoteScan {
  readonly conflicts: Conflict[] = [];
  readonly #seen = new Map<string, Vote[]>();

  /** A vote as read, or the bytes of a tendermint.types.Vote. */
  add(given: Vote | Bytes): void {
    const vote = given instanceof Uint8Array ? readVote(given) : given;
    const slot = slotOf(vote);
    const known = this.#seen.get(slot) ?? [];
    if (known.some(({ blockId }) => sameBlockId(blockId, vote.blockId))) return;
    const [first] = known;
    if (first !== undefined) {
      const { address, height, round, type } = vote;
      this.conflicts.push({
        address: hex(address),
        height: Number(height),
        round,
        type,
        votes: [first, vote],
      });
    }
    this.#seen.set(slot, [...known, vote]);
  }
}

/**
 * All conflicts in a list of all votes. `isGenuine` says whose signatures count: a vote that its validator
 * never signed accuses nobody.
 */
export function scanVotes(
  votes: Iterable<Vote | Bytes>,
  isGenuine: (vote: Vote) => boolean = () => true,
): Conflict[] {
  const scan = new VoteScan();
  for (const given of votes) {
    const vote = given instanceof Uint8Array ? readVote(given) : given;
    if (isGenuine(vote)) scan.add(vote);
  }
  return scan.conflicts;
}
