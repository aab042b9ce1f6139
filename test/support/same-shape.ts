/** Are two JSON answers of one form? Values may differ; what a decoder relies on may not. */
import assert from 'node:assert/strict';
import type { Recorded } from '../unit/rpc/recorded.ts';

/** Fields that carry free text or depend on the program that answers. */
const FREE_TEXT = new Set(['log', 'info', 'data', 'message', 'moniker', 'version', 'Listener']);

/** Hashes that a round has or has not yet, as the moment of the question wants it. */
const MOMENTARY = new Set(['locked_block_hash', 'proposal_block_hash', 'valid_block_hash']);

/** Names the form of a scalar: what a decoder relies on. */
function form(value: Recorded): string {
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  if (value === '') return 'empty';
  if (/^-?(0|[1-9]\d*)$/.test(value)) return 'integer string';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return 'time';
  if (/^([0-9A-F]{2})+$/.test(value)) return 'upper hex';
  if (/^([0-9a-f]{2})+$/.test(value)) return 'lower hex';
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0) return 'base64';
  return 'text';
}

/** Same keys, same kinds of values, same forms of strings, all the way down. */
export function assertSameShape(ours: Recorded, theirs: Recorded, path: string): void {
  const ourKind = kindOf(ours);
  assert.equal(ourKind, kindOf(theirs), `${path}: kind of value`);
  if (ourKind === 'array') {
    assert.equal(ours.length === 0, theirs.length === 0, `${path}: empty or not`);
    for (const [i, item] of ours.entries()) {
      const like = theirs[Math.min(i, theirs.length - 1)];
      assertSameShape(item, like, `${path}[${i}]`);
    }
  } else if (ourKind === 'object') {
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort(), `${path}: keys`);
    for (const key of Object.keys(theirs)) {
      if (MOMENTARY.has(key) && (ours[key] === '' || theirs[key] === '')) continue;
      if (!FREE_TEXT.has(key) || kindOf(theirs[key]) !== 'string') {
        assertSameShape(ours[key], theirs[key], `${path}.${key}`);
      }
    }
  } else if (ourKind === 'string') {
    assert.equal(form(ours), form(theirs), `${path}: form of ${ours}, recorded ${theirs}`);
  }
}

function kindOf(value: Recorded): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
