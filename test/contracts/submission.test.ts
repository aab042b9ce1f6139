import assert from 'node:assert/strict';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { R, forgeWithoutTrapdoor, prove, scalar, verifyingKey } from './support/known-key.ts';
import { TRAPDOOR } from './support/known-key.ts';
import { publicInputs, rollingHash } from './support/batch-reference.ts';
import {
  OWNER,
  RollupFixture,
  account,
  certificate,
  statements,
} from './support/rollup-fixture.ts';
import type { BatchWish } from './support/rollup-fixture.ts';

const RECIPIENT = '0x00000000000000000000000000000000000000AA';
const DEPOSIT = { kind: 'deposit', token: 1n, amount: 1000n, ...OWNER } as const;
/** One of everything that L1 sees. */
const FULL: BatchWish = {
  slots: [DEPOSIT, { kind: 'withdrawal', token: 1n, amount: 300n, recipient: RECIPIENT }],
  fees: [{ token: 1n, total: 25n }],
};

describe('contracts/submission', () => {
  let anvil: Anvil;
  let fixture: RollupFixture;
  let clean: string;

  before(async () => {
    anvil = await startAnvil();
    fixture = await RollupFixture.deploy(anvil);
    await fixture.deposit('TUSD', 1000n);
  });
  beforeEach(async () => {
    clean = await anvil.snapshot();
    fixture.prover.reset();
  });
  afterEach(() => anvil.revert(clean));
  after(() => anvil.stop());

  it('accepts a run of three batches; the rolling hash is the one of the specification', async () => {
    const run = await fixture.run([FULL, {}, {}]);
    await fixture.submit(run);
    const rolling = statements(run).reduce(
      (hash, { statement, batch }) => rollingHash(hash, statement, batch.words),
      `0x${'00'.repeat(32)}`,
    );
    const tip = await fixture.tip();
    assert.equal(tip.rolling, rolling);
    assert.equal(tip.root, run.batches[2]?.newRoot);
    assert.equal(tip.batchCount, 3n);
    assert.equal(tip.consumed, 1n);
  });

  it('signs intents for the domain of the specification', async () => {
    assert.equal(await fixture.rollup.getFunction('domain')(), fixture.domain);
  });

  it('refuses a submission with any one word of its calldata changed', async () => {
    const data = await fixture.calldata(await fixture.run([FULL, {}]));
    const right = { from: fixture.proverAddress, to: fixture.place.rollup, data };
    assert.equal(await fixture.refusal(right), undefined);
    const words = (data.length - 10) / 64;
    let checked = 0;
    for (let i = 0; i < words; i++) {
      const start = 10 + 64 * i;
      const word = BigInt(`0x${data.slice(start, start + 64)}`);
      for (const changed of [word ^ 1n, word ^ (1n << 255n), scalar(`word ${i}`)]) {
        const text = changed.toString(16).padStart(64, '0');
        const altered = data.slice(0, start) + text + data.slice(start + 64);
        const request = { from: fixture.proverAddress, to: fixture.place.rollup, data: altered };
        assert.notEqual(await fixture.refusal(request), undefined, `word ${i} of ${words}`);
        checked++;
      }
    }
    assert(checked > 200);
  }).timeout(120_000);

  it('refuses any changed word of a batch although the validators attest to the change', async () => {
    const run = await fixture.run([FULL, {}]);
    for (const batch of run.batches) {
      for (let i = 0; i < batch.words.length; i++) {
        const right = batch.words[i] ?? 0n;
        batch.words[i] = right ^ 1n;
        const data = await fixture.calldata(run);
        const request = { from: fixture.proverAddress, to: fixture.place.rollup, data };
        assert.notEqual(await fixture.refusal(request), undefined, `word ${i}`);
        batch.words[i] = right;
      }
    }
    await fixture.submit(run);
  });

  it('refuses a larger withdrawal than the proven one', async () => {
    const run = await fixture.run([FULL]);
    const words = run.batches[0]?.words as bigint[];
    words[4] = (words[4] ?? 0n) + (1n << 20n);
    await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
  });

  it('refuses a proof of nothing, an altered one, and one off the curve', async () => {
    const run = await fixture.run([{}, {}]);
    const batch = run.batches[1];
    assert(batch !== undefined);
    const { proof } = batch;
    const altered = proof.map((_, k) => proof.map((word, i) => (i === k ? word + 1n : word)));
    const other = prove([1n, 2n, 3n, 4n, 5n, 6n]);
    for (const bad of [Array<bigint>(8).fill(0n), other, ...altered]) {
      batch.proof = bad;
      await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
    }
  });

  it('refuses the forgery that a key with gamma = delta would accept', async () => {
    const run = await fixture.run([{}]);
    const batch = run.batches[0];
    const [{ statement } = assert.fail()] = statements(run);
    assert(batch !== undefined);
    const inputs = publicInputs(fixture.domain, fixture.place, statement, batch.words);
    const weak = verifyingKey({ ...TRAPDOOR, gamma: TRAPDOOR.delta });
    batch.proof = forgeWithoutTrapdoor(weak, inputs);
    await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
  });

  it('refuses valid proofs in the wrong order', async () => {
    const run = await fixture.run([{}, {}]);
    const [first, second] = run.batches;
    assert(first !== undefined && second !== undefined);
    [first.proof, second.proof] = [second.proof, first.proof];
    await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
  });

  it('refuses the submission of another, resent as it is or under the own name', async () => {
    const run = await fixture.run([{}]);
    await fixture.expectRefused('ProverMismatch', await fixture.calldata(run), 3);
    run.prover = account(3).address;
    await fixture.expectRefused('InvalidProof', await fixture.calldata(run), 3);
  });

  it('refuses another root than the current one, and the same batch again', async () => {
    const run = await fixture.run([{}]);
    const wrong = { ...run, oldRoot: run.oldRoot + 1n };
    fixture.prove(wrong);
    await fixture.expectRefused('StaleRoot', await fixture.calldata(wrong));
    fixture.prove(run);
    const data = await fixture.calldata(run);
    await fixture.submit(run);
    await fixture.expectRefused('StaleRoot', data);
  });

  it('refuses a proof from another root although the run names the current one', async () => {
    const run = await fixture.run([{}]);
    const elsewhere = { ...run, oldRoot: run.oldRoot + 1n, batches: run.batches };
    fixture.prove(elsewhere);
    await fixture.expectRefused('InvalidProof', await fixture.calldata(run));
  });

  it('refuses an empty run, and batch numbers that do not follow', async () => {
    await fixture.expectRefused('EmptyRun', await fixture.calldata(await fixture.run([])));
    const run = await fixture.run([{}, {}]);
    run.batches.shift();
    fixture.prove(run);
    await fixture.expectRefused('BatchNumber', await fixture.calldata(run));
  });

  it('refuses scalars of the order of the group and above, and the zero root', async () => {
    const cases: [
      string,
      (batch: { newRoot: bigint; commitment: bigint; words: bigint[] }) => void,
    ][] = [
      ['FieldOverflow', (batch) => (batch.newRoot += R)],
      ['FieldOverflow', (batch) => (batch.commitment += R)],
      ['FieldOverflow', (batch) => (batch.words[2] = (batch.words[2] ?? 0n) + R)],
      ['FieldOverflow', (batch) => (batch.words[9] = R)],
      ['WordOutOfRange', (batch) => (batch.words[0] = (batch.words[0] ?? 0n) + (1n << 248n))],
      ['WordOutOfRange', (batch) => (batch.words[1] = (batch.words[1] ?? 0n) + (1n << 248n))],
      ['WordOutOfRange', (batch) => (batch.words[13] = (batch.words[13] ?? 0n) + (1n << 248n))],
      ['ZeroRoot', (batch) => (batch.newRoot = 0n)],
    ];
    for (const [name, spoil] of cases) {
      const run = await fixture.run([FULL]);
      spoil(run.batches[0] ?? assert.fail());
      fixture.prove(run);
      await fixture.expectRefused(name, await fixture.calldata(run));
    }
  });

  it('refuses too few attestations, the same one twice, and ones for other batches', async () => {
    const run = await fixture.run([{}]);
    const digest = await fixture.digest(run);
    const cases: [string, number[]][] = [
      ['NoQuorum', []],
      ['NoQuorum', [0, 1, 2]],
      ['DuplicateSigner', [3, 3]],
      ['DuplicateSigner', [0, 3, 3]],
      ['SignerOrder', [3, 2]],
    ];
    for (const [name, signers] of cases) {
      const data = await fixture.calldata(run, certificate(digest, signers));
      await fixture.expectRefused(name, data);
    }
    const other = await fixture.certify(await fixture.run([{}, {}]));
    await fixture.expectRefused('WrongSigner', await fixture.calldata(run, other));
  });

  it('refuses a set of validators other than the stored one', async () => {
    const run = await fixture.run([{}]);
    const seals = await fixture.certify(run);
    const members = seals.members.map((member) => ({ ...member, power: 1n }));
    const data = await fixture.calldata(run, { ...seals, members });
    await fixture.expectRefused('UnknownValidatorSet', data);
  });

  it('refuses batch times in the future and backwards', async () => {
    const now = BigInt((await anvil.provider.getBlock('latest'))?.timestamp ?? 0);
    const late = await fixture.run([{ time: now + 3600n }]);
    await fixture.expectRefused('BatchTime', await fixture.calldata(late));
    const back = await fixture.run([{ time: now - 5n }, { time: now - 6n }]);
    await fixture.expectRefused('BatchTime', await fixture.calldata(back));
  });
});
