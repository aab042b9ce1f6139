import assert from 'node:assert/strict';
import { TxDecoder } from '../../node/app/tx.ts';
import { addressText } from '../../node/app/address-text.ts';
import { Registry } from '../../node/app/registry.ts';
import { concat, type Bytes } from '../../node/base/bytes.ts';
import { testApplication } from '../support/application.ts';
import { notCanonical } from './canonical.ts';
import { recordedTxs } from './tx-inputs.ts';
import { judgeTx } from './tx-judge.ts';

const good = { code: 0, codespace: '' };

describe('the judge of bent transactions', () => {
  const [tx = assert.fail()] = recordedTxs();
  const addresses = addressText('cosmos');
  const decoder = new TxDecoder(new Registry(testApplication({ addresses }).modules), addresses);

  it('accepts the recorded ones and tells what is not canonical', () => {
    assert.equal(notCanonical(tx), undefined);
    const planted: [Bytes, RegExp][] = [
      [concat(tx, Uint8Array.of(0x20, 1)), /unknown field 4/],
      [concat(Uint8Array.of(0x0a, 0), tx), /field 1 out of order/],
      [concat(Uint8Array.of(0x8a, 0), tx.slice(1)), /not the shortest/],
      [tx.slice(0, -1), /ends in a field/],
      [Uint8Array.of(0x0a, 2, 0x18, 0), /field 3 holds a default/],
      [Uint8Array.of(0x0a, 3, 0x18, 0x81, 0), /not the shortest/],
      [Uint8Array.of(0x0a, 3, 0x12, 1, 0xff), /./],
    ];
    for (const [bytes, why] of planted) assert.match(notCanonical(bytes) ?? '', why);
  });

  it('finds a decoder that takes them, and a CheckTx that throws or takes what is none', () => {
    const doubled = concat(Uint8Array.of(0x0a, 0), tx);
    const lax = { decode: () => ({}) } as unknown as TxDecoder;
    assert.throws(() => judgeTx(doubled, () => good, lax), /^TypeError: not canonical/);
    assert.throws(() => judgeTx(doubled, () => good, decoder), /what is no transaction/);
    const panic = { code: 111_222, codespace: 'undefined' };
    assert.throws(() => judgeTx(tx, () => panic, decoder), /met a bug/);
    assert.throws(() => judgeTx(tx, () => assert.fail('thrown'), decoder), /thrown/);
    const broken = { decode: () => assert.fail('broken') } as unknown as TxDecoder;
    assert.throws(() => judgeTx(tx, () => good, broken), /broken/);
    assert.equal(
      judgeTx(tx, () => good, decoder),
      'transaction /0',
    );
  });
});
