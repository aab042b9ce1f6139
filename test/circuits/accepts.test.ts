import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { WitnessCalculator } from '../../circuits/tools/calculator.js';
import { BUILD_TIMEOUT, buildProfile, testCircuit } from './built-circuit.ts';
import { DEV_SHAPE, TEST_SHAPE, buildBatch } from './reference-batch.ts';
import { SCENARIOS, openLedger } from './scenarios.ts';

describe('the batch circuit accepts', function () {
  this.timeout(BUILD_TIMEOUT);
  before(() => void testCircuit());

  for (const { name, batch } of SCENARIOS) {
    it(name, () => {
      const { input } = buildBatch(openLedger(TEST_SHAPE.depth), TEST_SHAPE, batch);
      const circuit = testCircuit();
      const witness = circuit.witness(input);
      assert.ok(circuit.system.accepts(witness), 'the r1cs refuses the witness');
    });
  }

  it('has domain, old root, new root, C, z and y as its public inputs, in this order', () => {
    const names = ['domain', 'oldRoot', 'newRoot', 'commitment', 'z', 'y'];
    assert.deepEqual(
      names.map((name) => testCircuit().wire(name)),
      [1, 2, 3, 4, 5, 6],
    );
    assert.equal(testCircuit().system.publics, 6);
  });
});

describe('the devnet circuit accepts', function () {
  this.timeout(BUILD_TIMEOUT);
  let calculator: WitnessCalculator;
  before(() => {
    calculator = new WitnessCalculator(readFileSync(`${buildProfile('dev')}batch_dev.wasm`));
  });

  for (const { name, batch } of SCENARIOS) {
    it(name, () => {
      const { input } = buildBatch(openLedger(DEV_SHAPE.depth), DEV_SHAPE, {
        ...batch,
        ...(batch.feeTokens ? { feeTokens: [1n, 3n, 4n, 5n] } : {}),
      });
      assert.ok(calculator.calculate(input).length > 0);
    });
  }
});
