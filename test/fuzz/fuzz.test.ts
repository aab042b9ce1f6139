/**
 * Every decoder against bent inputs: nothing is thrown but a refusal, and nothing is taken in a second encoding.
 * The seed is in the name of each test; `npm run fuzz:nightly` does the same with more.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fromHex, utf8 } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { TX_DECODE } from '../../node/base/sdk-errors.ts';
import { bendMessage } from './bend-proto.ts';
import { codec, faultOf, fuzz, TAKEN, verdictOf, type Decoder } from './decoder.ts';
import { DECODERS } from './decoders/all.ts';

const SEED = 20_261_121;
const INPUTS = 20_000;
const KEPT = new URL('kept/', import.meta.url);

/** Inputs that once were faults: a name of a decoder in front of each. */
function keptInputs(): [string, string][] {
  return readdirSync(KEPT)
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => readFileSync(new URL(file, KEPT), 'utf8').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' | ') as [string, string]);
}

describe('decoders', () => {
  for (const { name, make } of DECODERS) {
    it(`${name}: ${INPUTS} inputs (seed ${SEED})`, async function () {
      this.timeout(300_000);
      const decoder = await make();
      try {
        for (const [whose, hex] of keptInputs()) {
          if (whose === name) assert.equal(await faultOf(decoder, fromHex(hex)), undefined, hex);
        }
        const { faults, verdicts } = await fuzz(decoder, { count: INPUTS, seed: SEED });
        assert.deepEqual(faults, []);
        // Else the inputs would be too broken, or the decoder not one.
        assert.ok(verdicts.size > 0);
      } finally {
        await decoder.end?.();
      }
    });
  }

  it('have seeds', async () => {
    for (const { name, make } of DECODERS) {
      const decoder = await make();
      await decoder.end?.();
      assert.ok(decoder.seeds.length > 0, name);
    }
  });

  it('of kept inputs are all known', () => {
    const names = new Set(DECODERS.map(({ name }) => name));
    for (const [name] of keptInputs()) assert.ok(names.has(name), name);
  });
});

describe('the fuzzer', () => {
  const refuse = (): never => {
    throw new BitscaleError(TX_DECODE);
  };
  const run = async (judge: Decoder['judge']) => {
    const decoder = { name: 'planted', seeds: [utf8('seed')], bend: bendMessage, judge };
    const { faults, verdicts } = await fuzz(decoder, { count: 50, seed: 1 });
    return { fault: faults[0] ?? '', verdicts };
  };

  const PLANTED: [string, Decoder['judge'], RegExp][] = [
    ['an error that is no refusal', () => assert.fail('bug'), /^fault AssertionError bug: /],
    ['the same later', () => Promise.reject(new RangeError('later')), /^fault RangeError later/],
    [
      'a second encoding',
      codec(
        () => 1,
        () => new Uint8Array(0),
      ),
      /^fault TypeError not canonical/,
    ],
    [
      'an input that was changed',
      codec(
        (bytes) => bytes.fill(1),
        (bytes) => bytes,
      ),
      /^fault TypeError the input was changed/,
    ],
  ];
  for (const [what, judge, expected] of PLANTED) {
    it(`finds ${what}`, async () => assert.match((await run(judge)).fault, expected));
  }

  it('counts refusals by their codes', async () => {
    const { fault, verdicts } = await run(() => verdictOf(refuse));
    assert.equal(fault, '');
    assert.deepEqual([...verdicts], [['sdk/2', 50]]);
  });

  it('calls slow what is slow each time', async () => {
    const judge = (): string => {
      const { user } = process.cpuUsage();
      while (process.cpuUsage().user < user + 20_000);
      return TAKEN;
    };
    const decoder = { name: 'planted', seeds: [utf8('seed')], bend: bendMessage, judge };
    const { faults } = await fuzz(decoder, { count: 1, seed: 1, limitMs: 5 });
    assert.match(faults[0] ?? '', /^[0-9.]+ ms: /);
  });
});
