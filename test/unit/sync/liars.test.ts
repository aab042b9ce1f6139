/** Networks of liars played through the plan without sockets: one honest peer is enough. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { utf8 } from '../../../node/base/bytes.ts';
import {
  MAX_SYNC_BUFFER_BYTES,
  MAX_SYNC_ASKS,
  MAX_SYNC_REQUEST_BYTES,
} from '../../../node/base/limits.ts';
import { mayRun, RECENT_MS, type Leaving } from '../../../node/sync/sync-mode.ts';
import { SyncPlan, type Ask, type Fault } from '../../../node/sync/sync-plan.ts';
import type { SyncBlock } from '../../../node/sync/messages.ts';

const STEP_MS = 50;
/** A question that is not answered fails after this long, as links.ts has it. */
const TIMEOUT_MS = 15_000;
const BANNED_AT = 100;
/** Blocks of one second that RECENT_MS allows to be behind. */
const NEAR_BLOCKS = RECENT_MS / 1_000;

const truth = (height: number): SyncBlock => ({
  height,
  block: utf8(`block ${height}`),
  commit: utf8(`commit ${height}`),
});
const honestAnswer = ({ fromHeight, count }: Ask, tip: number): SyncBlock[] =>
  Array.from({ length: Math.min(count, Math.max(0, tip - fromHeight + 1)) }, (_, index) =>
    truth(fromHeight + index),
  );

interface Player {
  /** What it claims at this time, when the honest tip is at `tip`. */
  readonly claim: (now: number, tip: number) => number;
  /** Undefined: never. */
  readonly answer: (ask: Ask, tip: number) => SyncBlock[] | 'garbage' | undefined;
  readonly delayMs: number;
}

const atTip = (_now: number, tip: number): number => tip;
const tooHigh = (_now: number, tip: number): number => tip + 1_000_000;
const lie = (answer: Player['answer'], claim = tooHigh, delayMs = 20): Player => ({
  claim,
  answer,
  delayMs,
});

const LIARS: Record<string, Player> = {
  silent: lie(() => undefined),
  'silent, modest': lie(() => undefined, atTip),
  empty: lie(() => []),
  garbage: lie(() => 'garbage'),
  gap: lie((ask, tip) => honestAnswer(ask, tip).filter((_, index) => index !== 1)),
  shifted: lie(({ fromHeight }) => [truth(fromHeight + 1)]),
  'wrong block': lie(({ fromHeight }) => [{ ...truth(fromHeight), block: utf8('x') }]),
  'wrong commit': lie(({ fromHeight }) => [{ ...truth(fromHeight), commit: utf8('x') }]),
  'true, then wrong': lie((ask, tip) => {
    const blocks = honestAnswer(ask, tip);
    return [
      ...blocks.slice(0, -1),
      { ...truth(ask.fromHeight + blocks.length - 1), block: utf8('x') },
    ];
  }),
  'goes up and down': lie(honestAnswer, (now, tip) => tip + (now % 1_000 < 500 ? 1_000 : 0)),
  trickle: lie((ask, tip) => honestAnswer({ ...ask, count: 1 }, tip), tooHigh, 14_000),
  'slow-loris': lie(honestAnswer, tooHigh, 14_900),
  'honest until it matters': lie((ask, tip) => honestAnswer(ask, tip - 40), tooHigh),
};

interface Outcome {
  readonly height: number;
  readonly tip: number;
  readonly isRunning: boolean;
  readonly now: number;
  readonly banned: ReadonlySet<string>;
  readonly falseBlocks: number;
  readonly mostHeld: number;
  readonly leaving: Leaving | undefined;
}

