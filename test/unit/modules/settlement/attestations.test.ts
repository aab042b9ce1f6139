import assert from 'node:assert/strict';
import { bigIntToBytes, concat, equal, type Bytes } from '../../../../node/base/bytes.ts';
import { ATTESTATIONS, BATCH_FINALITY } from '../../../../node/rollup/queries.ts';
import {
  attestationAddress,
  attestationDigest,
  recoverAddress,
  signAttestation,
} from '../../../../modules/settlement/attestation.ts';
import * as errors from '../../../../modules/settlement/errors.ts';
import { attribute, L1, LedgerChain, SHAPE, type TestValidator } from '../ledger/chain.ts';
import { wallet } from '../ledger/support.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const alice = wallet(1);

/** A chain with `batches` sealed batches. */
async function sealed(batches: number, powers?: readonly bigint[]): Promise<LedgerChain> {
  const chain = new LedgerChain({ shape: { ...SHAPE, slots: 1 }, ...(powers && { powers }) });
  for (let token = 1; token <= batches; token++) await chain.open(alice, token);
  assert.equal((await chain.status()).sealed, BigInt(batches));
  return chain;
}

const validator = (chain: LedgerChain, i: number): TestValidator =>
  chain.validators[i] ?? assert.fail();

async function vote(chain: LedgerChain, i: number, batch = 1n) {
  const from = validator(chain, i);
  const { rollingHash } = await chain.header(batch);
  const tx = chain.tx([chain.attestBatch(from, batch, rollingHash)], from.key);
  const { txResults } = await chain.block([tx]);
  assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
  return txResults[0];
}

/** The other signature of the same message: s becomes n - s, and the parity of R turns. */
function highS(signature: Bytes): Bytes {
  const s = BigInt(`0x${Buffer.from(signature.slice(32, 64)).toString('hex')}`);
  const v = signature[64] === 27 ? 28 : 27;
  return concat(signature.slice(0, 32), bigIntToBytes(ORDER - s, 32), Uint8Array.of(v));
}

describe('settlement/attestation', () => {
  const secret = new Uint8Array(32).fill(7);
  const digest = attestationDigest(L1, 5n, new Uint8Array(32).fill(1));

  it('recovers the address of the key that signed', () => {
    const signer = recoverAddress(digest, signAttestation(digest, secret));
    assert.deepEqual(signer, attestationAddress(secret));
  });

  it('refuses high S, other lengths, other v and numbers that are no signature', () => {
    const good = signAttestation(digest, secret);
    assert.equal(recoverAddress(digest, highS(good)), undefined);
    assert.equal(recoverAddress(digest, good.slice(0, 64)), undefined);
    for (const v of [0, 1, 29]) {
      assert.equal(recoverAddress(digest, concat(good.slice(0, 64), Uint8Array.of(v))), undefined);
    }
    const zero = concat(new Uint8Array(64), Uint8Array.of(27));
    assert.equal(recoverAddress(digest, zero), undefined);
    const beyond = concat(bigIntToBytes(ORDER, 32), good.slice(32));
    assert.equal(recoverAddress(digest, beyond), undefined);
  });

  it('binds chain, contract, batch and history', () => {
    const rolling = new Uint8Array(32).fill(1);
    const others = [
      attestationDigest({ ...L1, chainId: 1n }, 5n, rolling),
      attestationDigest({ ...L1, rollup: new Uint8Array(20) }, 5n, rolling),
      attestationDigest(L1, 6n, rolling),
      attestationDigest(L1, 5n, new Uint8Array(32)),
    ];
    for (const other of others) assert.ok(!equal(other, digest));
  });
});

describe('settlement/attestations of batches', () => {
  it('refuses a signature by another key, over another hash, with high S, and of a stranger', async () => {
    const chain = await sealed(1);
    const [first, second] = [validator(chain, 0), validator(chain, 1)];
    const { rollingHash } = await chain.header(1n);
    const digest = attestationDigest(L1, 1n, rollingHash);
    const good = signAttestation(digest, first.secret);
    const refused = (kind: typeof errors.ERR_ATTESTATION, signature: Bytes, hash = rollingHash) =>
      chain.refused(kind, chain.attestBatch(first, 1n, hash, signature), first.key);
    await refused(errors.ERR_ATTESTATION, signAttestation(digest, second.secret));
    await refused(errors.ERR_ATTESTATION, highS(good));
    await refused(errors.ERR_ATTESTATION, good.slice(0, 64));
    const other = new Uint8Array(32).fill(5);
    await refused(errors.ERR_ATTESTATION, good, other);
    const signedOther = signAttestation(attestationDigest(L1, 1n, other), first.secret);
    await refused(errors.ERR_ATTESTATION, signedOther, other);
    await refused(errors.ERR_ATTESTATION, good, new Uint8Array(31));
    const early = chain.attestBatch(first, 9n, rollingHash);
    await chain.refused(errors.ERR_UNKNOWN_BATCH, early, first.key);
    const stranger = { key: chain.relayer, secret: first.secret };
    const foreign = chain.attestBatch(stranger, 1n, rollingHash);
    await chain.refused(errors.ERR_NOT_VALIDATOR, foreign, chain.relayer);
  });

  it('refuses a validator without bonded power', async () => {
    const chain = await sealed(1, [10n, 10n, 10n, 0n]);
    const idle = validator(chain, 3);
    const { rollingHash } = await chain.header(1n);
    const message = chain.attestBatch(idle, 1n, rollingHash);
    await chain.refused(errors.ERR_NOT_VALIDATOR, message, idle.key);
  });

  it('takes more than 2/3 of all power: exactly 2/3 is not enough, one unit more is', async () => {
    const exact = await sealed(1, [20n, 20n, 20n]);
    await vote(exact, 0);
    await vote(exact, 1);
    assert.equal((await exact.status()).attested, 0n);
    const above = await sealed(1, [20n, 21n, 20n]);
    await vote(above, 0);
    const second = await vote(above, 1);
    assert.equal((await above.status()).attested, 1n);
    assert.equal(attribute(second?.events ?? [], 'batch_attested', 'batch'), '1');
  });

  it('counts a validator that signs twice once', async () => {
    const chain = await sealed(1);
    for (let i = 0; i < 4; i++) await vote(chain, 0);
    assert.equal((await chain.status()).attested, 0n);
  });

  it('settles the batches before with the hash chain, and takes late signatures without effect', async () => {
    const chain = await sealed(3);
    for (const i of [0, 1, 2]) await vote(chain, i, 3n);
    assert.equal((await chain.status()).attested, 3n);
    for (const i of [0, 1, 2]) await vote(chain, i, 1n);
    assert.equal((await chain.status()).attested, 3n);
    const before = await chain.ask.query(BATCH_FINALITY, { batch: 2n });
    assert.equal(before.stage, 'attested');
  });

  it('lists validators in ascending order of L1 addresses, with power and signature', async () => {
    const chain = await sealed(1);
    await vote(chain, 2);
    const answer = await chain.ask.query(ATTESTATIONS, { batch: 1n });
    const addresses = answer.validators.map(({ address }) => Buffer.from(address).toString('hex'));
    assert.deepEqual(addresses, [...addresses].sort());
    assert.equal(answer.validators.length, 4);
    assert.equal(answer.attestations.length, 1);
    assert.equal(answer.quorum, false);
    assert.equal(answer.totalPower, 40n);
  });
});
