import assert from 'node:assert/strict';
import type { Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_INBOX_BYTES,
  MAX_INBOX_TXS_PER_PEER,
  MAX_INBOX_TXS,
  TX_BYTES_PER_PLACE,
  TXS_PER_TURN,
} from '../../../node/base/limits.ts';
import { TxInbox, type TxInboxDeps, type Verdict } from '../../../node/network/tx-inbox.ts';

const batch = (count: number, value = 0): Bytes[] =>
  Array.from({ length: count }, () => Uint8Array.of(value));

function inboxOf(deps: Partial<TxInboxDeps> = {}) {
  const judged: { peerId: string; txs: number }[] = [];
  const found = { dropped: 0, failures: [] as unknown[] };
  const inbox = new TxInbox({
    judge: (peerId, txs) => {
      judged.push({ peerId, txs: txs.length });
      return 'accept';
    },
    onDropped: (txs) => (found.dropped += txs),
    onFailed: (error) => found.failures.push(error),
    ...deps,
  });
  return { inbox, judged, found };
}

describe('transactions of peers that wait', () => {
  it('a vote that arrives during a flood waits for one small turn, not for the flood', async () => {
    const { inbox, judged } = inboxOf();
    const flood = Array.from({ length: 20 }, (_, peer) => inbox.push(`peer ${peer}`, batch(250)));
    const judgedSoFar = (): number => judged.reduce((sum, { txs }) => sum + txs, 0);
    // Each turn of the event loop stands for a vote that a socket has just delivered.
    const between: number[] = [];
    for (let before = 0; judgedSoFar() < 5_000;) {
      await new Promise((resolve) => setImmediate(resolve));
      between.push(judgedSoFar() - before);
      before = judgedSoFar();
    }
    assert.ok(Math.max(...between) <= TXS_PER_TURN, `at most ${Math.max(...between)} between two`);
    assert.ok(between.length >= 5_000 / TXS_PER_TURN);
    assert.deepEqual(new Set(await Promise.all(flood)), new Set(['accept']));
  });

  it('many messages with one transaction each make no larger turn', async () => {
    const { inbox, judged } = inboxOf();
    const all = Array.from({ length: 1_000 }, () => inbox.push('a', batch(1)));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(judged.length <= TXS_PER_TURN);
    await Promise.all(all);
    assert.equal(judged.length, 1_000);
  });

  it('a large one takes a turn of its own, which is as long as that of many small ones', async () => {
    const largest = (TXS_PER_TURN - 1) * TX_BYTES_PER_PLACE;
    for (const [bytes, turns] of [
      [largest, [1, 2]],
      [largest - 1, [2, 2]],
    ] as const) {
      const { inbox, judged } = inboxOf();
      const all = [inbox.push('a', [new Uint8Array(bytes)]), inbox.push('b', batch(1))];
      const seen: number[] = [];
      for (let turn = 0; turn < 2; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(judged.length);
      }
      assert.deepEqual(seen, turns, `${bytes} bytes`);
      await Promise.all(all);
    }
  });

  it('peers take turns: the one message of an honest peer is second', async () => {
    const { inbox, judged } = inboxOf();
    for (let times = 0; times < 50; times += 1) void inbox.push('flooder', batch(TXS_PER_TURN));
    await inbox.push('honest', batch(3));
    const before = judged.findIndex(({ peerId }) => peerId === 'honest');
    assert.ok(before <= 2, `after ${before} of the flooder`);
    inbox.stop();
  });

  it('keeps so many of one peer, of all, and so many bytes, and counts what it drops', async () => {
    const { inbox, found } = inboxOf({ prepare: () => new Promise(() => undefined) });
    // The first is taken at once and never ends.
    void inbox.push('first', batch(1));
    void inbox.push('a', batch(MAX_INBOX_TXS_PER_PEER));
    assert.equal(await inbox.push('a', batch(1)), 'ignore');
    assert.equal(found.dropped, 1);
    for (let peer = 1; peer < MAX_INBOX_TXS / MAX_INBOX_TXS_PER_PEER; peer += 1) {
      void inbox.push(`b${peer}`, batch(MAX_INBOX_TXS_PER_PEER));
    }
    assert.equal(inbox.size, MAX_INBOX_TXS);
    assert.equal(await inbox.push('c', batch(2)), 'ignore');
    assert.equal(found.dropped, 3);
    inbox.stop();
    assert.equal(inbox.size, 0);

    const bytes = inboxOf({ prepare: () => new Promise(() => undefined) });
    void bytes.inbox.push('first', batch(1));
    void bytes.inbox.push('a', [new Uint8Array(MAX_INBOX_BYTES)]);
    assert.equal(await bytes.inbox.push('b', batch(1)), 'ignore');
    bytes.inbox.stop();
  });

  const VERDICTS: [readonly Verdict[], Verdict][] = [
    [['accept', 'reject'], 'reject'],
    [['reject', 'accept'], 'reject'],
    [['accept', 'ignore'], 'accept'],
    [['ignore', 'ignore'], 'ignore'],
  ];
  for (const [parts, whole] of VERDICTS) {
    it(`parts judged ${parts.join(' and ')} are together judged ${whole}`, async () => {
      const left = [...parts];
      const { inbox } = inboxOf({ judge: () => left.shift()! });
      assert.equal(await inbox.push('a', batch(2 * TXS_PER_TURN)), whole);
    });
  }

  it('a fault of this node is told, and the next batch goes on', async () => {
    let calls = 0;
    const { inbox, found } = inboxOf({
      judge: () => {
        calls += 1;
        if (calls === 1) throw new Error('broken');
        return 'accept';
      },
    });
    const answers = [inbox.push('a', batch(1)), inbox.push('a', batch(1))];
    assert.deepEqual(await Promise.all(answers), ['ignore', 'accept']);
    assert.equal(found.failures.length, 1);
  });

  it('whoever waits when it stops gets an answer', async () => {
    const { inbox } = inboxOf({ prepare: () => new Promise(() => undefined) });
    void inbox.push('a', batch(1));
    const waiting = inbox.push('a', batch(1));
    inbox.stop();
    assert.equal(await waiting, 'ignore');
    assert.equal(await inbox.push('a', batch(1)), 'ignore');
  });
});
