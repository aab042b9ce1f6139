/** Does what the consensus machine asks for, one effect at a time and in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { equal, type Bytes } from '../base/bytes.ts';
import { assert, BitscaleError } from '../base/errors.ts';
import { EXIT_DATA, ExitError } from '../base/exit.ts';
import { MAX_BLOCK_TIME_AHEAD_MS, MAX_BLOCK_TIME_BEHIND_MS } from '../base/limits.ts';
import { timeToNanos, type Time } from '../base/time.ts';
import type {
  BuildBlockEffect,
  CommitEffect,
  Effect,
  PersistEffect,
  RequestBlockEffect,
  SendCommitEffect,
  SendEffect,
  SignEffect,
  SignRequest,
  ValidateBlockEffect,
  WalRecord,
} from '../consensus/effects.ts';
import { proposalSignBytes, voteSignBytes } from '../consensus/sign-bytes.ts';
import { PREVOTE, type BlockId } from '../consensus/types.ts';
import { sameBlock } from '../consensus/votes.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import { readBlock, type HeldBlock } from './block-pool.ts';
import type { DriverParts } from './driver-deps.ts';
import { voteTime } from './header.ts';
import { prepareHeight } from './height.ts';
import { compareCommits, reportOmitted } from './omissions.ts';
import {
  ErrSignConflict,
  ErrSignRegression,
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSE,
  type SignStep,
} from './signer.ts';
import { encodePayload } from './wire.ts';
import { encodeLogEntry } from './wal-record.ts';

const PRIORITY_VOTE = 0;
const PRIORITY_BLOCK = 1;
const FETCH_PAUSE_MS = 300;
const NANOS_PER_MILLI = 1_000_000n;

export async function runEffect(parts: DriverParts, effect: Effect): Promise<void> {
  switch (effect.type) {
    case 'persist':
      return persist(parts, effect);
    case 'sign':
      return sign(parts, effect);
    case 'send':
      return send(parts, effect);
    case 'scheduleTimeout': {
      const { kind, height, round, afterMs } = effect;
      const fire = (): void => parts.feed({ type: 'timeout', kind, height, round });
      return parts.timers.after(afterMs, fire);
    }
    case 'buildBlock':
      return buildBlock(parts, effect);
    case 'validateBlock':
      return validateBlock(parts, effect);
    case 'requestBlock':
      return void requestBlock(parts, effect);
    case 'commit':
      return commit(parts, effect);
    case 'evidence':
      return parts.evidence.report(effect.voteA, effect.voteB);
    case 'sendCommit':
      return sendCommit(parts, effect);
    case 'behind':
      return parts.onBehind(effect.height);
    case 'halt':
      throw new ExitError(EXIT_DATA, `consensus stopped: ${effect.reason}`);
  }
}

/** The block a record is about goes into the log with it, once: after a crash it may exist nowhere else. */
async function persist(parts: DriverParts, { record }: PersistEffect): Promise<void> {
  const held = parts.pool.get(blockOf(record));
  const entry = encodeLogEntry({ type: 'record', record });
  if (held === undefined || held.logged) return parts.wal.append(entry);
  await parts.wal.append(encodeLogEntry({ type: 'block', block: held.bytes }), entry);
  held.logged = true;
}

function blockOf(record: WalRecord): BlockId {
  return record.type === 'lock' ? record.qc.blockId : record.request.blockId;
}

async function sign(parts: DriverParts, { request }: SignEffect): Promise<void> {
  const { signer, options, pool, clock } = parts;
  assert(signer !== undefined, 'asked to sign without a key');
  const held = pool.get(request.blockId);
  const time = timeToSign(request, held, clock.now());
  const bytesAt = (at: Time): Bytes => signBytes(options.chainId, request, at);
  const { height, round } = request;
  try {
    const signed = await signer.sign({ height, round, step: stepOf(request), time, bytesAt });
    parts.feed({ type: 'signed', request, ...signed });
  } catch (error) {
    const refused = error instanceof BitscaleError && REFUSALS.includes(error.kind);
    if (!refused) throw error;
    parts.logger.warn('the signer refuses', { height, round, reason: error.message });
    parts.feed({ type: 'signRefused', request });
  }
}

const REFUSALS = [ErrSignConflict, ErrSignRegression];

function stepOf(request: SignRequest): SignStep {
  if (request.type === 'proposal') return STEP_PROPOSE;
  return request.voteType === PREVOTE ? STEP_PREVOTE : STEP_PRECOMMIT;
}

function timeToSign(request: SignRequest, held: HeldBlock | undefined, nowMs: number): Time {
  const blockTime = held?.block.header.time;
  if (request.type === 'vote') return voteTime(blockTime, nowMs);
  assert(blockTime !== undefined, 'a proposal for a block that is not here');
  return blockTime;
}

function signBytes(chainId: string, request: SignRequest, time: Time): Bytes {
  if (request.type === 'proposal') return proposalSignBytes(chainId, { ...request, time });
  const { voteType, height, round, blockId } = request;
  return voteSignBytes(chainId, { type: voteType, height, round, blockId, time });
}

