import assert from 'node:assert/strict';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Bytes } from '../../../node/base/bytes.ts';
import { MAX_L1_FACTS_PER_MESSAGE } from '../../../node/base/limits.ts';
import { Attestor } from '../../../node/rollup/attestor.ts';
import type { AcceptedRun, QueuedDeposit } from '../../../node/rollup/l1-client.ts';
import { attestationDigest, signAttestation } from '../../../modules/settlement/attestation.ts';
import { MsgAttestBatch, MsgAttestL1 } from '../../../proto/gen/bitscale/settlement/v1/tx.ts';
import { LedgerChain, SHAPE } from '../modules/ledger/chain.ts';
import { wallet } from '../modules/ledger/support.ts';
import { CHAIN_ID } from '../../support/application.ts';
import { testLog } from './logger.ts';

const alice = wallet(1);

/** An attestor of validator 0 over a real application; the test decides what becomes of its transactions. */
async function setUp() {
  const chain = new LedgerChain({ shape: { ...SHAPE, slots: 2 } });
  const validator = chain.validators[0] ?? assert.fail();
  const sent: Bytes[] = [];
  const l1 = { deposits: [] as QueuedDeposit[], runs: [] as AcceptedRun[] };
  const pool = { code: 0, throws: false };
  const account = { accountNumber: 1n, sequence: 0n };
  const { lines, logger } = testLog();
  const attestor = new Attestor(
    {
      chainId: CHAIN_ID,
      address: validator.key.text,
      accountSecret: validator.key.secret,
      gasPriceMicro: 1_000n,
      feeDenom: 'uscale',
    },
    {
      chain: chain.ask,
      watcher: {
        deposits: (next, limit) => l1.deposits.filter(({ index }) => index >= next).slice(0, limit),
        finalRuns: (batch) => l1.runs.filter(({ last }) => last > batch),
      },
      pool: {
        add: (tx) => {
          if (pool.throws) throw new Error('mempool is full');
          if (pool.code === 0) sent.push(tx);
          return { code: pool.code, log: 'refused' };
        },
      },
      account: { read: async () => account },
      signer: {
        sign: (where, batch, rolling) =>
          signAttestation(attestationDigest(where, batch, rolling), validator.secret),
      },
      logger,
    },
  );
  /** The newest transaction gets into a block of the chain. */
  const include = async () => {
    const tx = sent.at(-1) ?? assert.fail('nothing was sent');
    const { txResults } = await chain.block([tx]);
    account.sequence++;
    return txResults[0] ?? assert.fail();
  };
  return { chain, attestor, sent, l1, pool, account, lines, include };
}

function contents(tx: Bytes | undefined) {
  const { bodyBytes, authInfoBytes } = TxRaw.decode(tx ?? assert.fail('nothing was sent'));
  const { messages } = TxBody.decode(bodyBytes);
  const of = (name: string) => messages.filter(({ typeUrl }) => typeUrl.endsWith(name));
  return {
    facts: of('MsgAttestL1').map(({ value }) => MsgAttestL1.decode(value)),
    batches: of('MsgAttestBatch').map(({ value }) => MsgAttestBatch.decode(value).batch),
    gas: AuthInfo.decode(authInfoBytes).fee?.gasLimit ?? 0n,
  };
}

