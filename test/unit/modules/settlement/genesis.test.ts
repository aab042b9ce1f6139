import assert from 'node:assert/strict';
import { createApplication } from '../../../../node/chain.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { initRequest } from '../../../support/application.ts';
import { LedgerChain, L1, SHAPE } from '../ledger/chain.ts';
import { DOMAIN, wallet } from '../ledger/support.ts';

type Genesis = Record<string, Record<string, unknown>>;

/** What a chain like that of the tests says about itself. */
async function exported(): Promise<Genesis> {
  const chain = new LedgerChain();
  await chain.fund(wallet(1), 1, 5n);
  return chain.app.exportGenesis() as Genesis;
}

describe('settlement and ledger/genesis', () => {
  it('exports parameters, tokens and validators in the form that it reads', async () => {
    const { ledger, settlement } = await exported();
    assert(ledger && settlement);
    const { feeTokens, ...shape } = SHAPE;
    assert.deepEqual(ledger['shape'], { ...shape, fee_tokens: feeTokens });
    assert.equal(BigInt(`0x${String(ledger['domain'])}`), DOMAIN);
    assert.equal((ledger['tokens'] as unknown[]).length, 3);
    assert.equal((settlement['validators'] as unknown[]).length, 4);
    const params = settlement['params'] as Record<string, string>;
    assert.equal(params['l1_chain_id'], String(L1.chainId));
  });

  it('begins a chain from what another exported, and exports the same again', async () => {
    const { ledger, settlement } = await exported();
    const options = { chainId: 'test-1', version: '0.1.0', minGasPrices: [], keepRecent: 0 };
    const app = createApplication({ db: new MemoryDb(), ...options });
    app.initChain(initRequest({ ledger, settlement }));
    const again = app.exportGenesis() as Genesis;
    assert.deepEqual([again['ledger'], again['settlement']], [ledger, settlement]);
  });

  const wrong: [string, (genesis: Genesis) => void, RegExp][] = [
    ['no ledger', (g) => delete g['ledger'], /app_state\.ledger is missing/],
    ['no settlement', (g) => delete g['settlement'], /app_state\.settlement is missing/],
    ['a domain of 0', (g) => (g['ledger']!['domain'] = '00'.repeat(32)), /not a field element/],
    [
      'a domain too large',
      (g) => (g['ledger']!['domain'] = 'ff'.repeat(32)),
      /not a field element/,
    ],
    ['no slots', (g) => (g['ledger']!['shape'] = { ...shapeOf(g), slots: 0 }), /slots: 1 to/],
    [
      'a deep tree',
      (g) => (g['ledger']!['shape'] = { ...shapeOf(g), depth: 16 }),
      /depth: 1 to 15/,
    ],
    ['half a row', (g) => (g['ledger']!['shape'] = { ...shapeOf(g), quotes: 1.5 }), /quotes: 1 to/],
    ['token 0', (g) => (g['ledger']!['tokens'] = [token(0)]), /tokens: id 0/],
    ['token 0xff00', (g) => (g['ledger']!['tokens'] = [token(0xff00)]), /tokens: id 65280/],
  ];
  const shapeOf = (genesis: Genesis) => genesis['ledger']?.['shape'] as object;
  const token = (id: number) => ({ id, symbol: 'X', decimals: 6 });
  for (const [name, change, reason] of wrong) {
    it(`refuses ${name}`, async () => {
      const genesis = await exported();
      change(genesis);
      const options = { chainId: 'test-1', version: '0.1.0', minGasPrices: [], keepRecent: 0 };
      const app = createApplication({ db: new MemoryDb(), ...options });
      const { ledger, settlement } = genesis;
      const state = { ...(ledger && { ledger }), ...(settlement && { settlement }) };
      assert.throws(() => app.initChain(initRequest(state)), reason);
    });
  }
});
