/** A leader chooses the precommits of its last commit: what it leaves out costs others their rewards. */
import { toUpperHex, type Bytes } from '../base/bytes.ts';
import type { Logger, Metrics } from '../base/service.ts';
import { voteIn } from '../consensus/count-vote.ts';
import { BLOCK_ID_FLAG_ABSENT, PRECOMMIT, type Block, type Commit } from '../consensus/types.ts';
import type { Vote } from '../consensus/types.ts';
import { sameBlock } from '../consensus/votes.ts';

export interface Comparison {
  /** Whose precommits were here but are not in the block. */
  readonly omitted: readonly Bytes[];
  /** Two different precommits of one validator: one was here, the other is in the block. */
  readonly conflicts: readonly (readonly [Vote, Vote])[];
}

const NOTHING: Comparison = { omitted: [], conflicts: [] };

/** `seen`: the commit of the height before with all precommits that came here so far. */
export function compareCommits(seen: Commit | undefined, given: Commit): Comparison {
  if (seen?.height !== given.height || seen.round !== given.round) return NOTHING;
  const omitted: Bytes[] = [];
  const conflicts: [Vote, Vote][] = [];
  seen.signatures.forEach((sig, index) => {
    if (sig.flag === BLOCK_ID_FLAG_ABSENT) return;
    const [here, there] = [voteIn(seen, index, PRECOMMIT), voteIn(given, index, PRECOMMIT)];
    if (there === undefined) omitted.push(sig.address);
    else if (here && !sameBlock(here.blockId, there.blockId)) conflicts.push([here, there]);
  });
  return { omitted, conflicts };
}

/** Counts and names what the proposer of a decided block has left out. */
export function reportOmitted(
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
  { header }: Block,
  omitted: readonly Bytes[],
): void {
  if (omitted.length === 0) return;
  const proposer = toUpperHex(header.proposerAddress);
  const help = 'Precommits that were here when the block came but are not in its last commit';
  const name = 'bitscale_consensus_omitted_precommits_total';
  metrics.counter(name, help, { proposer_address: proposer }).add(omitted.length);
  const validators = omitted.map(toUpperHex);
  logger.warn('precommits left out of a last commit', {
    height: header.height,
    proposer,
    validators,
  });
}
