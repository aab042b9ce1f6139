/** Coins neither appear nor vanish, whatever is sent in whatever order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MsgMultiSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import type { Bytes } from '../../../../node/base/bytes.ts';
import { toHex } from '../../../../node/base/bytes.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';

const SEED = 424_242;
const keys = ['alice', 'bob', 'carol', 'dave'].map((name) => testKey(name));

interface Step {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly split: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  from: fc.nat(keys.length - 1),
  // The last is an account that does not exist yet.
  to: fc.nat(keys.length),
  amount: fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 1_200_000_000_000n)),
  split: fc.boolean(),
});

function messageOf({ from, to, amount, split }: Step) {
  const payer = keys[from] as TestKey;
  const payee = keys[to] ?? testKey('newcomer');
  if (!split) return sendMessage(payer, payee.text, String(amount));
  const coins = (value: bigint) => [{ denom: 'uscale', amount: String(value) }];
  const message = MsgMultiSend.fromPartial({
    inputs: [{ address: payer.text, coins: coins(amount) }],
    outputs: [
      { address: payee.text, coins: coins(amount / 2n) },
      { address: payer.text, coins: coins(amount - amount / 2n) },
    ],
  });
  return {
    typeUrl: '/cosmos.bank.v1beta1.MsgMultiSend',
    value: MsgMultiSend.encode(message).finish(),
  };
}

async function run(steps: readonly Step[], perBlock: number) {
  const { app } = testApplication();
  app.initChain(initRequest(genesisFor(keys)));
  await runBlock(app, []);
  const sequences = keys.map(() => 0n);
  const txs: Bytes[] = steps.map((one) => {
    const sequence = sequences[one.from] as bigint;
    sequences[one.from] = sequence + 1n;
    const key = keys[one.from] as TestKey;
    return signTx({ messages: [messageOf(one)], key, accountNumber: BigInt(one.from), sequence });
  });
  for (let at = 0; at < txs.length; at += perBlock) {
    await runBlock(app, txs.slice(at, at + perBlock));
    assert.deepEqual(app.brokenInvariants(), []);
  }
  return app;
}

function totalOf(genesis: Record<string, unknown>): bigint {
  const { balances } = genesis['bank'] as { balances: { coins: { amount: string }[] }[] };
  return balances.flatMap(({ coins }) => coins).reduce((sum, c) => sum + BigInt(c.amount), 0n);
}

describe('bank/conservation', () => {
  it('keeps the sum of all balances and the supply through any sends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (steps, size) => {
          const app = await run(steps, size);
          assert.equal(totalOf(app.exportGenesis()), BigInt(keys.length) * 1_000_000_000_000n);
        },
      ),
      { seed: SEED, numRuns: 40 },
    );
  });

  it('gives every node the same app hash for the same blocks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const [a, b] = [await run(steps, 3), await run(steps, 3)];
        assert.equal(toHex(a.info().appHash), toHex(b.info().appHash));
      }),
      { seed: SEED, numRuns: 15 },
    );
  });
});
