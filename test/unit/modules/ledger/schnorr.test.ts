import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FIELD, hash4, hash8, sponge } from '../../../../modules/ledger/field.ts';
import * as intents from '../../../../modules/ledger/intent.ts';
import * as schnorr from '../../../../modules/ledger/schnorr.ts';
import { DOMAIN, intentFields, wallet } from './support.ts';

describe('ledger/schnorr', () => {
  const owner = wallet(1);
  const fields = intentFields({ sIdx: 1n, rIdx: 2n, amount: 5n, nonce: 3n, memo: 77n });
  const intent = intents.signIntent(DOMAIN, owner.secret, owner.key, fields);

  it('accepts what the owner signed', () => {
    assert.equal(intents.verifyIntent(DOMAIN, intent), true);
  });

  it('signs deterministically', () => {
    assert.deepEqual(intents.signIntent(DOMAIN, owner.secret, owner.key, fields), intent);
  });

  for (const name of Object.keys(fields) as (keyof intents.IntentFields)[]) {
    it(`refuses a changed ${name}`, () => {
      const changed = { ...intent, [name]: intent[name] ^ 1n };
      assert.equal(intents.verifyIntent(DOMAIN, changed), false);
    });
  }

  it('takes nothing but the point from an object that also holds the secret', () => {
    const careless = { ...owner.key, secret: owner.secret };
    const signed = intents.signIntent(DOMAIN, owner.secret, careless, fields);
    assert.deepEqual(signed, intent);
  });

  it('refuses the same intent on another chain', () => {
    assert.equal(intents.verifyIntent(DOMAIN + 1n, intent), false);
  });

  it('never uses one nonce on two chains, which would give the secret away', () => {
    const other = intents.signIntent(DOMAIN + 7n, owner.secret, owner.key, fields);
    assert.notEqual(other.rx, intent.rx);
  });

  it('refuses S + l, which verifies as an equation but changes the bytes', () => {
    const s = intent.s + schnorr.SUBGROUP_ORDER;
    assert.equal(intents.verifyIntent(DOMAIN, { ...intent, s }), false);
  });

  it('refuses a key whose multiple by 8 is the identity', () => {
    const key = { ax: 0n, ay: 1n };
    const base = schnorr.publicKey(5n);
    const forged = { ...fields, quoteId: '', ...key, rx: base.ax, ry: base.ay, s: 5n };
    assert.equal(intents.verifyIntent(DOMAIN, forged), false);
  });

  it('refuses keys off the curve, of small order or with a small-order part', () => {
    assert.equal(schnorr.isAccountKey(owner.key), true);
    assert.equal(schnorr.isAccountKey({ ax: 0n, ay: 0n }), false);
    assert.equal(schnorr.isAccountKey({ ax: 0n, ay: 1n }), false);
    assert.equal(schnorr.isAccountKey({ ax: 0n, ay: FIELD - 1n }), false);
    const torsion = { ax: FIELD - owner.key.ax, ay: FIELD - owner.key.ay };
    assert.equal(schnorr.isOnCurve(torsion.ax, torsion.ay), true);
    assert.equal(schnorr.isAccountKey(torsion), false);
    assert.equal(schnorr.isAccountKey({ ...owner.key, ax: owner.key.ax + FIELD }), false);
  });

  it('hashes the same again to the same, and nothing else to it', () => {
    const inputs = fc.array(fc.constantFrom(0n, 1n, 11n, 32n, FIELD - 1n), {
      minLength: 8,
      maxLength: 8,
    });
    const hashOf = ([domain, w0, w1, memo, ax, ay, rx, ry] = [] as bigint[]): bigint =>
      schnorr.messageHash(
        { domain: domain!, w0: w0!, w1: w1!, memo: memo! },
        { ax: ax!, ay: ay! },
        { rx: rx!, ry: ry! },
      );
    fc.assert(
      fc.property(inputs, (list) => {
        const expected = hash8(list);
        assert.equal(hashOf(list), expected);
        assert.equal(hashOf(list), expected);
      }),
    );
  });

  it('keeps intents and quotes apart', () => {
    assert.notEqual(
      schnorr.messageHash({ domain: DOMAIN, w0: 0n, w1: 0n, memo: 0n }, owner.key, intent),
      schnorr.messageHash({ domain: DOMAIN + 1n, w0: 0n, w1: 0n, memo: 0n }, owner.key, intent),
    );
  });
});

describe('ledger/field', () => {
  it('hashes as circomlib does', () => {
    const known = 18821383157269793795438455681495246036402687001665670618754263018637548127333n;
    assert.equal(
      hash4([1n, 2n, 3n, 4n]),
      18821383157269793795438455681495246036402687001665670618754263018637548127333n,
    );
    assert.ok(known < FIELD);
  });

  it('gives lists that differ only in trailing zeros different commitments', () => {
    assert.notEqual(sponge([1n]), sponge([1n, 0n]));
    assert.notEqual(sponge([]), sponge([0n]));
    assert.notEqual(sponge(Array<bigint>(15).fill(0n)), sponge(Array<bigint>(16).fill(0n)));
  });
});