function send(parts: DriverParts, { to, gossip, message }: SendEffect): void {
  const isProposal = message.type === 'proposal';
  const block = isProposal ? parts.pool.get(message.proposal.blockId)?.bytes : undefined;
  const payload = encodePayload({ type: 'message', message, ...(block && { block }) });
  const priority = isProposal ? PRIORITY_BLOCK : PRIORITY_VOTE;
  if (to === 'all' || gossip) parts.network.broadcast(payload, priority);
  else parts.network.sendToValidators(to, payload, priority);
}

function buildBlock(parts: DriverParts, { height, round, lastCommit }: BuildBlockEffect): void {
  const { committer, executor, signer, pool, clock, feed } = parts;
  assert(signer !== undefined, 'asked to build without a key');
  const arrivedMs = clock.now();
  const made = executor.make(committer.state(), lastCommit, signer.address, arrivedMs);
  const held: HeldBlock = { ...made, arrivedMs, logged: false, omitted: [] };
  pool.add(held);
  pool.keep(held.blockId, height);
  parts.speculate(held);
  feed({ type: 'blockBuilt', height, round, blockId: made.blockId });
}

async function validateBlock(
  parts: DriverParts,
  { height, blockId }: ValidateBlockEffect,
): Promise<void> {
  const held = parts.pool.get(blockId);
  assert(held !== undefined, 'asked to validate a block that is not here');
  await parts.signatures.prepareTxs(held.block.txs);
  const state = parts.committer.state();
  const problem = parts.executor.problem(state, held.block, held.bytes);
  if (problem === undefined) {
    parts.speculate(held);
    compareLastCommit(parts, held);
  } else parts.logger.warn('invalid block', { height, problem });
  const { time, proposerAddress: proposer } = held.block.header;
  const timely = isTimely(time, held.arrivedMs) && parts.evidence.canCheck(held.block.evidence);
  const valid = problem === undefined;
  parts.feed({ type: 'blockValidated', height, blockId, valid, timely, proposer });
}

function compareLastCommit(parts: DriverParts, held: HeldBlock): void {
  const { omitted, conflicts } = compareCommits(parts.lastCommit(), held.block.lastCommit);
  held.omitted = omitted;
  for (const [voteA, voteB] of conflicts) parts.evidence.report(voteA, voteB);
}

/** Was the block's time near the local clock when the block came? */
export function isTimely(time: Time, arrivedMs: number): boolean {
  const ahead = Number(timeToNanos(time) / NANOS_PER_MILLI) - arrivedMs;
  return ahead <= MAX_BLOCK_TIME_AHEAD_MS && -ahead <= MAX_BLOCK_TIME_BEHIND_MS;
}

/** Asks until the block is here or its height is over. Not waited for by the driver. */
async function requestBlock(parts: DriverParts, effect: RequestBlockEffect): Promise<void> {
  const { height, blockId, from } = effect;
  const { pool, stopped } = parts;
  const isWanted = (): boolean => !stopped.aborted && parts.committer.state().height + 1 === height;
  const isIt = (bytes: Bytes): boolean => {
    const found = readBlock(bytes, parts.clock.now());
    return found !== undefined && sameBlock(found.blockId, blockId);
  };
  const wanted = { height, hash: blockId.hash, from, isIt };
  pool.keep(blockId, height);
  const arrived = pool.arrival(blockId);
  const pause = (): Promise<void> =>
    sleep(FETCH_PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
  const fetch = async (): Promise<void> => {
    const bytes = await parts.blocks.fetchBlock(wanted).catch(() => undefined);
    if (bytes !== undefined) pool.addBytes(bytes, parts.clock.now());
  };
  while (isWanted() && pool.get(blockId) === undefined) {
    // It may come with another proposal while a peer that was asked keeps silent.
    await Promise.race([arrived, fetch().then(pause)]);
  }
  if (isWanted()) parts.feed({ type: 'blockReceived', height, blockId });
}

async function commit(parts: DriverParts, effect: CommitEffect): Promise<void> {
  const held = parts.pool.get(effect.blockId);
  assert(held !== undefined, 'decided a block that is not here');
  assert(equal(held.blockId.hash, effect.commit.blockId.hash), 'the commit is for this block');
  await parts.committer.apply(held, effect.commit);
  reportOmitted(parts, held.block, held.omitted);
  parts.network.announce(effect.height, parts.store.base());
  try {
    parts.requireGoing();
  } catch (error) {
    // Nobody hears a next proposal from a node that halts, so the commit goes alone.
    sendToAll(parts, { type: 'commit', commit: effect.commit });
    throw error;
  }
  parts.feed(await prepareHeight(parts));
}

function sendToAll(parts: DriverParts, message: ConsensusMessage): void {
  parts.network.broadcast(encodePayload({ type: 'message', message }), PRIORITY_VOTE);
}

function sendCommit(parts: DriverParts, { to, height }: SendCommitEffect): void {
  const stored = parts.store.commit(height);
  if (stored === undefined) return;
  const message = { type: 'commit', commit: stored.commit } as const;
  const payload = encodePayload({ type: 'message', message });
  parts.network.sendToValidators([to], payload, PRIORITY_VOTE);
}
