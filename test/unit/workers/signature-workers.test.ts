/** Real threads: their answers, and what happens without them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519, verifyEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { MAX_WORKER_BATCHES, MIN_WORKER_BATCH } from '../../../node/base/limits.ts';
import {
  secp256k1PublicKey,
  signSecp256k1,
  verifySecp256k1,
} from '../../../node/base/secp256k1.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import {
  packChecks,
  unpackChecks,
  type Check,
  type Scheme,
} from '../../../node/workers/signature-batch.ts';
import { SignatureWorkers } from '../../../node/workers/signature-workers.ts';

const SEED = sha256(utf8('a seed'));
const SIGN = {
  ed25519: (message: Uint8Array) => ({
    pubKey: ed25519PublicKey(SEED),
    signature: signEd25519(SEED, message),
  }),
  secp256k1: (message: Uint8Array) => ({
    pubKey: secp256k1PublicKey(SEED),
    signature: signSecp256k1(SEED, message),
  }),
};
const VERIFY = { ed25519: verifyEd25519, secp256k1: verifySecp256k1 };

/** Good ones and bad ones of each kind. */
function checks(scheme: Scheme, count: number): Check[] {
  return Array.from({ length: count }, (_, index) => {
    const message = sha256(utf8(`message ${index}`));
    const { pubKey, signature } = SIGN[scheme](message);
    const bad = signature.slice();
    bad[index % 64]! ^= 1;
    switch (index % 5) {
      case 1:
        return { pubKey, message, signature: bad };
      case 2:
        return { pubKey, message, signature: signature.slice(1) };
      case 3:
        return { pubKey: new Uint8Array(pubKey.length), message, signature };
      default:
        return { pubKey, message, signature };
    }
  });
}

describe('signatures beside the main thread', function () {
  this.timeout(20_000);
  const clock = { ms: 0, now: () => 0, monotonic: () => clock.ms };
  const deps = { clock, logger: silentLogger, metrics: noMetrics };
  const running: SignatureWorkers[] = [];
  const workers = (thread?: URL): SignatureWorkers => {
    const one = new SignatureWorkers(deps, thread);
    running.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
  });

  for (const scheme of ['ed25519', 'secp256k1'] as const) {
    it(`${scheme}: the answers are those of the main thread, bad ones included`, async () => {
      const batch = checks(scheme, 60);
      const expected = batch.map(({ pubKey, message, signature }) =>
        VERIFY[scheme](pubKey, message, signature),
      );
      assert.deepEqual(await workers().verify(scheme, batch), expected);
      assert.equal(expected.filter(Boolean).length, 24);
    });
  }

  it('a batch arrives as it was packed', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    const list = fc.array(fc.record({ pubKey: bytes, message: bytes, signature: bytes }));
    fc.assert(
      fc.property(list, (batch) => {
        const plain = (all: readonly Check[]) =>
          all.map((one) => [one.pubKey, one.message, one.signature].map((part) => [...part]));
        assert.deepEqual(plain(unpackChecks(packChecks(batch))), plain(batch));
      }),
    );
  });

  it('no thread is started for less than a batch', async () => {
    const one = workers();
    const few = checks('secp256k1', MIN_WORKER_BATCH - 1);
    assert.equal(await one.verify('secp256k1', few), undefined);
    assert.equal(one.isRunning, false);
    const enough = await one.verify('secp256k1', checks('secp256k1', MIN_WORKER_BATCH));
    assert.equal(enough?.length, MIN_WORKER_BATCH);
    assert.ok(one.isRunning);
  });

  it('so many batches wait and no more; the rest is left to the caller', async () => {
    const one = workers();
    const batch = checks('secp256k1', MIN_WORKER_BATCH);
    const all = await Promise.all(
      Array.from({ length: MAX_WORKER_BATCHES + 3 }, () => one.verify('secp256k1', batch)),
    );
    assert.equal(all.filter((answer) => answer === undefined).length, 3);
  });

  it('a thread that breaks leaves the work to the caller, and is not started again at once', async () => {
    clock.ms = 0;
    const broken = new URL('data:text/javascript,throw new Error("broken")');
    const one = workers(broken);
    const batch = checks('ed25519', MIN_WORKER_BATCH);
    assert.equal(await one.verify('ed25519', batch), undefined);
    assert.equal(one.isRunning, false);
    assert.equal(await one.verify('ed25519', batch), undefined);
    assert.equal(one.isRunning, false, 'not at once');
    clock.ms = 10_000;
    const later = one.verify('ed25519', batch);
    assert.ok(one.isRunning, 'but later');
    assert.equal(await later, undefined);
  });

  it('who waits when it stops is answered, and nothing is started any more', async () => {
    const one = workers();
    const waiting = one.verify('ed25519', checks('ed25519', 200));
    await one.stop();
    assert.equal(await waiting, undefined);
    assert.equal(await one.verify('ed25519', checks('ed25519', 200)), undefined);
  });
});
