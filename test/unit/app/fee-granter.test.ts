/** A fee that another account pays because it allows it. */
import assert from 'node:assert/strict';
import type { FeeUse } from '../../../node/app/expected.ts';
import { OutOfGasError } from '../../../node/app/gas.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { NOT_FOUND } from '../../../node/base/sdk-errors.ts';
import {
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testKey,
} from '../../support/application.ts';

const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];

const tx = (granter: string) =>
  signTx({
    messages: [sendMessage(alice, bob.text, '5')],
    key: alice,
    accountNumber: 0n,
    sequence: 0n,
    granter,
  });

function started(use?: (use: FeeUse) => void) {
  const allowances = use ? { use: (_: unknown, asked: FeeUse) => use(asked) } : null;
  return startedApplication([alice, bob, carol], { allowances });
}

describe('app/fee granter', () => {
  it('pays what it allows, and is named as the payer', async () => {
    const asked: FeeUse[] = [];
    const { app } = await started((use) => asked.push(use));
    const { txResults } = await runBlock(app, [tx(carol.text)]);
    const [result] = txResults;
    assert.equal(result?.code, 0, result?.log);
    const payer = result?.events.flatMap(({ attributes }) => attributes);
    assert.equal(payer?.find(({ key }) => key === 'fee_payer')?.value, carol.text);
    const state = JSON.stringify(app.exportGenesis());
    assert.match(state, new RegExp(`${carol.text}","coins":\\[.{0,40}"999999999000"`));
    assert.match(state, new RegExp(`${alice.text}","coins":\\[.{0,40}"999999999995"`));
    assert.deepEqual(asked[0]?.granter, carol.address);
    assert.deepEqual(asked[0]?.grantee, alice.address);
    assert.deepEqual(asked[0]?.fee, [{ denom: 'uscale', amount: 1000n }]);
    assert.equal(asked[0]?.msgs[0]?.handler.typeUrl, '/cosmos.bank.v1beta1.MsgSend');
  });

  it('is named with the payer, as text, when it does not allow the fee', async () => {
    const { app } = await started(() => {
      throw new BitscaleError(NOT_FOUND, 'fee-grant not found');
    });
    const { code, codespace, log } = app.checkTx(tx(carol.text), 'new');
    const text = `${carol.text} does not allow to pay fees for ${alice.text}`;
    const expected = [38, 'sdk', `${text}: fee-grant not found: not found`];
    assert.deepEqual([code, codespace, log], expected);
  });

  it('needs no allowance for the payer itself', async () => {
    const { app } = await started(() => assert.fail('asked'));
    assert.equal(app.checkTx(tx(alice.text), 'new').code, 0);
  });

  it('answers out of gas as such', async () => {
    const { app } = await started(() => {
      throw new OutOfGasError('ReadFlat', 1n, 2n);
    });
    assert.match(app.checkTx(tx(carol.text), 'new').log, /^out of gas in location: ReadFlat/);
  });

  it('is refused on a chain without fee grants', async () => {
    const { app } = await started();
    const { code, log } = app.checkTx(tx(carol.text), 'new');
    assert.deepEqual([code, log], [18, 'fee grants are not enabled: invalid request']);
  });
});
