/**
 * What gossipsub thinks of a peer. It forgets when a peer comes back, so our own points of bad behaviour,
 * which are kept over connections, are a part of it.
 */
import type { GossipsubOpts } from '@libp2p/gossipsub';
import { createTopicScoreParams } from '@libp2p/gossipsub/score';

export interface ScoreOptions {
  readonly topics: readonly string[];
  /** Our own points of bad behaviour; 0 for a peer that is trusted. */
  readonly pointsOf: (peerId: string) => number;
  /** IP addresses from which many peers may come. */
  readonly sharedIps: Iterable<string>;
}

/**
 * Weights leave room for our own points to reach the ban, which also ends the connection, before gossipsub
 * alone stops to read. Below `graylist` nothing of a peer is read, below
 * `publish` it gets nothing of ours.
 */
const SCORE_THRESHOLDS = {
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: -80,
  // Addresses come from our own exchange, never from gossip.
  acceptPXThreshold: Number.MAX_SAFE_INTEGER,
  opportunisticGraftThreshold: 5,
};

/** More peers than this from one IP address lower the score of each of them. */
const SCORED_PEERS_PER_IP = 8;

const HALF_HOUR_MS = 1_800_000;

/** Deliveries are not demanded (P3): how many transactions there are is not the peers' business. */
const TOPIC = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.2,
  firstMessageDeliveriesDecay: 0.98,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -2,
  invalidMessageDeliveriesDecay: 0.99,
});

export function scoring({ topics, pointsOf, sharedIps }: ScoreOptions): Partial<GossipsubOpts> {
  return {
    scoreThresholds: SCORE_THRESHOLDS,
    scoreParams: {
      topics: Object.fromEntries(topics.map((topic) => [topic, TOPIC])),
      topicScoreCap: 20,
      appSpecificScore: (peerId) => -pointsOf(peerId),
      appSpecificWeight: 0.5,
      IPColocationFactorWeight: -10,
      IPColocationFactorThreshold: SCORED_PEERS_PER_IP,
      IPColocationFactorWhitelist: new Set(sharedIps),
      behaviourPenaltyWeight: -10,
      behaviourPenaltyThreshold: 2,
      behaviourPenaltyDecay: 0.99,
      decayInterval: 1_000,
      decayToZero: 0.01,
      retainScore: HALF_HOUR_MS,
    },
  };
}
