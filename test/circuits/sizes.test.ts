import assert from 'node:assert/strict';
import { templateSizes } from '../../circuits/tools/template-sizes.js';
import { readManifest } from '../../circuits/tools/manifest.js';
import { BUILD_TIMEOUT } from './built-circuit.ts';

/** Constraints of templates compiled alone. A change here is a change of the circuit: say why. */
const SIZES = {
  Operation: 0,
  SlotState: 0,
  QuoteRow: 0,
  ShortSchnorr: 0,
  MessageHash: 0,
  'PathUpdate per level': 0,
  Leaf: 0,
  SharedRange: 0,
  'FeeShare of 4': 0,
  'FeeTable of 4': 0,
  'Commit to 18 words': 0,
  'Evaluate 14 words': 0,
};

describe('circuit sizes', function () {
  this.timeout(BUILD_TIMEOUT);

  it('are what they were', async () => {
    assert.deepEqual(await templateSizes(Object.keys(SIZES)), SIZES);
  });

  it('keep the devnet profile within 2^16', () => {
    const { profiles } = readManifest();
    assert.equal(profiles['test']?.constraints, 0);
    assert.equal(profiles['dev']?.constraints, 0);
    assert.ok((profiles['dev']?.constraints ?? 0) + 7 <= 2 ** 16);
  });
});
