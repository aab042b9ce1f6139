import assert from 'node:assert/strict';
import { templateSizes } from '../../circuits/tools/template-sizes.js';
import { readManifest } from '../../circuits/tools/manifest.js';
import { BUILD_TIMEOUT } from './built-circuit.ts';

/** Constraints of templates compiled alone. A change here is a change of the circuit: say why. */
const SIZES = {
  Slot: 14104,
  Operation: 3089,
  SlotState: 11003,
  QuoteRow: 14227,
  ShortSchnorr: 2196,
  MessageHash: 402,
  'PathUpdate per level': 603,
  Leaf: 262,
  SharedRange: 197,
  'FeeShare of 4': 12,
  'FeeTable of 4': 368,
  'Commit to 18 words': 1179,
  'Evaluate 14 words': 13,
};

describe('circuit sizes', function () {
  this.timeout(BUILD_TIMEOUT);

  it('are what they were', async () => {
    assert.deepEqual(await templateSizes(Object.keys(SIZES)), SIZES);
  });

  it('keep the devnet profile within 2^16', () => {
    const { profiles } = readManifest();
    assert.equal(profiles['test']?.constraints, 25237);
    assert.equal(profiles['dev']?.constraints, 58219);
    assert.ok((profiles['dev']?.constraints ?? 0) + 7 <= 2 ** 16);
  });
});
