import assert from 'node:assert/strict';
import {
  statusBlock,
  statusLine,
  type NetworkStatus,
} from '../../../../node/cli/localnet/status.ts';

const STATUS: NetworkStatus = {
  nodes: [
    { height: 123_456, peers: 3 },
    { height: 123_456, peers: 3 },
    { height: 123_455, peers: 3 },
    { height: undefined, peers: 0 },
  ],
  softFinal: 123_456,
  txsPerSecond: 17.25,
  batches: {
    sealed: 12n,
    attested: 11n,
    final: 9n,
    openOperations: 2,
    nextDeposit: 4n,
    unprovenValue: '0',
  },
  proven: 10n,
  provers: ['proving 11', 'idle'],
};

describe('cli/localnet/status', () => {
  it('the block fits a terminal of 80 columns and tells everything', () => {
    const block = statusBlock(STATUS);
    for (const row of block) assert.ok(row.length < 80, row);
    const text = block.join('\n');
    for (const part of [
      'height 123456',
      '17.3 txs/s',
      '123456  123456  123455  down',
      '3  3  3  0',
      'sealed 12',
      'proven 10',
      'final 9',
      'proving 11',
    ]) {
      // prettier-ignore
      assert.ok(text.includes(part), part);
    }
  });

  it('the line for logs tells the same', () => {
    assert.equal(
      statusLine(STATUS),
      'soft-final height 123456 | nodes at 123456/123456/123455/down | peers 3/3/3/0 | 17.3 txs/s | ' +
        'batches sealed 12 / proven 10 / final 9 | provers proving 11, idle',
    );
  });

  it('says that L1 does not answer', () => {
    assert.match(statusBlock({ ...STATUS, proven: undefined }).join('\n'), /L1 does not answer/);
  });

  it('without L1 there are no batches and no provers', () => {
    const { batches: _, ...rest } = STATUS;
    const text = statusBlock({ ...rest, batches: undefined, provers: [] }).join('\n');
    assert.doesNotMatch(text, /batches|provers/);
  });
});
