/** A height begins, perhaps with what the log remembers of it; or block sync takes over. */
import { toHex, type Bytes } from '../base/bytes.ts';
import {
  change,
  changeOwn,
  changeRound,
  emit,
  isOwnAddress,
  type Draft,
  type Rejection,
} from './draft.ts';
import type { SignRequest, WalRecord } from './effects.ts';
import type { HeightContext, StartInput, SyncedInput } from './inputs.ts';
import { messageHeight } from './message-signatures.ts';
import { onReceived } from './on-received.ts';
import { beginRound, schedule } from './rounds.ts';
import { isComplete } from './rules.ts';
import { INITIAL_STATE, type Decision, type State } from './state.ts';
import { BLOCK_ID_FLAG_ABSENT, PREVOTE } from './types.ts';
import { isNil } from './votes.ts';

/** Every so many heights a leader waits for the precommits of everybody. */
const GRACE_FOR_ALL_HEIGHTS = 8;

export function onStart(draft: Draft, { context, records }: StartInput): Rejection {
  const before = draft.state;
  const refusal = checkStart(before, context, records);
  if (refusal) return refusal;
  const last = lastDecision(before, context);
  const quiet = quietValidators(before, context);
  draft.state = {
    ...INITIAL_STATE,
    phase: 'running',
    context,
    last,
    quiet,
    seenRounds: context.validators.validators.map(() => -1),
    paceOver: context.paceMs === 0,
    graceOver: context.timeouts.graceMs === 0 || isComplete(last, quiet),
  };
  const unfinished = restore(draft, records);
  beginRound(draft, draft.state.round);
  waitBeforeProposing(draft);
  // The log may be that of a validator whose key is no longer here.
  if (unfinished && context.ownIndex !== undefined) {
    emit(draft, { type: 'sign', request: unfinished });
  }
  for (const { message, from } of before.nextHeight) {
    if (messageHeight(message) !== context.height) continue;
    onReceived(draft, { type: 'received', message, ...(from && { from }) });
  }
  return undefined;
}

function checkStart(
  before: State,
  context: HeightContext,
  records: readonly WalRecord[],
): Rejection {
  if (before.phase === 'halted') return 'halted';
  if (before.context && context.height <= before.context.height) return 'not a later height';
  const { ownIndex, validators } = context;
  if (ownIndex !== undefined && !validators.validators[ownIndex]) return 'no such validator';
  const heights = records.map((record) =>
    record.type === 'lock' ? record.qc.height : record.request.height,
  );
  if (heights.some((height) => height !== context.height)) return 'a record of another height';
  return undefined;
}

/** The last commit with the late precommits seen here, or the stored one. */
function lastDecision(before: State, { height, lastCommit }: HeightContext): Decision | undefined {
  const { decision } = before;
  if (decision?.height === height - 1) return decision;
  if (!lastCommit || lastCommit.signatures.length === 0) return undefined;
  const { round, blockId } = lastCommit;
  return { height: height - 1, round, blockId, commit: lastCommit, led: false };
}

/**
 * Those who gave no vote at the height before, nor a late one for the height before that, and are not in the
 * last commit of the newest block: stopped, it seems. One that is only slow may look like that to a leader
 * who hears little, so now and then everybody is waited for. After a restart nothing is known.
 */
function quietValidators(before: State, next: HeightContext): ReadonlySet<number> {
  const { context, decision, last, rounds } = before;
  const { height, signedBefore = [] } = next;
  if (!context || decision?.height !== height - 1) return new Set();
  if (height % GRACE_FOR_ALL_HEIGHTS === 0) return new Set();
  const late = last?.commit.signatures.map(({ address }) => address) ?? [];
  const heard = new Set([...late, ...signedBefore].map(toHex));
  const tallies = [...rounds.values()].flatMap((one) => [one.prevotes, one.precommits]);
  const isQuiet = ({ address }: { readonly address: Bytes }, index: number): boolean =>
    !heard.has(toHex(address)) &&
    decision.commit.signatures[index]?.flag === BLOCK_ID_FLAG_ABSENT &&
    tallies.every(({ votes }) => votes[index] === undefined);
  const { validators } = context.validators;
  return new Set([...validators.keys()].filter((index) => isQuiet(validators[index]!, index)));
}

function waitBeforeProposing(draft: Draft): void {
  const { context, round, paceOver, graceOver, rounds } = draft.state;
  const leader = rounds.get(round)?.leader;
  if (!context || round > 0 || !leader || !isOwnAddress(draft, leader)) return;
  if (!paceOver) schedule(draft, 'pace', context.paceMs);
  if (!graceOver) schedule(draft, 'grace', context.timeouts.graceMs);
}

/**
 * Takes back what was durable before a crash and returns the newest signature request: asked again, it
 * gives the same bytes, in case they were never sent.
 */
function restore(draft: Draft, records: readonly WalRecord[]): SignRequest | undefined {
  let newest: SignRequest | undefined;
  for (const record of records) {
    if (record.type === 'lock') {
      const { lock } = draft.state;
      if (!lock || record.qc.round > lock.round) change(draft, { lock: record.qc });
    } else {
      restoreOwn(draft, record.request);
      newest = record.request;
      if (newest.round > draft.state.round) change(draft, { round: newest.round });
    }
  }
  const { lock, round } = draft.state;
  if (lock && lock.round > round) change(draft, { round: lock.round });
  return newest;
}

function restoreOwn(draft: Draft, request: SignRequest): void {
  const { round, blockId } = request;
  if (request.type === 'proposal') {
    changeOwn(draft, round, { proposal: { blockId, polRound: request.polRound } });
  } else if (request.voteType === PREVOTE) changeOwn(draft, round, { prevote: blockId });
  else {
    changeOwn(draft, round, { precommit: blockId });
    if (isNil(blockId)) changeRound(draft, round, { timedOut: true });
  }
}

export function onSynced(draft: Draft, { height }: SyncedInput): Rejection {
  const { context, phase } = draft.state;
  if (phase === 'halted') return 'halted';
  if (!context || height < context.height) return 'not ahead of the height at hand';
  draft.state = INITIAL_STATE;
  return undefined;
}
