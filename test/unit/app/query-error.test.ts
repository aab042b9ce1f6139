/** How refusals of queries travel through ABCI, where clients read the code, the codespace and the words. */
import assert from 'node:assert/strict';
import { BitscaleError, defineError } from '../../../node/base/errors.ts';
import * as sdk from '../../../node/base/sdk-errors.ts';
import { queryFailure, QueryError, type GrpcStatus } from '../../../node/app/query-error.ts';

const OF_A_MODULE = defineError('bank', 7, 'sends are off');

describe('app/query errors', () => {
  const BY_STATUS: readonly (readonly [GrpcStatus, number, string])[] = [
    ['NotFound', 22, 'key not found'],
    ['InvalidArgument', 18, 'invalid request'],
    ['FailedPrecondition', 18, 'invalid request'],
    ['Unauthenticated', 4, 'unauthorized'],
    ['Unknown', 6, 'unknown request'],
    ['Internal', 6, 'unknown request'],
    ['Unimplemented', 6, 'unknown request'],
  ];
  for (const [status, code, text] of BY_STATUS) {
    it(`the gRPC code ${status} is sdk/${code}`, () => {
      const failure = queryFailure(new QueryError(status, 'why'));
      assert.deepEqual([failure.codespace, failure.code], ['sdk', code]);
      assert.equal(failure.message, `rpc error: code = ${status} desc = why: ${text}`);
    });
  }

  for (const [kind, code, log] of [
    [sdk.KEY_NOT_FOUND, 22, 'NotFound desc = why: key not found: key not found'],
    [sdk.NOT_FOUND, 22, 'NotFound desc = why: not found: key not found'],
    [sdk.INVALID_ADDRESS, 18, 'InvalidArgument desc = why: invalid address: invalid request'],
    [sdk.INVALID_COINS, 18, 'InvalidArgument desc = why: invalid coins: invalid request'],
    [OF_A_MODULE, 6, 'Unknown desc = why: sends are off: unknown request'],
  ] as const) {
    it(`a module's own ${kind.codespace}/${kind.code} is sdk/${code}`, () => {
      const failure = queryFailure(new BitscaleError(kind, 'why'));
      assert.deepEqual([failure.codespace, failure.code], ['sdk', code]);
      assert.equal(failure.message, `rpc error: code = ${log}`);
    });
  }

  it('a fault is not taken for a refusal', () => {
    assert.throws(() => queryFailure(new TypeError('x')), TypeError);
  });
});
