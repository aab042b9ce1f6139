import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GasMeter, OutOfGasError } from '../../../node/app/gas.ts';

const MAX_UINT64 = (1n << 64n) - 1n;

const limit = fc.oneof(fc.bigInt(0n, 200_000n), fc.bigInt(0n, MAX_UINT64));
const amount = fc.oneof(
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.bigInt(0n, 60_000n),
  fc.bigInt(0n, MAX_UINT64),
);

/** What a meter tells of one amount: the sum, and whether the gas has run out. */
function tell(meter: GasMeter, amount: number | bigint): string {
  try {
    meter.consume(amount, 'here');
    return `${meter.consumed}`;
  } catch (error) {
    assert.ok(error instanceof OutOfGasError);
    return `${meter.consumed} ${error.message}`;
  }
}

function expected(limit: bigint | undefined, consumed: bigint): string {
  if (limit === undefined || consumed <= limit) return `${consumed}`;
  const facts = `gasWanted: ${limit}, gasUsed: ${consumed}`;
  return `${consumed} out of gas in location: here; ${facts}: out of gas`;
}

function caught(run: () => void): OutOfGasError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof OutOfGasError);
    return error;
  }
  return assert.fail('there is gas left');
}

describe('a gas meter', () => {
  it('is exact for numbers and bigints of any size, also when its gas is used up', () => {
    fc.assert(
      fc.property(fc.option(limit, { nil: undefined }), fc.array(amount), (limit, amounts) => {
        const meter = new GasMeter(limit);
        let consumed = 0n;
        for (const amount of amounts) {
          consumed += BigInt(amount);
          assert.equal(tell(meter, amount), expected(limit, consumed));
        }
      }),
    );
  });

  it('counts strain to the limit of a trial run only, and never to what is consumed', () => {
    const meter = (isTrial: boolean): GasMeter => new GasMeter(100n, isTrial);
    const paying = meter(false);
    paying.strain(1_000n, 'there');
    paying.consume(100, 'here');
    assert.equal(paying.consumed, 100n);
    const trial = meter(true);
    trial.consume(40, 'here');
    trial.strain(50n, 'there');
    trial.consume(10, 'here');
    assert.equal(trial.consumed, 50n);
    const { message } = caught(() => trial.strain(1n, 'there'));
    assert.match(
      message,
      /^out of gas in location: there \(simulationGasLimit of this node\); gas/,
    );
    assert.match(message, /gasWanted: 100, gasUsed: 50: out of gas$/);
    const other = meter(true);
    other.strain(90n, 'there');
    other.consume(10, 'here');
    assert.match(caught(() => other.consume(1, 'here')).message, /gasWanted: 100, gasUsed: 11:/);
    const unlimited = new GasMeter(undefined, true);
    unlimited.strain(1n << 80n, 'there');
    assert.equal(unlimited.consumed, 0n);
  });

  it('refuses negative amounts and limits that do not fit 64 bits', () => {
    for (const amount of [-1, -1n]) {
      assert.throws(() => new GasMeter().consume(amount, 'here'), /negative gas/);
    }
    for (const limit of [-1n, MAX_UINT64 + 1n]) {
      assert.throws(() => new GasMeter(limit), /gas limit out of range/);
    }
  });
});
