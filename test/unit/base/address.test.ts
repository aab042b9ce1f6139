import assert from 'node:assert/strict';
import { fromBech32 as cosmjsFromBech32, toBech32 as cosmjsToBech32 } from '@cosmjs/encoding';
import { bech32, bech32m } from '@scure/base';
import { accountText, moduleAddress, parseAccount } from '../../../node/base/address.ts';
import { fromBech32, toBech32 } from '../../../node/base/bech32.ts';
import { toHex } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';

const address = Uint8Array.from({ length: 20 }, (_, i) => i * 7);
const text = toBech32('bitscale', address);

function expectInvalid(bad: string): void {
  assert.throws(
    () => parseAccount(bad),
    (error) => error instanceof BitscaleError && error.codespace === 'sdk' && error.code === 7,
  );
}

describe('base/bech32', () => {
  it('agrees with CosmJS both ways', () => {
    assert.equal(text, cosmjsToBech32('bitscale', address));
    const back = cosmjsFromBech32(text);
    assert.equal(back.prefix, 'bitscale');
    assert.deepEqual(back.data, address);
    assert.deepEqual(fromBech32('bitscale', text), address);
    assert.equal(accountText(address), text);
  });

  it('reads addresses of 20 and of 32 bytes, also in upper case', () => {
    const long = new Uint8Array(32).fill(9);
    assert.deepEqual(parseAccount(toBech32('bitscale', long)), long);
    assert.deepEqual(parseAccount(text.toUpperCase()), address);
  });

  const bad: [string, string][] = [
    ['a wrong prefix', toBech32('cosmos', address)],
    ['a longer prefix', toBech32('bitscalevaloper', address)],
    ['a wrong checksum', text.slice(0, -1) + (text.endsWith('q') ? 'p' : 'q')],
    ['mixed case', `B${text.slice(1)}`],
    ['bech32m', bech32m.encode('bitscale', bech32m.toWords(address))],
    ['33 bytes', toBech32('bitscale', new Uint8Array(33))],
    ['19 bytes', toBech32('bitscale', new Uint8Array(19))],
    ['no bytes', toBech32('bitscale', new Uint8Array(0))],
    ['padding that is not zero', bech32.encode('bitscale', [...bech32.toWords(address), 1])],
    ['the empty text', ''],
    ['white space', '  '],
    ['white space around', ` ${text}`],
    ['no separator', 'bitscale'],
    ['an endless text', `bitscale1${'q'.repeat(5_000)}`],
  ];
  for (const [what, value] of bad) {
    it(`answers sdk/7 to ${what}`, () => expectInvalid(value));
  }
});

describe('base/address', () => {
  it('derives module accounts as the Cosmos SDK does', () => {
    // The fee collector of every Cosmos chain, cosmos17xpfvakm2amg962yls6f84z3kell8c5lserqta.
    const known = cosmjsFromBech32('cosmos17xpfvakm2amg962yls6f84z3kell8c5lserqta').data;
    assert.equal(toHex(moduleAddress('fee_collector')), toHex(known));
  });
});
