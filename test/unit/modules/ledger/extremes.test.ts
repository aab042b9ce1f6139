/** Nothing that a user can send stops the chain: whatever is refused is refused by a code. */
import assert from 'node:assert/strict';
import { bigIntToBytes, type Bytes } from '../../../../node/base/bytes.ts';
import { FIELD } from '../../../../modules/ledger/field.ts';
import { intentToWire, quoteToWire } from '../../../../modules/ledger/codec.ts';
import { OP_CONVERT, OP_TRANSFER, OP_WITHDRAW } from '../../../../modules/ledger/intent.ts';
import { MsgPostQuotes, MsgSubmitIntents } from '../../../../proto/gen/bitscale/ledger/v1/tx.ts';
import type { L1Deposit } from '../../../../proto/gen/bitscale/settlement/v1/types.ts';
import { encoded, LATER, LedgerChain, SHAPE, type Message } from './chain.ts';
import { random, wallet } from './support.ts';

const SEED = Number(process.env['SEED'] ?? 20261121);
const MAX64 = (1n << 64n) - 1n;
const WIDE = [1n, 2n, 1_000n, 1n << 32n, 1n << 63n, MAX64 - 1n, MAX64];
const INDICES = [1n, 2n, 3n, 4n, 4n, 5n, 0n, 63n, 64n, 0xffffffffn];
const TOKENS = [1n, 1n, 2n, 2n, 3n, 0n, 0xffffn];
const EXPIRIES = [LATER, LATER, LATER, 0n, (1n << 40n) - 1n];
const NONCES = [0n, 0n, 1n, 2n, (1n << 40n) - 1n];
const alice = wallet(1);
const provider = wallet(3);

/** All the money there can be: Alice 1 (token 1), 2 (token 2); provider 3 (token 1), 4 (token 2). */
async function rich(): Promise<LedgerChain> {
  const chain = new LedgerChain({ shape: { ...SHAPE, slots: 3 } });
  await chain.fund(alice, 1, MAX64);
  await chain.open(alice, 2);
  await chain.open(provider, 1);
  await chain.fund(provider, 2, MAX64);
  return chain;
}

describe('ledger/extremes', function () {
  this.timeout(60_000);
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;

  async function nonces(chain: LedgerChain): Promise<(index: bigint) => bigint> {
    const found = new Map<bigint, bigint>();
    for (const line of chain.dump('ledger').split('\n')) {
      const match = /^10([0-9a-f]{8})=(?:[0-9a-f]{128})([0-9a-f]{64})$/.exec(line);
      if (!match) continue;
      const word = BigInt(`0x${match[2]}`);
      found.set(BigInt(`0x${match[1]}`), (word >> 64n) & ((1n << 40n) - 1n));
    }
    return (index) => found.get(index) ?? 0n;
  }

  it(`survives signed intents and quotes at the edges of every range (seed ${SEED})`, async () => {
    const chain = await rich();
    const codes = new Set<number>();
    let quoteId = '';
    for (let round = 0; round < 250; round++) {
      const nonceOf = await nonces(chain);
      const nonce = (index: bigint): bigint => (next(5) === 0 ? pick(NONCES) : nonceOf(index));
      let message: Message;
      if (next(4) === 0) {
        const outIdx = pick([4n, 4n, ...INDICES]);
        const { id, quote } = chain.quote(provider, {
          ...{ inIdx: pick([3n, 3n, 1n, ...INDICES]), outIdx, nonce: nonce(outIdx) },
          ...{ tokenIn: pick([1n, ...TOKENS]), tokenOut: pick([2n, ...TOKENS]) },
          ...{ num: pick(WIDE), den: pick(WIDE), max: pick(WIDE) },
          ...{ uses: pick([1n, 0xffffn]), expiry: pick(EXPIRIES) },
        });
        message = chain.post(quote);
        quoteId = id;
      } else {
        const op = pick([OP_TRANSFER, OP_CONVERT, OP_CONVERT, OP_WITHDRAW]);
        const sIdx = pick([1n, 1n, 2n, ...INDICES]);
        const amount = pick(WIDE);
        message = chain.submit(
          chain.sign(pick([alice, alice, provider]), {
            ...{ op, sIdx, amount, nonce: nonce(sIdx), token: pick([1n, ...TOKENS]) },
            ...{ fee: pick([0n, 0n, ...WIDE]), expiry: pick(EXPIRIES) },
            rIdx: op === OP_WITHDRAW ? 0n : pick(INDICES),
            memo: op === OP_WITHDRAW ? (1n << 160n) - 1n : (1n << 248n) - 1n,
            ...(op === OP_CONVERT && { tokenOut: 2n, amountOut: pick([amount, ...WIDE]), quoteId }),
          }),
        );
      }
      codes.add((await chain.send(message)).code);
    }
    await chain.block([], 10_000n);
    assert.ok(codes.has(0) && codes.size >= 8, [...codes].join());
  });

  const BYTES: (Bytes | undefined)[] = [
    ...[undefined, new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32)],
    ...[0n, 1n, FIELD - 1n, FIELD, (1n << 256n) - 1n].map((value) => bigIntToBytes(value, 32)),
  ];

  /** The same message with one to three of its fields at the edge of what the wire can carry. */
  function bent<T extends object>(message: T): T {
    const out = { ...message } as Record<string, unknown>;
    for (let i = next(3); i >= 0; i--) {
      const name = pick(Object.keys(out));
      const value = out[name];
      if (typeof value === 'number') out[name] = pick([0, 1, 16, 0xffff, 0x10000, 0xffffffff]);
      else if (typeof value === 'bigint')
        out[name] = pick([0n, (1n << 40n) - 1n, 1n << 40n, MAX64]);
      else if (typeof value === 'string') out[name] = pick(['', 'zz', 'ab'.repeat(32), 'é']);
      else if (value instanceof Uint8Array) out[name] = pick(BYTES) ?? new Uint8Array(0);
      else if (value && typeof value === 'object')
        out[name] = next(4) === 0 ? undefined : bent(value);
    }
    return out as T;
  }

  it(`survives any fields that the wire can carry (seed ${SEED})`, async () => {
    const chain = await rich();
    const intent = intentToWire(chain.sign(alice, { sIdx: 1n, rIdx: 3n, amount: 5n }));
    const quote = quoteToWire(chain.quote(provider, { inIdx: 3n, outIdx: 4n }).quote);
    const submitter = chain.relayer.text;
    const codes = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const intents = { submitter, intents: [bent(intent), bent(intent)] };
      const quotes = { submitter, quotes: [bent(quote)] };
      const { txResults } = await chain.block([
        chain.tx([encoded('ledger.v1.MsgSubmitIntents', MsgSubmitIntents, intents)]),
        chain.tx([encoded('ledger.v1.MsgPostQuotes', MsgPostQuotes, quotes)]),
      ]);
      for (const { codespace, code } of txResults) codes.add(`${codespace}/${code}`);
    }
    assert.ok(codes.has('ledger/2') && codes.has('ledger/3'), [...codes].join());
  });

  it(`survives whatever validators agree on about L1 (seed ${SEED})`, async () => {
    for (let round = 0; round < 30; round++) {
      const chain = new LedgerChain({ shape: { ...SHAPE, depth: 1, slots: 2 } });
      const deposits: L1Deposit[] = Array.from({ length: 4 }, () =>
        bent(chain.nextDeposit(alice, 1, MAX64)),
      );
      const txs = chain.validators.map(({ key }) =>
        chain.tx([chain.attestL1({ deposits }, key)], key),
      );
      await chain.block(txs);
      await chain.block([], 10_000n);
    }
  });
});
