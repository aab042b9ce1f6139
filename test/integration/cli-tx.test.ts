/** The program against a real node: a chain of one validator, coins sent, state exported. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { startOf } from '../../node/cli/genesis/start-of-chain.ts';
import { readGenesis } from '../../genesis/validate.ts';
import { accountText } from '../../node/base/address.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';
import { run, type Ran } from '../unit/cli/fake-terminal.ts';

const PASSWORD = 'correct horse';
const RECEIVER = accountText(new Uint8Array(20).fill(9));

describe('cli against a node', () => {
  let solo: SoloNode;

  const inHome = (words: string, answers: string[] = []): Promise<Ran> =>
    run([...words.split(' '), '--home', solo.folder], answers);
  const ask = (words: string): Promise<Ran> =>
    run([...words.split(' '), '--node', solo.url, '-o', 'json']);
  const send = (coins: string): Promise<Ran> =>
    inHome(`tx bank send alice ${RECEIVER} ${coins} --node ${solo.url} -y -b block`, [PASSWORD]);

  before(async () => {
    solo = await startSoloNode();
    await inHome('keys add alice --recover', [TEST_MNEMONIC, PASSWORD]);
  });

  after(() => solo.remove());

  it('sends coins with estimated gas, and the receiver has them', async () => {
    const { code, output, errors } = await send('5uscale');
    assert.equal(code, 0, errors);
    const { txhash: hash } = JSON.parse(output) as { txhash: string };
    const found = JSON.parse((await ask(`query tx ${hash}`)).output) as { txhash: string };
    assert.equal(found.txhash, hash);
    const balances = JSON.parse((await ask(`query balances ${RECEIVER}`)).output) as {
      balances: object[];
    };
    assert.deepEqual(balances.balances, [{ denom: 'uscale', amount: '5' }]);
  });

  it('says how final a payment of coins is: soft, as there is nothing to prove', async () => {
    const { txhash: hash } = JSON.parse((await send('1uscale')).output) as { txhash: string };
    const { code, output, errors } = await ask(`query settlement finality ${hash}`);
    assert.equal(code, 0, errors);
    const { finality, height, batches } = JSON.parse(output) as Record<string, unknown>;
    assert.deepEqual([finality, Number(height) > 1, batches], ['soft', true, []]);
    assert.equal((await ask(`query settlement finality 0x${hash.toLowerCase()}`)).output, output);
  });

  it('knows nothing of a transaction or intent that nobody made', async () => {
    const { code, output } = await ask(`query settlement finality ${'ab'.repeat(32)}`);
    assert.equal(code, 0);
    assert.equal((JSON.parse(output) as { finality: string }).finality, 'unknown');
    assert.equal((await ask('query settlement finality 12')).code, 64);
  });

  it('refuses a question about finality that cannot be read, in words', async () => {
    const path = '/bitscale.settlement.v1.Query/Finality';
    for (const data of ['', '0aff', '0a0101']) {
      const { code, errors } = await ask(`query abci ${path} --data=${data}`);
      assert.equal(code, 65);
      assert.match(errors, /rpc error: code = InvalidArgument/);
    }
  });

  it('answers every question about ledger and settlement', async () => {
    const key = '01'.repeat(32);
    const questions = ['params', 'tokens', 'quotes', 'root', `accounts ${key} ${key}`];
    for (const words of questions) {
      const { code, output, errors } = await ask(`query ledger ${words}`);
      assert.equal(code, 0, `${words}: ${errors}`);
      assert.equal(typeof JSON.parse(output), 'object');
    }
    for (const words of ['params', 'status', 'batch-finality 1']) {
      const { code, errors } = await ask(`query settlement ${words}`);
      assert.equal(code, 0, `${words}: ${errors}`);
    }
    const missing = ['ledger account 7', `ledger intent ${key}`, 'settlement batch 1'];
    for (const words of missing) assert.equal((await ask(`query ${words}`)).code, 65, words);
  });

  it('ends with code 65 when the node refuses, and says why', async () => {
    const { code, errors } = await send('5000000000000000uscale');
    assert.equal(code, 65);
    assert.match(errors, /insufficient funds/);
  });

  it('signs only for the chain it is told to', async () => {
    const words = `tx bank send alice ${RECEIVER} 1uscale --node ${solo.url} --chain-id other-1 -y`;
    const { code, errors } = await inHome(words, [PASSWORD]);
    assert.equal(code, 65);
    assert.match(errors, /solo-1, not other-1/);
  });

  it('exports the state once the node has stopped', async () => {
    assert.equal((await inHome('export')).code, 74);
    await solo.stop();
    const { code, output, errors } = await inHome('export --chain-id solo-2');
    assert.equal(code, 0, errors);
    const genesis = readGenesis(output);
    assert.ok(genesis.initialHeight > 2);
    assert.ok(output.includes(RECEIVER));
    const file = join(solo.folder, 'exported.json');
    writeFileSync(file, output);
    const checked = await run(['genesis', 'validate', file]);
    assert.equal(checked.code, 0, checked.errors);
    // Another chain can begin with it.
    assert.equal(startOf(genesis).chain_id, 'solo-2');
    const empty = await inHome('export --without-payments');
    assert.equal(empty.code, 0, empty.errors);
    assert.match(empty.errors, /stay behind/);
  });
});
