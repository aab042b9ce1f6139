import assert from 'node:assert/strict';
import { BUILD_TIMEOUT, testCircuit } from './built-circuit.ts';
import { TEST_SHAPE, buildBatch } from './reference-batch.ts';
import { REFUSALS } from './refusals.ts';
import { openLedger } from './scenarios.ts';

describe('the batch circuit refuses', function () {
  this.timeout(BUILD_TIMEOUT);
  before(() => void testCircuit());

  for (const [group, list] of REFUSALS) {
    describe(group, () => {
      for (const { name, batch, by, prepare } of list) {
        it(name, () => {
          const ledger = openLedger(TEST_SHAPE.depth);
          prepare?.(ledger);
          const { input } = buildBatch(ledger, TEST_SHAPE, batch);
          assert.throws(
            () => testCircuit().witness(input),
            (error: Error) => {
              assert.match(error.message, /constraint broken/);
              assert.match(error.message, by);
              return true;
            },
          );
        });
      }
    });
  }
});
