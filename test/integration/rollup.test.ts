/**
 * Random batches from the ledger's transition through the circuit to the contract: the application seals
 * them, real proofs are made of them, and the Rollup contract on anvil ends at the same roots.
 */
import assert from 'node:assert/strict';
import { bytesToBigInt } from '../../node/base/bytes.ts';
import type { Prover } from '../../node/rollup/prover.ts';
import type { ProvenBatch } from '../../node/rollup/submitter.ts';
import { hashId, intentHash, OP_CONVERT, OP_WITHDRAW } from '../../modules/ledger/intent.ts';
import type { QueryAttestationsResponse } from '../../proto/gen/bitscale/settlement/v1/query.ts';
import { BUILD_TIMEOUT } from '../circuits/built-circuit.ts';
import { account } from '../contracts/support/rollup-fixture.ts';
import { random, wallet } from '../unit/modules/ledger/support.ts';
import { RollupStage } from './rollup-stage.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const MERCHANT = account(7).address;
const alice = wallet(1);
const bob = wallet(2);
const provider = wallet(3);
const signal = new AbortController().signal;
const EUR_UNIT = 10n ** 12n;

describe('integration/rollup', function () {
  this.timeout(BUILD_TIMEOUT);
  const next = random(SEED);
  const amount = (below: number): bigint => BigInt(1 + next(below));
  let stage: RollupStage;
  /** Runs that a prover wanted to send, with their certificates. */
  const runs: { run: readonly ProvenBatch[]; seals: QueryAttestationsResponse }[] = [];
  let prover: Prover;
  let held = true;
  let withdrawn = 0n;
  let payment = '';

  before(async () => {
    stage = await RollupStage.open();
  });
  after(() => stage.close());

  /** Alice 1 (TUSD), provider 2 (TEUR), provider 3 (TUSD), Bob 4 (TEUR). */
  async function history(): Promise<void> {
    const { chain, fixture } = stage;
    await fixture.deposit('TUSD', 5_000n + amount(5_000), alice.key);
    await fixture.deposit('TEUR', (5_000n + amount(5_000)) * EUR_UNIT, provider.key);
    await stage.finalize();
    await stage.report();
    assert.equal((await chain.status()).sealed, 2n);
    assert.equal(await chain.open(provider, 1), 3n);
    assert.equal(await chain.open(bob, 2), 4n);
    const [num, den] = [amount(1_000), 1_000n];
    const { id, quote } = chain.quote(provider, { inIdx: 3n, outIdx: 2n, num, den });
    assert.equal((await chain.send(chain.post(quote))).code, 0);
    const paid = 1_000n + amount(2_000);
    const converts = { op: OP_CONVERT, sIdx: 1n, rIdx: 4n, tokenOut: 2n, quoteId: id };
    const convert = chain.sign(alice, {
      ...{ ...converts, amount: paid, amountOut: (paid * num) / den, fee: amount(9) },
    });
    payment = hashId(intentHash(chain.domain, convert));
    withdrawn = amount(500);
    const memo = BigInt(MERCHANT);
    const leave = { op: OP_WITHDRAW, sIdx: 1n, amount: withdrawn, fee: amount(9), memo, nonce: 1n };
    const results = await chain.intents(convert, chain.sign(alice, leave));
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0],
    );
    assert.equal((await chain.status()).sealed, 4n);
  }

  const wordsChanged = (batch: ProvenBatch, at: number): ProvenBatch => ({
    ...batch,
    batch: {
      ...batch.batch,
      publicWords: batch.batch.publicWords.map((word, i) => (i === at ? word + 1n : word)),
    },
  });

  it(`proves four different batches with real proofs (seed ${SEED})`, async () => {
    await history();
    await stage.attest();
    prover = stage.prover({
      submit: async (run, seals) => {
        runs.push({ run, seals });
        if (held) throw new Error('held back by the test');
        return stage.submitter(1).submit(run, seals);
      },
    });
    for (let i = 0; i < 4; i++) assert.equal(await prover.round(signal), true);
    await prover.round(signal);
    assert.deepEqual(
      runs[0]?.run.map(({ batch }) => batch.number),
      [1n, 2n, 3n, 4n],
    );
  });

  it('has every altered proof, word and certificate refused before it is sent', async () => {
    const { run, seals } = runs[0] ?? assert.fail();
    await refusals(run, seals);
  });

  it('has the batches accepted in one run, at the roots that the ledger computed', async () => {
    held = false;
    assert.equal(await prover.round(signal), true);
    const { root, rolling, batchCount } = await stage.l1.tip();
    const header = await stage.chain.header(4n);
    assert.equal(batchCount, 4n);
    assert.equal(root, bytesToBigInt(header.newRoot));
    assert.deepEqual(rolling, header.rollingHash);
  });

  /** Nothing of these reaches the chain: the estimate already names the reason. */
  async function refusals(
    run: readonly ProvenBatch[],
    seals: QueryAttestationsResponse,
  ): Promise<void> {
    const [first, second, ...rest] = run;
    assert(first && second);
    const spent = await stage.anvil.provider.getTransactionCount(account(1).address);
    const refused = async (
      reason: string,
      bad: readonly ProvenBatch[],
      by = stage.submitter(1),
      certificate = seals,
    ): Promise<void> => {
      await assert.rejects(by.submit(bad, certificate), new RegExp(`^Error: (${reason})$`));
    };
    await refused('InvalidProof', [{ ...first, proof: second.proof }, second, ...rest]);
    const { commitment, newRoot } = second.batch;
    const change = (part: object) => ({ ...second, batch: { ...second.batch, ...part } });
    await refused('NoQuorum|WrongSigner', [
      first,
      change({ commitment: commitment + 1n }),
      ...rest,
    ]);
    await refused('NoQuorum|WrongSigner', [first, change({ newRoot: newRoot + 1n }), ...rest]);
    for (const [at] of first.batch.publicWords.entries()) {
      const tried = stage.submitter(1).submit([wordsChanged(first, at), second, ...rest], seals);
      await assert.rejects(tried, /^Error: [A-Z][A-Za-z]+$/, `public word ${at}`);
    }
    await refused('ProverMismatch', run, stage.submitter(5, account(1).address));
    await refused('InvalidProof', run, stage.submitter(5));
    await refused('StaleRoot|BatchNumber', [second, ...rest]);
    const unsigned = seals.validators.map((one, i) =>
      i === 3 ? { ...one, signature: new Uint8Array(0) } : one,
    );
    await refused('NoQuorum', run, stage.submitter(1), { ...seals, validators: unsigned });
    assert.equal(await stage.anvil.provider.getTransactionCount(account(1).address), spent);
  }

  it('pays on L1 what was withdrawn, and cannot be replayed', async () => {
    const owed = stage.fixture.bridge.getFunction('owed');
    assert.equal((await owed(1, MERCHANT))[0], withdrawn);
    const { run, seals } = runs[0] ?? assert.fail();
    await assert.rejects(stage.submitter(1).submit(run, seals), /StaleRoot/);
  });

  it('tells a payment soft, then proven, then final, as L1 and the validators see it', async () => {
    const ask = async (): Promise<string> => {
      const request = { intentId: payment, txHash: new Uint8Array(0) };
      return (await stage.finality.finality(request)).finality;
    };
    assert.equal(await ask(), 'soft');
    await stage.watcher.poll();
    assert.equal(await ask(), 'proven');
    await stage.finalize();
    assert.equal(await ask(), 'proven');
    await stage.report();
    assert.equal(await ask(), 'final');
    assert.equal((await stage.chain.status()).final, 4n);
    assert.equal((await stage.chain.status()).unprovenValue, '0');
  });
});
