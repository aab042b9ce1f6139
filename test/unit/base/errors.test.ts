import assert from 'node:assert/strict';
import {
  BitscaleError,
  defineError,
  definedErrors,
  InvariantError,
} from '../../../node/base/errors.ts';
import '../../../node/base/int.ts';
import { INSUFFICIENT_FUNDS, OUT_OF_GAS, TX_DECODE } from '../../../node/base/sdk-errors.ts';

describe('base/errors', () => {
  it('puts the detail in front of the registered text, as the Cosmos SDK does', () => {
    const error = new BitscaleError(INSUFFICIENT_FUNDS, '1uscale is smaller than 2uscale');
    assert.equal(error.message, '1uscale is smaller than 2uscale: insufficient funds');
    assert.deepEqual([error.codespace, error.code], ['sdk', 5]);
    assert.equal(new BitscaleError(OUT_OF_GAS).message, 'out of gas');
    assert.equal(new BitscaleError(TX_DECODE, '').message, 'tx parse error');
  });

  it('refuses a second error with the same codespace and code', () => {
    assert.throws(() => defineError('sdk', 5, 'something else'), InvariantError);
  });

  it('lists every error once', () => {
    const names = definedErrors().map(({ codespace, code }) => `${codespace}/${code}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('sdk/32') && names.includes('math/2'));
  });
});
