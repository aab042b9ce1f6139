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

  it('refuses negative amounts and limits that do not fit 64 bits', () => {
    for (const amount of [-1, -1n]) {
      assert.throws(() => new GasMeter().consume(amount, 'here'), /negative gas/);
    }
    for (const limit of [-1n, MAX_UINT64 + 1n]) {
      assert.throws(() => new GasMeter(limit), /gas limit out of range/);
    }
  });
});
