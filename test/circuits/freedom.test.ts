import assert from 'node:assert/strict';
import { BUILD_TIMEOUT, testCircuit } from './built-circuit.ts';
import type { Witness } from './constraint-system.ts';
import { committedForms, idleHints, laterOpenings } from './fixed-forms.ts';
import { nullSpace } from './null-space.ts';
import { TEST_SHAPE, buildBatch } from './reference-batch.ts';
import { SCENARIOS, openLedger } from './scenarios.ts';

function honest(at: number): Witness {
  const { batch } = SCENARIOS[at] as (typeof SCENARIOS)[number];
  return testCircuit().witness(buildBatch(openLedger(TEST_SHAPE.depth), TEST_SHAPE, batch).input);
}

/** `without` are constraints left out: planted faults. */
function freedoms(witness: Witness, without: ReadonlySet<number> = new Set()): number {
  const circuit = testCircuit();
  const hints = idleHints(circuit, witness).map((wire) => new Map([[wire, 1n]]));
  const fixed = [...committedForms(circuit), ...hints];
  const cut = new Set([...laterOpenings(circuit), ...without]);
  return nullSpace(circuit.system, witness, fixed, cut).dimension;
}

/** The constraints that close the ranges in which these signals occur: products of long sums that are 0. */
function rangesOf(names: readonly RegExp[]): Set<number> {
  const { system, symbols } = testCircuit();
  const named = [...symbols].filter(([name]) => names.some((pattern) => pattern.test(name)));
  const wires = named.map(([, wire]) => wire);
  const found = system.around(wires).filter((index) => {
    const [a, b, c] = system.constraints[index] ?? [];
    return c?.wires.length === 0 && (a?.wires.length ?? 0) >= 16 && (b?.wires.length ?? 0) >= 16;
  });
  assert.ok(found.length >= names.length, `no ranges found for ${names.join(' ')}`);
  return new Set(found);
}

describe('the committed words and the old root determine the whole witness', function () {
  this.timeout(BUILD_TIMEOUT);
  before(() => void testCircuit());

  for (const [at, { name }] of SCENARIOS.entries()) {
    it(`with ${name}`, () => assert.equal(freedoms(honest(at)), 0));
  }

  it('except for one hint of IsZero for each input that is 0', () => {
    const witness = honest(1);
    const circuit = testCircuit();
    const { dimension } = nullSpace(circuit.system, witness, committedForms(circuit));
    assert.equal(dimension, idleHints(circuit, witness).length);
  });

  it('and no longer when amounts, fees and what follows from them lose their ranges', () => {
    const twoTransfers = honest(2);
    const names = [/^main\.amount\[/, /^main\.fee\[/, /\.SlotState_\w+\.(debit|plain)$/];
    assert.ok(freedoms(twoTransfers, rangesOf(names)) > 0);
  });

  it('and no longer when the balance and the nonce of a leaf lose theirs', () => {
    const deposit = honest(5);
    assert.ok(freedoms(deposit, rangesOf([/^main\.rBalance\[0\]$/, /^main\.rNonce\[0\]$/])) > 0);
  });
});
