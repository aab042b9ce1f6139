/** What a payload from a peer must pass before it reaches the consensus machine. */
import { toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { messageChecks, messageHeight, withinReach } from '../consensus/message-signatures.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { DuplicateVoteEvidence } from '../consensus/types.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import { sameBlock } from '../consensus/votes.ts';
import type { DriverParts } from './driver-deps.ts';
import { ErrEvidence, ErrStaleEvidence } from './evidence-pool.ts';
import type { RecentSet } from './recent-set.ts';
import { decodePayload } from './wire.ts';

const PRIORITY_VOTE = 0;
const PRIORITY_BLOCK = 1;
const STRIKE_GARBAGE = 20;
const STRIKE_BAD_SIGNATURE = 20;
const STRIKE_BAD_SHAPE = 5;
const STRIKE_BAD_EVIDENCE = 20;
/** Expired, or in a block already: an honest peer that is a little behind may send it. */
const STRIKE_STALE_EVIDENCE = 1;

export interface Receiver extends DriverParts {
  /** Payloads that were passed on. */
  readonly relayed: RecentSet;
  /** The round the machine is in. */
  readonly round: () => number;
}

export interface Received {
  readonly message: ConsensusMessage;
  readonly from?: Bytes;
}

/**
 * Verifies what a message of the height at hand is signed with beside the main thread, when it may be much:
 * `receive` finds it known then, and says what is wrong with anything else.
 */
export async function prepareToReceive(parts: Receiver, bytes: Bytes): Promise<void> {
  const { height, validators } = parts.committer.state();
  if (!parts.signatures.isLarge(validators.size)) return;
  try {
    const payload = decodePayload(bytes);
    if (payload.type === 'evidence' || messageHeight(payload.message) !== height + 1) return;
    const round = parts.round();
    const message = withinReach(payload.message, round);
    const { chainId } = parts.options;
    if (message === undefined) return;
    await parts.signatures.prepare(messageChecks({ chainId, validators, round }, message));
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
  }
}

/** The message when it holds; undefined when there is nothing to tell the machine. */
export function receive(parts: Receiver, peerId: string, bytes: Bytes): Received | undefined {
  let payload;
  try {
    payload = decodePayload(bytes);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    parts.network.strike(peerId, STRIKE_GARBAGE, error.message);
    return undefined;
  }
  if (payload.type === 'evidence') {
    receiveEvidence(parts, peerId, payload.evidence);
    return undefined;
  }
  const { block } = payload;
  const message = withinReach(payload.message, roundAt(parts, messageHeight(payload.message)));
  if (message === undefined || !isGood(parts, peerId, message)) return undefined;
  if (block !== undefined && message.type === 'proposal') {
    const held = parts.pool.addBytes(block, parts.clock.now());
    if (held === undefined || !sameBlock(held.blockId, message.proposal.blockId)) {
      parts.network.strike(peerId, STRIKE_GARBAGE, 'the block is not the proposed one');
      return undefined;
    }
  }
  const from = parts.network.validatorOf(peerId);
  return { message, ...(from && { from }) };
}

/**
 * The commit of the height at hand inside a block that is proposed for the next: a star's followers learn of
 * decisions this way.
 */
export function commitInside(parts: Receiver, { message }: Received): Received | undefined {
  if (message.type !== 'proposal') return undefined;
  const { height, validators } = parts.committer.state();
  const block = parts.pool.get(message.proposal.blockId)?.block;
  const commit = block?.lastCommit;
  if (message.proposal.height !== height + 2 || commit?.height !== height + 1) return undefined;
  const inside = { type: 'commit', commit } as const;
  const context = { chainId: parts.options.chainId, validators, round: 0 };
  try {
    return parts.signatures.verify(messageChecks(context, inside))
      ? { message: inside }
      : undefined;
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    return undefined;
  }
}

/**
 * To those the sender does not reach. Only what was news to the machine: what anybody can make up, or a
 * validator sign anew at will, would have honest nodes flood each other.
 */
export function passOn(
  { relayed, network }: Receiver,
  { message }: Received,
  peerId: string,
  bytes: Bytes,
): void {
  if (!relayed.add(toHex(sha256(bytes)))) return;
  network.relay(peerId, bytes, message.type === 'proposal' ? PRIORITY_BLOCK : PRIORITY_VOTE);
}

function isGood(parts: Receiver, peerId: string, message: ConsensusMessage): boolean {
  const height = messageHeight(message);
  const validators = validatorsOf(parts, height);
  if (validators === undefined) return false;
  const { chainId } = parts.options;
  const context = { chainId, validators, round: roundAt(parts, height) };
  try {
    if (parts.signatures.verify(messageChecks(context, message))) return true;
    parts.network.strike(peerId, STRIKE_BAD_SIGNATURE, `bad signature in ${message.type}`);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    parts.network.strike(peerId, STRIKE_BAD_SHAPE, error.message);
  }
  return false;
}

/** Where the machine is at a height: other heights than the one at hand are at their beginning. */
function roundAt(parts: Receiver, height: number): number {
  return height === parts.committer.state().height + 1 ? parts.round() : 0;
}

/** The set of the height before, at hand or next; of other heights nothing can be said here. */
function validatorsOf(parts: Receiver, height: number): ValidatorSet | undefined {
  const state = parts.committer.state();
  const atHand = state.height + 1;
  if (height === atHand) return state.validators;
  if (height === atHand + 1) return state.nextValidators;
  if (height === state.height) return state.lastValidators;
  if (height > atHand) parts.onBehind(height);
  return undefined;
}

function receiveEvidence(parts: Receiver, peerId: string, evidence: DuplicateVoteEvidence): void {
  try {
    parts.evidence.add(evidence);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    // What this node cannot judge, or has no room for, is nobody's fault.
    if (error.kind === ErrEvidence) return;
    const points = error.kind === ErrStaleEvidence ? STRIKE_STALE_EVIDENCE : STRIKE_BAD_EVIDENCE;
    parts.network.strike(peerId, points, error.message);
  }
}
