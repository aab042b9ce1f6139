import assert from 'node:assert/strict';
import { sha256 } from '../../../../node/base/hash.ts';
import { utf8 } from '../../../../node/base/bytes.ts';
import { timeFromNanos } from '../../../../node/base/time.ts';
import { blockAt } from '../../../support/application.ts';
import { LedgerChain } from '../ledger/chain.ts';
import { wallet } from '../ledger/support.ts';

/** An empty block; answers the lowest block that must be kept after it. */
async function retained(chain: LedgerChain, seconds = 1n): Promise<number> {
  chain.now += seconds;
  const time = timeFromNanos(chain.now * 1_000_000_000n);
  chain.app.finalizeBlock(blockAt(chain.app.info().height + 1, [], time));
  return (await chain.app.commit()).retainHeight;
}

describe('settlement/blocks to keep', () => {
  it('are all while a first batch waits, none while none does, and later those since the last final one', async () => {
    const chain = new LedgerChain({ maxAgeSeconds: 10n });
    const height = (): number => chain.app.info().height;
    assert.equal(await retained(chain), height());
    await chain.open(wallet(1), 1);
    assert.equal(await retained(chain), 1, 'the batch is open');
    assert.equal(await retained(chain, 20n), 1, 'the batch is sealed');
    const { rollingHash, height: sealedAt } = await chain.header(1n);
    const proven = { batch: 1n, rollingHash, txHash: sha256(utf8('l1')), l1Block: 9n };
    await chain.report({ proven: [proven] });
    assert.equal(await retained(chain), height(), 'the batch is final');
    await chain.open(wallet(2), 1);
    assert.equal(await retained(chain), Number(sealedAt));
    await retained(chain, 20n);
    assert.equal(await retained(chain), Number(sealedAt));
  });
});