describe('rollup/attestor', () => {
  it('reports final deposits and signs sealed batches in one transaction the chain accepts', async () => {
    const { chain, attestor, sent, l1, include } = await setUp();
    await chain.open(alice, 1);
    await chain.open(alice, 2);
    l1.deposits = [chain.nextDeposit(alice, 1, 5n)];
    await attestor.round(10);
    const { facts, batches } = contents(sent[0]);
    assert.equal(facts[0]?.deposits.length, 1);
    assert.deepEqual(batches, [1n]);
    const { code, log } = await include();
    assert.equal(code, 0, log);
  });

  it('has one transaction under way at a time', async () => {
    const { chain, attestor, sent, l1, include } = await setUp();
    l1.deposits = [chain.nextDeposit(alice, 1, 5n)];
    await attestor.round(10);
    l1.deposits.push(chain.nextDeposit(alice, 1, 6n));
    for (let height = 11; height < 20; height++) await attestor.round(height);
    assert.equal(sent.length, 1);
    await include();
    await attestor.round(20);
    assert.equal(sent.length, 2);
    assert.deepEqual(
      contents(sent[1]).facts[0]?.deposits.map(({ index }) => index),
      [1n],
    );
  });

  it('tells news once, and again only when the chain has not taken it for a while', async () => {
    const { chain, attestor, sent, l1, include } = await setUp();
    l1.deposits = [chain.nextDeposit(alice, 1, 5n)];
    await attestor.round(10);
    await include();
    for (let height = 11; height < 30; height++) await attestor.round(height);
    assert.equal(sent.length, 1);
    await attestor.round(30);
    assert.equal(sent.length, 2);
  });

  it('sends again what was in no block after its patience', async () => {
    const { chain, attestor, sent, l1 } = await setUp();
    await chain.open(alice, 1);
    await chain.open(alice, 2);
    l1.deposits = [chain.nextDeposit(alice, 1, 5n)];
    await attestor.round(10);
    await attestor.round(29);
    assert.equal(sent.length, 1);
    await attestor.round(30);
    assert.equal(sent.length, 2);
    assert.deepEqual(contents(sent[1]).batches, [1n]);
    assert.equal(contents(sent[1]).facts.length, 1);
  });

  it('signs a batch again when its transaction was in a block and came to nothing', async () => {
    const { chain, attestor, sent, account } = await setUp();
    await chain.open(alice, 1);
    await chain.open(alice, 2);
    await attestor.round(10);
    account.sequence++;
    for (let height = 11; height < 30; height++) await attestor.round(height);
    assert.equal(sent.length, 1);
    await attestor.round(30);
    assert.deepEqual(contents(sent[1]).batches, [1n]);
  });

  it('starts over when the own mempool refuses, and says so', async () => {
    const { chain, attestor, sent, l1, pool, lines } = await setUp();
    l1.deposits = [chain.nextDeposit(alice, 1, 5n)];
    pool.code = 19;
    await attestor.round(10);
    pool.throws = true;
    await attestor.round(11);
    assert.equal(sent.length, 0);
    assert.deepEqual(lines, Array(2).fill('warn: attestation not accepted by the own mempool'));
    Object.assign(pool, { code: 0, throws: false });
    await attestor.round(12);
    assert.equal(contents(sent[0]).facts[0]?.deposits.length, 1);
  });

  it('signs only the last batch of a block', async () => {
    const { chain, attestor, sent } = await setUp();
    const opens = [alice, wallet(2)].flatMap((owner) =>
      [1, 2, 3].map((token) => chain.tx([chain.register(owner, token)])),
    );
    await chain.block(opens);
    assert.equal((await chain.status()).sealed, 3n);
    await attestor.round(10);
    assert.deepEqual(contents(sent[0]).batches, [3n]);
  });

  it('keeps silent about runs the chain has not sealed itself', async () => {
    const { chain, attestor, sent, l1 } = await setUp();
    const word = new Uint8Array(32);
    const run = { first: 1n, last: 9n, rolling: word, txHash: word, l1Block: 1n, prover: '' };
    l1.runs = [run];
    await attestor.round(10);
    assert.equal(sent.length, 0);
    assert.equal((await chain.status()).sealed, 0n);
  });

  it('keeps to the size of a message and brings gas for all of its facts', async () => {
    const { chain, attestor, sent, l1, include } = await setUp();
    l1.deposits = Array.from({ length: 200 }, () => chain.nextDeposit(alice, 1, 1n));
    for (const { key } of chain.validators.slice(1, 3)) {
      const deposits = l1.deposits.slice(0, MAX_L1_FACTS_PER_MESSAGE);
      await chain.send(chain.attestL1({ deposits }, key), key);
    }
    await attestor.round(10);
    const { facts, gas } = contents(sent[0]);
    assert.equal(facts[0]?.deposits.length, MAX_L1_FACTS_PER_MESSAGE / 2);
    // The vote that decides each of them is the dearest.
    const { code, gasUsed } = await include();
    assert.equal(code, 0);
    assert.ok(gasUsed < gas);
    assert.equal((await chain.status()).nextDeposit, BigInt(MAX_L1_FACTS_PER_MESSAGE / 2));
  });

  it('brings gas for a run that makes many batches final at once', async () => {
    const { chain, attestor, sent, l1, include } = await setUp();
    for (let owner = 1; owner <= 20; owner++) {
      const opens = [1, 2, 3].map((token) => chain.tx([chain.register(wallet(owner), token)]));
      await chain.block(opens);
    }
    const { sealed: last } = await chain.status();
    assert.equal(last, 30n);
    const { rollingHash } = await chain.header(last);
    const txHash = new Uint8Array(32);
    l1.runs = [{ first: 1n, last, rolling: rollingHash, txHash, l1Block: 9n, prover: '' }];
    for (const { key } of chain.validators.slice(1, 3)) {
      const fact = { batch: last, rollingHash, txHash, l1Block: 9n };
      const { code } = await chain.send(chain.attestL1({ proven: [fact] }, key), key);
      assert.equal(code, 0);
    }
    await attestor.round(10);
    const { code, log, gasUsed } = await include();
    assert.equal(code, 0, log);
    assert.ok(gasUsed < contents(sent[0]).gas);
    assert.equal((await chain.status()).final, last);
  });
});
