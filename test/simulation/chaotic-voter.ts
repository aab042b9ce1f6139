/**
 * A byzantine validator without a machine: votes for any block it knows in any round near by, tells different
 * stories to different nodes, proposes several blocks, collects certificates and shows them to a few.
 */
import type { Bytes } from '../../node/base/bytes.ts';
import { makeQuorumCertificate } from '../../node/consensus/certificates.ts';
import { messageHeight } from '../../node/consensus/message-signatures.ts';
import type { ConsensusMessage, QuorumCertificate } from '../../node/consensus/messages.ts';
import { PRECOMMIT, PREVOTE, type Vote } from '../../node/consensus/types.ts';
import {
  NIL_BLOCK_ID,
  addVote,
  blockKey,
  emptyTally,
  quorumVote,
  type Tally,
} from '../../node/consensus/votes.ts';
import type { Endpoint, Packet } from './network.ts';
import type { Listener, Surroundings } from './sim-node.ts';
import type { SimulatedBlock } from './world.ts';

const SPEAKS = 0.35;

export class ChaoticVoter implements Listener {
  readonly name: string;
  readonly address: Bytes;
  readonly #index: number;
  readonly #around: Surroundings;
  #height = 1;
  #round = 0;
  #blocks: SimulatedBlock[] = [];
  #certificates: QuorumCertificate[] = [];
  readonly #tallies = new Map<string, Tally>();
  #proposed = -1;

  constructor(around: Surroundings, index: number) {
    this.#around = around;
    this.#index = index;
    this.name = `chaotic ${index}`;
    this.address = around.world.validators[index]!.address;
  }

  receive({ deliver }: Packet): void {
    deliver(this);
  }

  hear(message: ConsensusMessage, block: SimulatedBlock | undefined): void {
    const height = messageHeight(message);
    if (height > this.#height) this.#begin(height);
    if (height < this.#height) return;
    if (block && !this.#blocks.includes(block)) this.#blocks.push(block);
    this.#note(message);
    if (!this.#around.random.chance(SPEAKS)) return;
    this.#propose();
    this.#vote();
    this.#showCertificate();
  }

  #begin(height: number): void {
    this.#height = height;
    this.#round = 0;
    this.#blocks = [];
    this.#certificates = [];
    this.#tallies.clear();
    this.#proposed = -1;
  }

  #note(message: ConsensusMessage): void {
    if (message.type === 'vote' || message.type === 'timeout') this.#count(message.vote);
    if (message.type === 'proposal') this.#round = Math.max(this.#round, message.proposal.round);
    if (message.type === 'quorum') this.#certificates.push(message.qc);
    if (message.type === 'timeout' && message.highQc) this.#certificates.push(message.highQc);
  }

  #count(vote: Vote): void {
    this.#round = Math.max(this.#round, vote.round);
    if (vote.type !== PREVOTE) return;
    const set = this.#around.world.setAt(this.#height);
    // Counted per block, so that its own double votes complete any certificate.
    const slot = `${vote.round}/${blockKey(vote.blockId)}`;
    const before = this.#tallies.get(slot) ?? emptyTally(set.size);
    const added = addVote(before, vote, set.validators[vote.index]!.power);
    if (added.result !== 'added') return;
    this.#tallies.set(slot, added.tally);
    const winner = quorumVote(added.tally, set.totalPower);
    if (winner) this.#certificates.push(makeQuorumCertificate(added.tally, winner));
  }

  #some(): Bytes[] {
    const { network, random } = this.#around;
    return network.endpoints.filter(() => random.chance(0.5)).map(({ address }) => address);
  }

  #tell(message: ConsensusMessage, block?: SimulatedBlock): void {
    this.#around.network.send(this, this.#some(), (peer: Endpoint) => {
      if (peer instanceof ChaoticVoter) return peer.hear(message, block);
      const node = peer as Endpoint & {
        keep(block?: SimulatedBlock): void;
        take(message: ConsensusMessage, from: Endpoint): void;
      };
      node.keep(block);
      node.take(message, this);
    });
  }

  #vote(): void {
    const { world, random, queue } = this.#around;
    const index = world.setAt(this.#height).indexOf(this.address);
    if (index === undefined) return;
    const voteType = random.chance(0.5) ? PREVOTE : PRECOMMIT;
    const useNil = this.#blocks.length === 0 || (voteType === PRECOMMIT && random.chance(0.3));
    const blockId = useNil ? NIL_BLOCK_ID : random.pick(this.#blocks).id;
    const round = Math.max(0, this.#round + random.pick([-1, 0, 0, 0, 1]));
    const { address } = this;
    const height = this.#height;
    const request = { type: 'vote', voteType, height, round, blockId, address, index } as const;
    const { time, signature } = world.sign(this.#index, request, queue.now);
    const vote: Vote = { type: voteType, height, round, blockId, time, address, index, signature };
    this.#count(vote);
    const highQc = this.#certificates.at(-1);
    const isTimeout = voteType === PRECOMMIT && random.chance(0.5);
    this.#tell(
      isTimeout ? { type: 'timeout', vote, ...(highQc && { highQc }) } : { type: 'vote', vote },
    );
  }

  #propose(): void {
    const { world, random, queue, invariants } = this.#around;
    const set = world.setAt(this.#height);
    const round = this.#round + random.pick([0, 1]);
    if (round <= this.#proposed || blockLeader(set.leader(round).address, this.address)) return;
    this.#proposed = round;
    const parent = invariants.decisions[this.#height - 1]?.key ?? '';
    for (let copies = random.pick([0, 1, 2, 3]); copies > 0; copies--) {
      const qc = random.chance(0.5) ? this.#certificates.at(-1) : undefined;
      const justified = qc && qc.round < round ? qc : undefined;
      const known = this.#blocks.find(
        (one) => justified && blockKey(one.id) === blockKey(justified.blockId),
      );
      const block = known ?? world.makeBlock(this.#height, parent, random.chance(0.8));
      const polRound = known && justified ? justified.round : -1;
      if (!known) this.#blocks.push(block);
      const request = {
        type: 'proposal',
        height: this.#height,
        round,
        polRound,
        blockId: block.id,
      } as const;
      const { time, signature } = world.sign(this.#index, request, queue.now);
      const { type: _, ...fields } = request;
      const proposal = { ...fields, time, signature };
      const justify = polRound >= 0 ? justified : undefined;
      this.#tell({ type: 'proposal', proposal, ...(justify && { justify }) }, block);
    }
  }

  #showCertificate(): void {
    const { random } = this.#around;
    if (this.#certificates.length === 0 || random.chance(0.5)) return;
    const qc = random.pick(this.#certificates);
    if (qc.height === this.#height) this.#tell({ type: 'quorum', qc });
  }
}

function blockLeader(leader: Bytes, own: Bytes): boolean {
  return Buffer.compare(leader, own) !== 0;
}
