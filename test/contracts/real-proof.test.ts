import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SnarkjsKey } from '../../contracts/tools/verifying-key.ts';
import { ledgerDomain, signIntent, type IntentFields } from '../../modules/ledger/intent.ts';
import * as ledger from '../../modules/ledger/index.ts';
import { publicKey, secretFromSeed } from '../../modules/ledger/schnorr.ts';
import { depositOperation, registerOperation } from '../../modules/ledger/transition.ts';
import type { Operation } from '../../modules/ledger/transition.ts';
import { fromHex, toHex } from '../../node/base/bytes.ts';
import { BUILD_TIMEOUT, buildProfile } from '../circuits/built-circuit.ts';
import { startAnvil, type Anvil } from './support/anvil.ts';
import * as reference from './support/batch-reference.ts';
import { LedgerBatches } from './support/ledger-batches.ts';
import { CHAIN_ID, RollupFixture, account, statements } from './support/rollup-fixture.ts';
import type { SubmittedRun } from './support/rollup-fixture.ts';

const SHAPE = { depth: 3, slots: 2, quotes: 1, feeTokens: 2 };
const RECIPIENT = account(7).address;
const secret = secretFromSeed(Uint8Array.of(1));
const alice = publicKey(secret);
const bob = publicKey(secretFromSeed(Uint8Array.of(2)));
const bytesOf = (hex: string): Uint8Array => fromHex(hex.replace(/^0x/, ''));

/** An intent of Alice, account 1, token 1. */
function intent(domain: bigint, fields: Partial<IntentFields>): Operation {
  const zero = { rIdx: 0n, tokenOut: 0n, amountOut: 0n, memo: 0n, expiry: 1n << 39n };
  const all = { op: 2n, sIdx: 1n, token: 1n, amount: 0n, fee: 0n, nonce: 0n, ...zero, ...fields };
  return { ...signIntent(domain, secret, alice, all), quoteIdx: 0n };
}

describe('contracts/real-proof', function () {
  this.timeout(BUILD_TIMEOUT);
  let anvil: Anvil;
  let fixture: RollupFixture;
  let scratch: string;
  let run: SubmittedRun;
  let batches: ledger.SealedBatch[];

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'bitscale-proof-'));
    anvil = await startAnvil();
    const folder = buildProfile('test');
    const vkey = JSON.parse(readFileSync(`${folder}vkey.json`, 'utf8')) as SnarkjsKey;
    const genesisRoot = LedgerBatches.genesisRoot(SHAPE.depth);
    const { slots, feeTokens } = SHAPE;
    fixture = await RollupFixture.deploy(anvil, {
      vkey,
      params: { slots, feeTokens, genesisRoot },
    });
    await fixture.deposit('TUSD', 1000n, alice);
    const built = { wasm: `${folder}batch_test.wasm`, zkey: `${folder}batch_test.zkey`, scratch };
    const history = new LedgerBatches(fixture.domain, SHAPE);
    batches = await sealAll(history);
    run = { prover: fixture.proverAddress, keyVersion: 1, oldRoot: genesisRoot, batches: [] };
    for (const batch of batches) {
      const proof = await history.prove(batch, ledger.batchChallenge(context(), batch), built);
      const { newRoot, commitment, publicWords } = batch;
      run.batches.push({ newRoot, commitment, proof, words: [...publicWords] });
    }
  });
  after(async () => {
    rmSync(scratch, { recursive: true });
    await anvil.stop();
  });

  const context = (): ledger.ChallengeContext => ({
    l1ChainId: fixture.l1ChainId,
    rollup: bytesOf(fixture.place.rollup),
    prover: bytesOf(fixture.proverAddress),
  });

  /** A deposit; a payment with a fee to an account that it opens; a withdrawal. */
  async function sealAll(history: LedgerBatches): Promise<ledger.SealedBatch[]> {
    const time = BigInt((await anvil.provider.getBlock('latest'))?.timestamp ?? 0);
    const { domain } = fixture;
    const payment = { rIdx: 2n, amount: 300n, fee: 25n, memo: 99n };
    const withdrawal = { op: 4n, amount: 100n, fee: 5n, nonce: 1n, memo: BigInt(RECIPIENT) };
    return [
      history.seal(time, [
        registerOperation({ rIdx: 1n, token: 1n, ...alice }),
        depositOperation({ rIdx: 1n, token: 1n, amount: 1000n, ...alice }),
      ]),
      history.seal(time, [
        registerOperation({ rIdx: 2n, token: 1n, ...bob }),
        intent(domain, payment),
      ]),
      history.seal(time, [intent(domain, withdrawal)]),
    ];
  }

  it('the ledger and the reference agree on domain, challenge, inputs and rolling hash', () => {
    const rollup = bytesOf(fixture.place.rollup);
    assert.equal(ledgerDomain(CHAIN_ID, fixture.l1ChainId, rollup), fixture.domain);
    let rolling: Uint8Array = new Uint8Array(32);
    let expected = `0x${'00'.repeat(32)}`;
    for (const [i, { statement, batch }] of statements(run).entries()) {
      const sealed = batches[i] ?? assert.fail();
      const z = ledger.batchChallenge(context(), sealed);
      const inputs = reference.publicInputs(fixture.domain, fixture.place, statement, batch.words);
      assert.deepEqual(ledger.publicInputs(fixture.domain, sealed, z), inputs);
      rolling = ledger.rollingHash(rolling, sealed);
      expected = reference.rollingHash(expected, statement, batch.words);
      assert.equal(`0x${toHex(rolling)}`, expected);
    }
  });

  it('the contract refuses proofs of the circuit for anything else than they prove', async () => {
    for (const batch of run.batches) {
      batch.commitment += 1n;
      await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
      batch.commitment -= 1n;
    }
  });

  it('the contract accepts a run that the circuit proved, and pays what it says', async () => {
    const receipt = await fixture.submit(run);
    console.log(`      gas of a run of 3 real batches: ${receipt.gasUsed}`);
    assert.equal((await fixture.tip()).root, batches.at(-1)?.newRoot);
    assert.equal((await fixture.bridge.getFunction('owed')(1, RECIPIENT))[0], 100n);
    assert.equal(await fixture.bridge.getFunction('backing')(1), 870n);
  });
});
