import assert from 'node:assert/strict';
import { Router } from '../../../node/gateway/rest/router.ts';
import { ROUTES } from '../../../node/gateway/rest/routes.ts';
import { GatewayError } from '../../../node/gateway/status.ts';

const router = new Router(ROUTES);
const BANK = '/cosmos.bank.v1beta1.Query';

describe('REST routes', () => {
  it('no verb and template stand for two methods', () => {
    const shapes = ROUTES.map(
      ({ verb, template }) => `${verb} ${template.replace(/\{[^}]+\}/g, '{}')}`,
    );
    assert.deepEqual(
      shapes.filter((shape, index) => shapes.indexOf(shape) !== index),
      [],
    );
  });

  it('every template finds its own method', () => {
    for (const { verb, template, method } of ROUTES) {
      const match = router.find(verb, template.replace(/\{[^}]+\}/g, 'abc'));
      assert.equal(typeof match === 'object' ? match.method : match, method, template);
    }
  });

  const FOUND: [string, string, Record<string, string>][] = [
    ['/cosmos/bank/v1beta1/balances/a', `${BANK}/AllBalances`, { address: 'a' }],
    ['/cosmos/bank/v1beta1/balances/a/by_denom', `${BANK}/Balance`, { address: 'a' }],
    ['/cosmos/bank/v1beta1/supply/by_denom', `${BANK}/SupplyOf`, {}],
    ['/cosmos/bank/v1beta1/supply/ibc%2FAB', `${BANK}/SupplyOf`, { denom: 'ibc/AB' }],
    ['/cosmos/bank/v1beta1/denom_owners/ibc/AB', `${BANK}/DenomOwners`, { denom: 'ibc/AB' }],
    [
      '/cosmos/tx/v1beta1/txs/block/7',
      '/cosmos.tx.v1beta1.Service/GetBlockWithTxs',
      { height: '7' },
    ],
  ];
  for (const [path, method, fields] of FOUND) {
    it(`${path} is ${method}`, () => {
      const match = router.find('GET', path);
      assert.ok(typeof match === 'object');
      assert.equal(match.method, method);
      const found = Object.fromEntries([...match.fields].map(([name, [text]]) => [name, text]));
      assert.deepEqual(found, fields);
    });
  }

  it('one path has a method per verb; another verb is known to be wrong', () => {
    const find = (verb: string) => router.find(verb, '/cosmos/tx/v1beta1/txs');
    const methods = ['GET', 'POST'].map((verb) => (find(verb) as { method: string }).method);
    assert.deepEqual(methods, [
      '/cosmos.tx.v1beta1.Service/GetTxsEvent',
      '/cosmos.tx.v1beta1.Service/BroadcastTx',
    ]);
    assert.equal(find('DELETE'), 'wrong-verb');
  });

  it('unknown paths are not found', () => {
    for (const path of ['/', '/a', '//', '/cosmos/bank/v1beta1/', '/cosmos/bank/v1beta1/nope']) {
      assert.equal(router.find('GET', path), undefined, path);
    }
  });

  it('refuses what is badly escaped and what leads out of the path', () => {
    for (const word of ['%', '%ff', '..', '..%2f', '%2e%2e', 'a%2f..%2fb']) {
      assert.throws(
        () => router.find('GET', `/cosmos/bank/v1beta1/balances/${word}`),
        GatewayError,
      );
    }
  });
});
