import assert from 'node:assert/strict';
import { BUILD_TIMEOUT, testCircuit } from './built-circuit.ts';
import type { Witness } from './constraint-system.ts';
import { idleHints } from './fixed-forms.ts';
import { TEST_SHAPE, buildBatch } from './reference-batch.ts';
import { P } from './reference-crypto.ts';
import { SCENARIOS, openLedger } from './scenarios.ts';

const SEED = Number(process.env['SEED'] ?? 20261121);

/** xorshift32: enough to choose wires and values. */
function numbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function honest(at: number): Witness {
  const { batch } = SCENARIOS[at] as (typeof SCENARIOS)[number];
  return testCircuit().witness(buildBatch(openLedger(TEST_SHAPE.depth), TEST_SHAPE, batch).input);
}

describe(`an edited witness (seed ${SEED})`, function () {
  this.timeout(BUILD_TIMEOUT);
  before(() => void testCircuit());

  it('is refused whichever single wire moves by one, IsZero hints of 0 excepted', () => {
    const { system } = testCircuit();
    const witness = honest(7);
    const hints = new Set(idleHints(testCircuit(), witness));
    const accepted: number[] = [];
    for (let wire = 1; wire < system.wires; wire++) {
      const value = (witness[wire] as bigint) + 1n;
      if (!hints.has(wire) && system.acceptsChange(witness, new Map([[wire, value]]))) {
        accepted.push(wire);
      }
    }
    assert.deepEqual(accepted, []);
  });

  for (const [at, { name }] of SCENARIOS.entries()) {
    it(`is refused with random wires replaced: ${name}`, () => {
      const { system } = testCircuit();
      const witness = honest(at);
      const hints = new Set(idleHints(testCircuit(), witness));
      const next = numbers(SEED + at);
      for (let round = 0; round < 500; round++) {
        const wires = Array.from(
          { length: 1 + (next() % 3) },
          () => 1 + (next() % (system.wires - 1)),
        );
        const changes = new Map(
          wires.map(
            (wire) => [wire, (BigInt(next()) * BigInt(next()) + BigInt(next())) % P] as const,
          ),
        );
        const moves = [...changes].some(
          ([wire, value]) => !hints.has(wire) && witness[wire] !== value,
        );
        if (!moves) continue;
        const text = [...changes].map(([wire, value]) => `${wire}=${value}`).join(' ');
        assert.ok(!system.acceptsChange(witness, changes), `round ${round}: ${text}`);
      }
    });
  }

  it('is refused when another kind of operation is claimed', () => {
    const circuit = testCircuit();
    const witness = honest(1);
    for (let kind = 0; kind < 5; kind++) {
      if (kind === 2) continue;
      const changes = new Map([
        [circuit.wire('sel[0][2]'), 0n],
        [circuit.wire(`sel[0][${kind}]`), 1n],
      ]);
      assert.ok(!circuit.system.acceptsChange(witness, changes), `kind ${kind}`);
    }
  });
});
