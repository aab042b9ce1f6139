/** What a height costs, where it is a matter of counting. */
import assert from 'node:assert/strict';
import { messagesPerHeight, wanRun } from './measure.ts';

const SIZES = [4, 10, 31];

describe('a height in which nothing fails', function () {
  this.timeout(300_000);

  for (const n of SIZES) {
    it(`takes at most 5 n messages in a star of ${n}`, async () => {
      const { messages, heights } = await messagesPerHeight({ n, mode: 'star' });
      assert.ok(heights > 3);
      assert.ok(messages <= 5 * n, `${messages} messages`);
    });
  }

  it('takes a proposal and two votes to everybody in a clique', async () => {
    const { messages } = await messagesPerHeight({ n: 4, mode: 'clique' });
    assert.equal(messages, 3 + 2 * 4 * 3);
  });

  it('has every node look at a number of signatures that grows with n, not faster', async () => {
    const perNode = async (n: number): Promise<number> =>
      (await messagesPerHeight({ n, mode: 'star' })).verifications / n;
    const [small, large] = [await perNode(4), await perNode(31)];
    assert.ok(large / small <= 31 / 4 + 1, `${small} and ${large} for each node`);
  });

  it('is decided after 4 one-way delays in a star, and known to all after 5', async () => {
    const { first, last, interval } = await wanRun({ delayMs: 50, mode: 'star' });
    assert.deepEqual([first, last, interval].map(Math.round), [4, 5, 4]);
    assert.ok(last <= 5, `${last} delays`);
  });

  it('is decided after 3 one-way delays in a clique', async () => {
    const { first, last, interval } = await wanRun({ delayMs: 50, mode: 'clique' });
    assert.deepEqual([first, last, interval].map(Math.round), [3, 3, 3]);
    assert.ok(last <= 4, `${last} delays`);
  });
});
