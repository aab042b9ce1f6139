/** Joins the siblings of floor 4: what one offers in the form the other expects. */
import type { Bytes } from './base/bytes.ts';
import { EVIDENCE_RESEND_BLOCKS } from './base/limits.ts';
import { timeToNanos, ZERO_TIME } from './base/time.ts';
import { encodeCommit } from './consensus/encoding.ts';
import type { DuplicateVoteEvidence } from './consensus/types.ts';
import { isQuorum } from './consensus/votes.ts';
import type { Engine } from './engine/engine.ts';
import type { ConsensusNetwork } from './engine/expected.ts';
import { encodePayload } from './engine/wire.ts';
import type { Network } from './network/network.ts';
import type { BlockSupply, SyncChain, SyncNetwork } from './sync/expected.ts';

export const SYNC_PROTOCOL = 'sync';
/** A whole answer, and the longest silence within. */
const ANSWER_TIMEOUT_MS = 15_000;
const ANSWER_IDLE_MS = 3_000;
const PRIORITY_OTHER = 2;

/** The engine is there before the network: sending to nobody is fine until then. */
export function consensusNetwork(network: () => Network | undefined): ConsensusNetwork {
  return {
    broadcast: (payload, priority) => network()?.broadcast(payload, priority),
    sendToValidators: (to, payload, priority) => network()?.sendToValidators(to, payload, priority),
    relay: (from, payload, priority) => network()?.relay(from, payload, priority),
    validatorOf: (peerId) => network()?.validatorOf(peerId),
    isConfigured: (peerId) => network()?.isConfigured(peerId) ?? false,
    strike: (peerId, points, reason) => network()?.strike(peerId, points, reason),
    announce: (height, base) => network()?.announce(height, base),
  };
}

/** `own` is the address of the validator that this node signs for. */
export function syncChain(engine: Engine, own: Bytes | undefined): SyncChain {
  return {
    height: () => engine.height(),
    tipTime: () => Number(timeToNanos(engine.store.state()?.time ?? ZERO_TIME) / 1_000_000n),
    pause: (height) => engine.driver.pause(height),
    resume: () => engine.driver.resume(),
    check: (block, commit) => engine.checkSynced(block, commit),
    applySynced: (block, commit) => engine.applySynced(block, commit),
    isEnough: () => {
      const validators = engine.store.state()?.validators;
      const power = (own && validators?.byAddress(own)?.power) ?? 0n;
      return validators !== undefined && isQuorum(power, validators.totalPower);
    },
  };
}

export function syncNetwork(network: () => Network | undefined): SyncNetwork {
  const patience = { timeoutMs: ANSWER_TIMEOUT_MS, idleMs: ANSWER_IDLE_MS };
  return {
    peers: () => (network()?.peers() ?? []).map(({ peerId }) => peerId),
    ask: async (peerId, question, bounds) => {
      const limits = { ...bounds, ...patience };
      return (await network()?.ask(peerId, SYNC_PROTOCOL, question, limits)) ?? [];
    },
    strike: (peerId, points, reason) => network()?.strike(peerId, points, reason),
    peersOf: (validator) => network()?.peersOf(validator) ?? [],
  };
}

export function blockSupply({ store, ...engine }: EngineBlocks): BlockSupply {
  return {
    height: () => store.height(),
    base: () => store.base(),
    decided: (height) => {
      const block = store.blockBytes(height);
      const stored = store.commit(height);
      return block && stored && { block, commit: encodeCommit(stored.commit) };
    },
    byHash: (height, hash) => engine.blockBytes(height, hash),
  };
}

export interface EngineBlocks {
  readonly store: Engine['store'];
  readonly blockBytes: (height: number, hash: Bytes) => Bytes | undefined;
}

/**
 * Evidence that is new here goes to everybody, and again now and then while it waits. Answers how to tell a
 * peer that has come later.
 */
export function spreadEvidence(
  engine: Engine,
  network: () => Network | undefined,
): (peerId: string) => void {
  const payloadOf = (evidence: DuplicateVoteEvidence): Bytes =>
    encodePayload({ type: 'evidence', evidence });
  const toAll = (evidence: DuplicateVoteEvidence): void =>
    network()?.broadcast(payloadOf(evidence), PRIORITY_OTHER);
  engine.evidence.onAdded(toAll);
  engine.onCommit(({ block }) => {
    if (block.header.height % EVIDENCE_RESEND_BLOCKS === 0)
      engine.evidence.waiting().forEach(toAll);
  });
  return (peerId) => {
    for (const evidence of engine.evidence.waiting()) {
      network()?.sendTo(peerId, payloadOf(evidence), PRIORITY_OTHER);
    }
  };
}
