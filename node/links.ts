/** Joins the siblings of floor 4: what one offers in the form the other expects. */
import type { Bytes } from './base/bytes.ts';
import { EVIDENCE_RESEND_BLOCKS } from './base/limits.ts';
import { encodeCommit } from './consensus/encoding.ts';
import type { DuplicateVoteEvidence } from './consensus/types.ts';
import type { Engine } from './engine/engine.ts';
import type { ConsensusNetwork } from './engine/expected.ts';
import { encodePayload } from './engine/wire.ts';
import type { Network } from './network/network.ts';
import type { BlockSupply, SyncChain, SyncNetwork } from './sync/expected.ts';

export const SYNC_PROTOCOL = 'sync';
const ANSWER_TIMEOUT_MS = 10_000;
const PRIORITY_OTHER = 2;

/** The engine is there before the network: sending to nobody is fine until then. */
export function consensusNetwork(network: () => Network | undefined): ConsensusNetwork {
  return {
    broadcast: (payload, priority) => network()?.broadcast(payload, priority),
    sendToValidators: (to, payload, priority) => network()?.sendToValidators(to, payload, priority),
    relay: (from, payload, priority) => network()?.relay(from, payload, priority),
    validatorOf: (peerId) => network()?.validatorOf(peerId),
    strike: (peerId, points, reason) => network()?.strike(peerId, points, reason),
    announce: (height, base) => network()?.announce(height, base),
  };
}

export function syncChain(engine: Engine): SyncChain {
  return {
    height: () => engine.height(),
    pause: (height) => engine.driver.pause(height),
    resume: () => engine.driver.resume(),
    check: (block, commit) => engine.checkSynced(block, commit),
    applySynced: (block, commit) => engine.applySynced(block, commit),
  };
}

export function syncNetwork(network: () => Network | undefined): SyncNetwork {
  const bounds = (maxParts: number) => ({ maxParts, timeoutMs: ANSWER_TIMEOUT_MS });
  return {
    peers: () =>
      (network()?.peers() ?? []).map(({ peerId, height, base }) => ({ peerId, height, base })),
    ask: async (peerId, question, maxParts) => {
      return (await network()?.ask(peerId, SYNC_PROTOCOL, question, bounds(maxParts))) ?? [];
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
