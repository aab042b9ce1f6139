import assert from 'node:assert/strict';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { Any } from 'cosmjs-types/google/protobuf/any';
import fc from 'fast-check';
import { AccountCodec, type StoredAccount } from '../../../../modules/auth/accounts.ts';
import { accountText } from '../../../../node/app/address-text.ts';
import { multiKey, singleKey } from '../../../../node/app/public-key.ts';
import { toHex } from '../../../../node/base/bytes.ts';
import { vestingForms } from '../../../../modules/vesting/module.ts';
import { testKey } from '../../../support/application.ts';

const codec = new AccountCodec(accountText, vestingForms);
const { address, pubKey: point } = testKey('holder');
const pubKey = singleKey(point);
const MAX_UINT64 = (1n << 64n) - 1n;

const sequence = fc.oneof(
  fc.bigInt(0n, 300n),
  fc.integer({ min: 1, max: 9 }).map((bytes) => (1n << BigInt(7 * bytes)) - 2n),
  fc.integer({ min: 1, max: 9 }).map((bytes) => (1n << BigInt(7 * bytes)) - 1n),
  fc.bigInt(BigInt(Number.MAX_SAFE_INTEGER) - 3n, 1n << 54n),
  fc.bigInt(0n, MAX_UINT64 - 1n),
);
const more: fc.Arbitrary<Partial<StoredAccount>> = fc.constantFrom(
  {},
  { pubKey },
  { module: { name: 'fee_collector', permissions: ['burner'] } },
);

describe('bytes of an account', () => {
  it('are the same whether its sequence was counted up in them or all was written anew', () => {
    fc.assert(
      fc.property(more, fc.bigInt(0n, MAX_UINT64), sequence, (parts, accountNumber, sequence) => {
        const account = { address, accountNumber, sequence, ...parts };
        const next = { ...account, sequence: sequence + 1n };
        const counted = codec.encodeNext(codec.encode(account), next);
        assert.equal(toHex(counted), toHex(codec.encode(next)));
      }),
    );
  });

  it('leave those before as they were', () => {
    const account = { address, accountNumber: 1n, sequence: 5n, pubKey };
    const before = codec.encode(account);
    codec.encodeNext(before, { ...account, sequence: 6n });
    assert.deepEqual(codec.decode(before, address), account);
  });

  it('are read as what was written, whatever its numbers and its key', () => {
    const multi = { pubKey: multiKey([point, testKey('other').pubKey], 1) };
    fc.assert(
      fc.property(
        fc.oneof(more, fc.constant(multi)),
        fc.bigInt(0n, MAX_UINT64),
        sequence,
        (parts, accountNumber, sequence) => {
          const account = { address, accountNumber, sequence, ...parts };
          assert.deepEqual(codec.decode(codec.encode(account), address), account);
        },
      ),
    );
  });

  it('are read as generated code reads them, also in another order', () => {
    const account = { address, accountNumber: 7n, sequence: 9n, pubKey };
    const bytes = codec.encode(account);
    const { typeUrl, value } = Any.decode(bytes);
    const base = BaseAccount.decode(value);
    assert.equal(base.address, accountText.write(address));
    assert.deepEqual(base.pubKey, pubKey.any);
    assert.deepEqual([base.accountNumber, base.sequence], [7n, 9n]);
    const url = Any.encode({ typeUrl, value: new Uint8Array(0) }).finish();
    const rest = Any.encode({ typeUrl: '', value }).finish();
    assert.deepEqual(codec.decode(new Uint8Array([...rest, ...url]), address), account);
  });
});
