/** The program against a real node: a chain of one validator, coins sent, state exported. */
import assert from 'node:assert/strict';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
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
  const ask = (words: string): Promise<Ran> => run([...words.split(' '), '--node', solo.url]);
  const send = (coins: string): Promise<Ran> =>
    inHome(`tx bank send alice ${RECEIVER} ${coins} --node ${solo.url}`, [PASSWORD]);

  before(async () => {
    solo = await startSoloNode();
    await inHome('keys import alice', [TEST_MNEMONIC, PASSWORD]);
  });

  after(() => solo.remove());

  it('sends coins with estimated gas, and the receiver has them', async () => {
    const { code, output, errors } = await send('5uscale');
    assert.equal(code, 0, errors);
    const { tx_hash: hash } = JSON.parse(output) as { tx_hash: string };
    const found = JSON.parse((await ask(`query tx ${hash}`)).output) as { hash: string };
    assert.equal(found.hash, hash);
    const balances = JSON.parse((await ask(`query balances ${RECEIVER}`)).output) as {
      balances: object[];
    };
    assert.deepEqual(balances.balances, [{ denom: 'uscale', amount: '5' }]);
  });

  it('ends with code 65 when the node refuses, and says why', async () => {
    const { code, errors } = await send('5000000000000000uscale');
    assert.equal(code, 65);
    assert.match(errors, /insufficient funds/);
  });

  it('signs only for the chain it is told to', async () => {
    const words = `tx bank send alice ${RECEIVER} 1uscale --node ${solo.url} --chain-id other-1`;
    const { code, errors } = await inHome(words, [PASSWORD]);
    assert.equal(code, 65);
    assert.match(errors, /solo-1, not other-1/);
  });

  it('exports the state once the node has stopped', async () => {
    assert.equal((await inHome('export')).code, 74);
    await solo.stop();
    const { code, output, errors } = await inHome('export --chain-id solo-2');
    assert.equal(code, 0, errors);
    assert.ok(readGenesis(output).initialHeight > 2);
    assert.ok(output.includes(RECEIVER));
  });
});
