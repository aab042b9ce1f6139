import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressText } from '../../../node/app/address-text.ts';
import { toBech32 } from '../../../node/base/bech32.ts';

describe('app/address-text', () => {
  it('writes each address in its one text, however it was read before', () => {
    const sizes = fc.constantFrom(20, 32);
    const bytes = sizes.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.boolean(), (address, capitals, isRead) => {
        const addresses = addressText('bitscale');
        const text = toBech32('bitscale', address);
        const given = capitals ? text.toUpperCase() : text;
        if (isRead) assert.deepEqual(addresses.read(given), address);
        assert.equal(addresses.write(address), text);
        assert.equal(addresses.write(addresses.read(given)), text);
        assert.deepEqual(addresses.read(given), address);
      }),
    );
  });
});