/** Plays until the node has caught up, at most for ten minutes. */
function play(players: ReadonlyMap<string, Player>, start: number, blockEveryMs: number): Outcome {
  const plan = new SyncPlan(0);
  const open: { at: number; ask: Ask; answer: ReturnType<Player['answer']> }[] = [];
  const points = new Map<string, number>();
  const banned = new Set<string>();
  let [height, now, falseBlocks, mostHeld] = [0, 0, 0, 0];
  let lastTrueAt: number | undefined;
  let leaving: Leaving | undefined;
  /** Consensus runs for want of blocks, which are still asked for. */
  let isProbing = false;
  const charge = (fault: Fault | undefined): void => {
    if (fault === undefined) return;
    const total = (points.get(fault.peerId) ?? 0) + fault.points;
    points.set(fault.peerId, total);
    if (total < BANNED_AT) return;
    banned.add(fault.peerId);
    plan.gone(fault.peerId);
  };
  const tip = (): number => start + Math.floor(now / blockEveryMs);
  for (; now < 600_000; now += STEP_MS) {
    for (const [name, player] of players) {
      if (banned.has(name)) continue;
      charge(plan.claimed(name, { height: player.claim(now, tip()), base: 1 }, now));
    }
    for (const ask of plan.asks(now, { probe: isProbing })) {
      const { answer, delayMs } = players.get(ask.peerId)!;
      const given = answer(ask, tip());
      open.push({ at: now + (given === undefined ? TIMEOUT_MS : delayMs), ask, answer: given });
    }
    for (const { ask, answer } of open.filter(({ at }) => at > now - STEP_MS && at <= now)) {
      if (answer === undefined) charge(plan.failed(ask.id, 'timed out', now));
      else if (answer === 'garbage') charge(plan.lied(ask.id, 'garbage', now));
      else charge(plan.answered(ask.id, answer, now));
    }
    mostHeld = Math.max(mostHeld, plan.heldBytes);
    for (let held = plan.next(); held !== undefined; held = plan.next()) {
      const expected = truth(height + 1);
      const isTrue =
        Buffer.from(held.block).equals(expected.block) &&
        Buffer.from(held.commit).equals(expected.commit);
      if (isTrue) {
        height += 1;
        lastTrueAt = now;
        isProbing = false;
        plan.accepted(held);
      } else {
        falseBlocks += 1;
        charge(plan.refused(held, 'not true', now));
      }
    }
    const tipAgeMs = now - (height - start) * blockEveryMs;
    const outlook = { now, height, since: 0, lastTrueAt, isEnough: false, tipAgeMs };
    const { peerCount: peers } = plan;
    const claims = {
      best: plan.best(now),
      promised: plan.promised(),
      peers,
      isCutOff: plan.isCutOff(),
    };
    if (!isProbing) leaving = mayRun({ ...outlook, ...claims });
    if (leaving === 'caught up') break;
    isProbing = leaving !== undefined;
  }
  return {
    height,
    tip: tip(),
    isRunning: now < 600_000,
    now,
    banned,
    falseBlocks,
    mostHeld,
    leaving,
  };
}

describe('one honest peer among liars is enough', () => {
  const honest: Player = { claim: atTip, answer: honestAnswer, delayMs: 60 };

  for (const [name, liar] of Object.entries(LIARS)) {
    it(`three peers: ${name}`, () => {
      const liars = [1, 2, 3].map((index): [string, Player] => [`liar ${index}`, liar]);
      const outcome = play(new Map([...liars, ['honest', honest]]), 400, 1_000);
      assert.ok(
        outcome.isRunning && outcome.height >= outcome.tip - NEAR_BLOCKS,
        JSON.stringify(outcome),
      );
      assert.ok(!outcome.banned.has('honest'));
      assert.ok(outcome.now <= 60_000, `took ${outcome.now} ms`);
    });
  }

  it('whatever they do, and however many they are', () => {
    const names = Object.keys(LIARS);
    const players = fc.record({
      liars: fc.array(fc.constantFrom(...names), { maxLength: 12 }),
      start: fc.integer({ min: 0, max: 1_500 }),
      delayMs: fc.integer({ min: 20, max: 2_000 }),
      blockEveryMs: fc.integer({ min: 500, max: 5_000 }),
      place: fc.nat(12),
    });
    fc.assert(
      fc.property(players, ({ liars, start, delayMs, blockEveryMs, place }) => {
        const list = liars.map((name, index): [string, Player] => [
          `${name} ${index}`,
          LIARS[name]!,
        ]);
        list.splice(Math.min(place, list.length), 0, ['honest', { ...honest, delayMs }]);
        const outcome = play(new Map(list), start, blockEveryMs);
        assert.ok(!outcome.banned.has('honest'), 'the honest peer is never banned');
        assert.ok(outcome.now <= 120_000, `consensus waited ${outcome.now} ms`);
        const near = Math.ceil(RECENT_MS / blockEveryMs) + 1;
        const isHonestTip = outcome.height >= outcome.tip - near;
        assert.ok(isHonestTip, `ended at ${outcome.height} of ${outcome.tip}`);
        const bound = MAX_SYNC_BUFFER_BYTES + 2 * MAX_SYNC_ASKS * MAX_SYNC_REQUEST_BYTES;
        assert.ok(outcome.mostHeld <= bound);
      }),
      { numRuns: 100 },
    );
  });
});
