/** What a batch of a peer's gossip is worth: passed on, ignored, or a reason to blame the peer. */
import assert from 'node:assert/strict';
import { utf8, type Bytes } from '../../node/base/bytes.ts';
import { NodePool } from '../../node/node-pool.ts';
import { genesisFor, initRequest, runBlock, testApplication } from '../support/application.ts';
import { alice, bob, flipped, fromStranger, signed } from '../support/payments.ts';

const BATCHES: [what: string, txs: () => Bytes[], verdict: string, pending: number][] = [
  ['good ones', () => [signed(0), signed(1)], 'accept', 2],
  ['good ones in the wrong order', () => [signed(1), signed(0)], 'accept', 2],
  ['one that waits for another', () => [signed(7)], 'accept', 0],
  ['one that is known', () => [signed(0), signed(0)], 'accept', 1],
  ['only such that have no account', () => [fromStranger()], 'ignore', 0],
  ['garbage', () => [utf8('garbage')], 'reject', 0],
  ['a good one and garbage', () => [signed(0), utf8('garbage')], 'reject', 1],
  ['a bad signature', () => [flipped(signed(0))], 'reject', 0],
  ['a signature for another chain', () => [signed(0, { chainId: 'other-1' })], 'reject', 0],
  ['a good one and a bad signature', () => [signed(0), flipped(signed(1))], 'reject', 1],
  ['a bad signature that seems to wait', () => [flipped(signed(7))], 'reject', 0],
  ['a bad one first: the rest is left alone', () => [flipped(signed(1)), signed(0)], 'reject', 0],
];

describe('a batch of transactions of a peer', () => {
  for (const [what, txs, verdict, pending] of BATCHES) {
    it(`${what}: ${verdict}, and ${pending} pending`, async () => {
      const { app } = testApplication();
      app.initChain(initRequest(genesisFor([alice, bob])));
      await runBlock(app, []);
      const pool = new NodePool({ app });
      assert.equal(pool.receive('peer', txs()), verdict);
      assert.equal(pool.mempool.size(), pending);
    });
  }

  it('what waits is signed, so nobody can be blamed for having passed it on', async () => {
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor([alice, bob])));
    await runBlock(app, []);
    const [first, other] = [new NodePool({ app }), new NodePool({ app })];
    const early = signed(1);
    assert.equal(first.receive('attacker', [early]), 'accept');
    assert.equal(app.signaturesHold(early), true);
    assert.equal(other.receive('peer', [signed(0)]), 'accept');
    assert.equal(other.receive('peer', [early]), 'accept');
  });
});
