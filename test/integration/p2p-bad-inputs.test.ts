/**
 * Twenty-five bad inputs from peers and what comes of each. Rows 1 to 10 concern the wire: a hostile host on
 * a real connection. Rows 11 to 24 concern consensus: the real driver, fed with what a peer's stream would
 * carry. Row 25, a peer that lowers its height, leaves gaps or gives wrong blocks, is in
 * sync/block-sync.test.ts.
 */
import assert from 'node:assert/strict';
import type { PeerScoreStatsDump } from '@libp2p/gossipsub/score';
import { utf8, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { GOSSIP_DECODE_LIMITS, MAX_GOSSIP_RPC_BYTES } from '../../node/base/limits.ts';
import { silentLogger } from '../../node/base/service.ts';
import { encodeVarint } from '../../node/base/proto-writer.ts';
import { encodeTxBatch } from '../../node/network/messages.ts';
import { HostileGossip } from './p2p/hostile-gossip.ts';
import { addressOf, NetworkLab, TOPIC, type Heard } from './p2p/network-lab.ts';
import { until } from './toy/toy-node.ts';

const batchOf = (...texts: string[]): Bytes => encodeTxBatch(texts.map(utf8));

let serial = 0;

interface Scene {
  readonly target: Heard;
  readonly peer: HostileGossip;
  /** Why the peer was blamed. */
  readonly blamed: string[];
}

type Row = readonly [name: string, run: (scene: Scene) => Promise<void>];

/** What its interface leaves out. */
interface GossipInside {
  dumpPeerScoreStats(): PeerScoreStatsDump;
  getMeshPeers(topic: string): string[];
}
const inside = ({ network }: Heard): GossipInside => network.gossip as unknown as GossipInside;
const scoreOf = ({ target, peer }: Scene) => inside(target).dumpPeerScoreStats()[peer.peerId]!;
const invalid = (scene: Scene): number =>
  scoreOf(scene).topics[TOPIC]?.invalidMessageDeliveries ?? 0;
const isInMesh = ({ target, peer }: Scene): boolean =>
  inside(target).getMeshPeers(TOPIC).includes(peer.peerId);
/** The peer is heard still: what it sends properly arrives. */
async function stillHeard({ target, peer }: Scene): Promise<void> {
  serial += 1;
  const proper = `proper ${serial}`;
  peer.sendRpc({ messages: [{ topic: TOPIC, data: batchOf(proper) }] });
  await until(() => target.txs.includes(proper), 'a proper message arrives');
}
async function joinMesh(scene: Scene): Promise<void> {
  scene.peer.sendRpc({ subscriptions: [{ subscribe: true, topic: TOPIC }] });
  scene.peer.sendControl({ graft: [{ topicID: TOPIC }] });
  await until(() => isInMesh(scene), 'it is in the mesh');
}

const WIRE: readonly Row[] = [
  [
    '1 an unknown topic is dropped and not stored',
    async (scene) => {
      const { target, peer } = scene;
      peer.sendRpc({
        subscriptions: [{ subscribe: true, topic: 'another' }],
        messages: [{ topic: 'another', data: batchOf('x') }],
      });
      await stillHeard(scene);
      assert.deepEqual(target.network.gossip.getSubscribers('another'), []);
      assert.equal(target.txs.length, 1);
    },
  ],
  [
    '2 an RPC beyond the bound resets the stream and costs ten points',
    async ({ target, peer, blamed }) => {
      peer.sendBytes(encodeVarint(MAX_GOSSIP_RPC_BYTES + 1));
      await until(() => !peer.isOpen, 'the stream is reset');
      assert.match(blamed.join(), /^10 .*gossip RPC of 1048577 bytes/);
      assert.equal(target.network.peers().length, 1);
    },
  ],
  [
    '3 a declared length of 4 GiB resets the stream before anything is allocated',
    async ({ peer, blamed }) => {
      const before = process.memoryUsage().arrayBuffers;
      peer.sendBytes(encodeVarint(2 ** 32));
      await until(() => !peer.isOpen, 'the stream is reset');
      assert.ok(process.memoryUsage().arrayBuffers - before < MAX_GOSSIP_RPC_BYTES);
      assert.equal(blamed.length, 1);
    },
  ],
  [
    '4 garbage in a message counts as invalid and costs points',
    async (scene) => {
      scene.peer.sendRpc({ messages: [{ topic: TOPIC, data: utf8('garbage') }] });
      await until(() => invalid(scene) > 0.9, 'it is counted');
      assert.match(scene.blamed.join(), /malformed gossip/);
      assert.deepEqual(scene.target.txs, []);
    },
  ],
  [
    '5 a signed message is refused: nothing but the content names a message here',
    async (scene) => {
      const data = batchOf('signed');
      const [from, signature] = [utf8('somebody'), new Uint8Array(64)];
      scene.peer.sendRpc({ messages: [{ topic: TOPIC, data, from, signature, seqno: utf8('1') }] });
      await until(() => invalid(scene) > 0.9, 'it is counted');
      await stillHeard(scene);
      assert.equal(scene.target.txs.includes('signed'), false);
    },
  ],
  [
    '6 a message that comes again is looked at once',
    async (scene) => {
      const message = { topic: TOPIC, data: batchOf('once') };
      for (let times = 0; times < 5; times += 1)
        scene.peer.sendRpc({ messages: [message, message] });
      await stillHeard(scene);
      assert.equal(scene.target.batches.length, 2);
      assert.equal(invalid(scene), 0);
    },
  ],
  [
    '7 an announcement of more than 5,000 messages is not answered, one of 5,000 is',
    async (scene) => {
      await joinMesh(scene);
      const ids = (count: number) =>
        Array.from({ length: count }, (_, index) => sha256(utf8(`message ${index}`)));
      const max = GOSSIP_DECODE_LIMITS.maxIhaveMessageIDs;
      const asked = (): number =>
        scene.peer.heard.flatMap(({ control }) => control?.iwant ?? []).length;
      scene.peer.sendControl({ ihave: [{ topicID: TOPIC, messageIDs: ids(max + 1) }] });
      await stillHeard(scene);
      assert.equal(asked(), 0);
      scene.peer.sendControl({ ihave: [{ topicID: TOPIC, messageIDs: ids(max) }] });
      await until(() => asked() === 1, 'it asks for them');
    },
  ],
  [
    '8 a message is sent on request three times and no more',
    async (scene) => {
      const { target, peer } = scene;
      await joinMesh(scene);
      target.network.publishTx(utf8('wanted'));
      const id = sha256(batchOf('wanted'));
      const sent = (): number => peer.heard.flatMap(({ messages }) => messages).length;
      await until(() => sent() === 1, 'it is published');
      for (let times = 0; times < 8; times += 1)
        peer.sendControl({ iwant: [{ messageIDs: [id] }] });
      await stillHeard(scene);
      await until(() => sent() >= 4, 'it is sent');
      await stillHeard(scene);
      assert.equal(sent(), 4);
    },
  ],
  [
    '9 who wants back into the mesh too early gets a penalty and no place',
    async (scene) => {
      await joinMesh(scene);
      scene.peer.sendControl({ prune: [{ topicID: TOPIC, peers: [], backoff: 60 }] });
      await until(() => !isInMesh(scene), 'it left');
      scene.peer.sendControl({ graft: [{ topicID: TOPIC }] });
      await until(() => scoreOf(scene).behaviourPenalty > 0.9, 'it is counted');
      assert.equal(isInMesh(scene), false);
    },
  ],
  [
    '10 an RPC with 5,001 subscriptions is refused as a whole, one within the bound is not',
    async (scene) => {
      const { target, peer } = scene;
      const many = (count: number) =>
        Array.from({ length: count }, () => ({ subscribe: true, topic: TOPIC }));
      const isSubscribed = (): boolean => target.network.gossip.getSubscribers(TOPIC).length > 0;
      peer.sendRpc({ subscriptions: many(5_001) });
      peer.sendRpc({ subscriptions: many(GOSSIP_DECODE_LIMITS.maxSubscriptions + 1) });
      await stillHeard(scene);
      assert.equal(isSubscribed(), false);
      peer.sendRpc({ subscriptions: many(GOSSIP_DECODE_LIMITS.maxSubscriptions) });
      await until(isSubscribed, 'it is subscribed');
    },
  ],
];

describe('bad inputs from peers: the wire', function () {
  this.timeout(30_000);
  const lab = new NetworkLab('bad inputs');
  let peer: HostileGossip | undefined;

  afterEach(async () => {
    await peer?.stop();
    await lab.stop();
  });

  for (const [index, [name, run]] of WIRE.entries()) {
    it(name, async () => {
      const blamed: string[] = [];
      const logger = {
        ...silentLogger,
        debug: (message: string, fields: Record<string, unknown> = {}) => {
          if (message !== 'peer misbehaves') return;
          blamed.push(`${Number(fields['points'])} ${String(fields['reason'])}`);
        },
      };
      const target = await lab.start([], { deps: { logger } });
      peer = await HostileGossip.connect(addressOf(target), lab.identity(100 + index).privateKey);
      const { peerId } = peer;
      await until(
        () => target.network.gossip.getPeers().some((id) => id.toString() === peerId),
        'connected',
      );
      await run({ target, peer, blamed });
    });
  }
});
