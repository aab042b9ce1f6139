/** Several nodes' chains, each checked by itself, then against each other. */
import { ChainVerifier, type StoredBlock, type Violation } from './chain.ts';
import { votesOfCommit } from './commit.ts';
import { readBlock, readCommit, type Vote } from './formats.ts';
import { openHome } from './home.ts';
import { hex } from './proto.ts';
import { sha256 } from './hashes.ts';
import { openRemote, type RemoteOptions } from './rpc.ts';
import { VoteScan } from './votes.ts';

export interface NamedViolation extends Violation {
  readonly name: string;
}

export interface Report {
  readonly chains: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly violations: readonly NamedViolation[];
  /** Votes looked at for double signing. */
  readonly votes: number;
}

/** All precommits a block proves: those for the block before, and those it was decided by itself. */
export function votesOf(stored: StoredBlock): Vote[] {
  const commits = [readBlock(stored.block).lastCommit];
  if (stored.seenCommit) commits.push(readCommit(stored.seenCommit));
  return commits.flatMap(votesOfCommit);
}

/** Do nodes have different blocks at one height? */
export class Agreement {
  readonly #first = new Map<number, { readonly name: string; readonly hash: string }>();

  /** What is wrong with this block, having seen those of others. */
  add(name: string, { height, block }: StoredBlock): NamedViolation[] {
    const hash = hex(sha256(block));
    const known = this.#first.get(height);
    if (known === undefined) this.#first.set(height, { name, hash });
    if (known === undefined || known.hash === hash) return [];
    return [{ name, height, rule: 'agreement', detail: `${known.name} has another block` }];
  }
}

/** Reads and checks everything; homes must not be in use. */
export async function verifyChains(
  {
    homes = [],
    urls = [],
  }: { readonly homes?: readonly string[]; readonly urls?: readonly string[] },
  range: RemoteOptions = {},
): Promise<Report> {
  const [agreement, scan] = [new Agreement(), new VoteScan()];
  const chains: Report['chains'][number][] = [];
  const violations: NamedViolation[] = [];
  let votes = 0;
  const sources = [
    ...homes.map((name) => ({ name, open: () => openHome(name) })),
    ...urls.map((name) => ({ name, open: () => openRemote(name, range) })),
  ];
  for (const { name, open } of sources) {
    const source = await open();
    const verifier = new ChainVerifier(source.genesis);
    let [from, to] = [0, 0];
    for await (const stored of source.blocks) {
      verifier.add(stored);
      violations.push(...agreement.add(name, stored));
      for (const vote of readableVotes(stored)) {
        votes += 1;
        scan.add(vote);
      }
      from ||= stored.height;
      to = stored.height;
    }
    await source.close();
    violations.push(...verifier.finish().map((one) => ({ name, ...one })));
    chains.push({ name, from, to });
  }
  for (const { address, height, round, type } of scan.conflicts) {
    const detail = `${address} signed two votes of type ${type} in round ${round}`;
    violations.push({ name: 'votes', height, rule: 'double vote', detail });
  }
  return { chains, violations, votes };
}

/** Unreadable bytes are a violation already. */
function readableVotes(stored: StoredBlock): Vote[] {
  try {
    return votesOf(stored);
  } catch {
    return [];
  }
}
