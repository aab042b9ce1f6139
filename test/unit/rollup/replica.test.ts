/** A chain that serves wrong contents is noticed before anything is proved. */
import assert from 'node:assert/strict';
import { InvariantError } from '../../../node/base/errors.ts';
import { BATCH_DATA } from '../../../node/rollup/queries.ts';
import { ProverReplica } from '../../../node/rollup/replica.ts';
import { BatchData } from '../../../proto/gen/bitscale/settlement/v1/types.ts';
import { LedgerChain, SHAPE } from '../modules/ledger/chain.ts';
import { DOMAIN, wallet } from '../modules/ledger/support.ts';

const alice = wallet(1);
const SMALL = { ...SHAPE, slots: 2 };

describe('rollup/replica', () => {
  const served: BatchData[] = [];

  /** Three batches: two accounts, a deposit with its account, and payments. */
  before(async () => {
    const chain = new LedgerChain({ shape: SMALL });
    await chain.fund(alice, 1, 900n);
    await chain.open(wallet(2), 1);
    const pay = { sIdx: 1n, rIdx: 2n, amount: 10n, fee: 1n };
    for (const nonce of [0n, 1n, 2n]) await chain.intents(chain.sign(alice, { ...pay, nonce }));
    assert.equal((await chain.status()).sealed, 3n);
    for (let number = 1n; number <= 3n; number++) {
      const { batch } = await chain.ask.query(BATCH_DATA, { number });
      served.push(batch ?? assert.fail());
    }
  });

  const copy = (index: number) => {
    const { header, content } = BatchData.decode(
      BatchData.encode(served[index] ?? assert.fail()).finish(),
    );
    assert(header && content);
    return { header, content };
  };

  /** A replica after the first batch. */
  function replica(): ProverReplica {
    const made = new ProverReplica(DOMAIN, SMALL);
    made.advance(copy(0));
    return made;
  }

  it('follows honest contents', () => {
    const honest = replica();
    honest.advance(copy(1));
    honest.advance(copy(2));
    assert.equal(honest.batch, 3n);
  });

  const lies: [string, (batch: ReturnType<typeof copy>) => void, RegExp][] = [
    [
      'another amount',
      ({ content }) => {
        const intent = content.operations[1]?.intent;
        if (intent) intent.amount += 1n;
      },
      /not what the header commits to/,
    ],
    [
      'an operation left out',
      ({ content }) => void content.operations.pop(),
      /not what the header commits to/,
    ],
    [
      'another fee total',
      ({ content }) => {
        const [fee] = content.fees;
        if (fee) fee.total += 1n;
      },
      /not what the header commits to/,
    ],
    [
      'another time',
      ({ content }) => {
        content.time += 1n;
      },
      /not what the header commits to/,
    ],
    [
      'another new root',
      ({ header }) => {
        header.newRoot = new Uint8Array(32).fill(1);
      },
      /disagrees with the root/,
    ],
    [
      'another old root',
      ({ header }) => {
        header.oldRoot = new Uint8Array(32).fill(1);
      },
      /not at the root before/,
    ],
  ];
  for (const [name, change, reason] of lies) {
    it(`notices ${name}`, () => {
      const batch = copy(1);
      change(batch);
      assert.throws(
        () => replica().advance(batch),
        (error) => error instanceof InvariantError && reason.test(error.message),
      );
    });
  }

  it('notices a batch out of order', () => {
    assert.throws(() => replica().advance(copy(2)), /expected batch 2/);
    assert.throws(() => replica().advance(copy(0)), /expected batch 2/);
  });
});
