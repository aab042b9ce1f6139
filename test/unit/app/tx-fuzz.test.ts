/** Bent transactions: refused in order, and never accepted in a second encoding. The seed is in the name. */
import assert from 'node:assert/strict';
import { TxDecoder } from '../../../node/app/tx.ts';
import { addressText } from '../../../node/app/address-text.ts';
import { Registry } from '../../../node/app/registry.ts';
import { concat, type Bytes } from '../../../node/base/bytes.ts';
import { notCanonical } from '../../fuzz/canonical.ts';
import { fuzzTxs, judge } from '../../fuzz/tx-fuzz.ts';
import { recordedTxs } from '../../fuzz/tx-inputs.ts';
import { testApplication } from '../../support/application.ts';

const SEED = 20_261_121;
const INPUTS = 20_000;
const good = { code: 0, codespace: '' };

describe('app/bent transactions', () => {
  it(`${INPUTS} of them (seed ${SEED}): no error but a refusal, no second encoding`, async function () {
    this.timeout(120_000);
    const { faults, decoded, codes } = await fuzzTxs(INPUTS, SEED);
    assert.deepEqual(faults, []);
    // Else the inputs would be too broken to reach the rules behind the decoder.
    assert.ok(decoded > INPUTS / 100, `${decoded} of them are transactions`);
    assert.ok(codes.size > 5, [...codes.keys()].join());
  });

  const [tx = assert.fail()] = recordedTxs();
  const addresses = addressText('cosmos');
  const decoder = new TxDecoder(new Registry(testApplication({ addresses }).modules), addresses);

  it('are told from canonical ones by a judge that accepts the recorded ones', () => {
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

  it('are faults when a decoder takes them, or CheckTx throws or takes what is no transaction', () => {
    const doubled = concat(Uint8Array.of(0x0a, 0), tx);
    const lax = { decode: () => ({}) } as unknown as TxDecoder;
    assert.match(judge(doubled, () => good, lax).fault ?? '', /^not canonical/);
    assert.match(judge(doubled, () => good, decoder).fault ?? '', /what is no transaction/);
    const panic = { code: 111_222, codespace: 'undefined' };
    assert.match(judge(tx, () => panic, decoder).fault ?? '', /met a bug/);
    assert.match(judge(tx, () => assert.fail('x'), decoder).fault ?? '', /CheckTx threw/);
    const broken = { decode: () => assert.fail('x') } as unknown as TxDecoder;
    assert.match(judge(tx, () => good, broken).fault ?? '', /AssertionError/);
    assert.equal(judge(tx, () => good, decoder).fault, undefined);
  });
});
