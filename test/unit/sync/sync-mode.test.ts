import assert from 'node:assert/strict';
import {
  FIRST_BLOCK_MS,
  isBehind,
  mayRun,
  RECENT_MS,
  STALL_MS,
  type Leaving,
  type Outlook,
} from '../../../node/sync/sync-mode.ts';

const OUTLOOK: Outlook = {
  now: 100_000,
  height: 50,
  best: 50,
  promised: 0,
  peers: 3,
  isCutOff: false,
  isEnough: false,
  since: 100_000,
  lastTrueAt: undefined,
  tipAgeMs: 3_600_000,
};
const at = (before: number): number => OUTLOOK.now - before;

describe('consensus waits for blocks', () => {
  const CASES: [string, Partial<Outlook>, Leaving | undefined][] = [
    ['nobody is ahead', {}, 'caught up'],
    ['all begin further on', { best: 99, isCutOff: true, since: 0, tipAgeMs: 1 }, undefined],
    ['nobody is there', { peers: 0 }, undefined],
    ['nobody is there although the newest block is new', { peers: 0, tipAgeMs: 1 }, undefined],
    ['nobody is there and nobody is needed', { peers: 0, isEnough: true }, 'caught up'],
    ['somebody is one block ahead', { best: 51 }, 'caught up'],
    [
      'somebody is one block ahead of one that needs nobody',
      { best: 51, isEnough: true },
      undefined,
    ],
    ['somebody is two blocks ahead', { best: 52 }, undefined],
    ['the newest block is new', { best: 999, tipAgeMs: RECENT_MS - 1 }, 'caught up'],
    ['the newest block is old', { best: 999, tipAgeMs: RECENT_MS }, undefined],
    ['the newest block is new by a wrong clock', { best: 999, tipAgeMs: -10_000 }, undefined],
    [
      'the newest block of one that needs nobody is new',
      { best: 999, tipAgeMs: 1, isEnough: true },
      undefined,
    ],
    ['claims bring no block', { best: 52, since: at(FIRST_BLOCK_MS) }, 'claims without blocks'],
    ['claims may still bring one', { best: 52, since: at(FIRST_BLOCK_MS - 1) }, undefined],
    ['blocks come', { best: 52, since: 0, lastTrueAt: at(STALL_MS - 1) }, undefined],
    [
      'no more blocks come',
      { best: 52, since: 0, lastTrueAt: at(STALL_MS) },
      'claims without blocks',
    ],
    ['who gave blocks fails now', { promised: 99, lastTrueAt: at(STALL_MS - 1) }, undefined],
    ['who gave blocks fails for long', { promised: 99, lastTrueAt: at(STALL_MS) }, 'caught up'],
  ];
  for (const [what, change, expected] of CASES) {
    it(`${what}: ${expected ?? 'it waits'}`, () => {
      assert.equal(mayRun({ ...OUTLOOK, ...change }), expected);
    });
  }
});

describe('consensus runs', () => {
  const CASES: [string, number, number, boolean][] = [
    ['nobody is ahead', 50, 9_999, false],
    ['somebody is one ahead', 51, 999, false],
    ['somebody has been one ahead for long', 51, 1_000, true],
    ['somebody is two ahead', 52, 0, true],
  ];
  for (const [what, best, waited, expected] of CASES) {
    it(`${what}: blocks are ${expected ? '' : 'not '}asked for`, () => {
      assert.equal(isBehind({ height: 50, best }, waited, 1_000), expected);
    });
  }
});
