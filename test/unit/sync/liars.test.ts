/** Networks of liars played through the plan without sockets: one honest peer is enough. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { utf8 } from '../../../node/base/bytes.ts';
import {
  MAX_SYNC_BUFFER_BYTES,
  MAX_SYNC_ASKS,
  MAX_SYNC_REQUEST_BYTES,
} from '../../../node/base/limits.ts';
import { mayRun, RECENT_MS } from '../../../node/sync/sync-mode.ts';
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

interface OpenQuestion {
  readonly at: number;
  readonly ask: Ask;
  readonly answer: ReturnType<Player['answer']>;
}

/** A node without sockets, its peers, and a chain that grows by a block every `blockEveryMs`. */
class Game {
  readonly banned = new Set<string>();
  height = 0;
  now = 0;
  mostHeld = 0;
  hasCaughtUp = false;
  readonly #plan = new SyncPlan(0);
  readonly #players: ReadonlyMap<string, Player>;
  readonly #start: number;
  readonly #blockEveryMs: number;
  readonly #points = new Map<string, number>();
  #open: OpenQuestion[] = [];
  #lastTrueAt: number | undefined;
  /** Consensus runs for want of blocks, which are still asked for. */
  #isProbing = false;

  constructor(players: ReadonlyMap<string, Player>, start: number, blockEveryMs: number) {
    this.#players = players;
    this.#start = start;
    this.#blockEveryMs = blockEveryMs;
  }

  get tip(): number {
    return this.#start + Math.floor(this.now / this.#blockEveryMs);
  }

  /** Until the node has caught up, at most for ten minutes. */
  play(): this {
    for (; this.now < 600_000 && !this.hasCaughtUp; this.now += STEP_MS) {
      this.#claim();
      this.#ask();
      this.#answer();
      this.mostHeld = Math.max(this.mostHeld, this.#plan.heldBytes);
      this.#judge();
      this.#decide();
    }
    return this;
  }

  #charge(fault: Fault | undefined): void {
    if (fault === undefined) return;
    const total = (this.#points.get(fault.peerId) ?? 0) + fault.points;
    this.#points.set(fault.peerId, total);
    if (total < BANNED_AT) return;
    this.banned.add(fault.peerId);
    this.#plan.gone(fault.peerId);
  }

  #claim(): void {
    for (const [name, player] of this.#players) {
      if (this.banned.has(name)) continue;
      const height = player.claim(this.now, this.tip);
      this.#charge(this.#plan.claimed(name, { height, base: 1 }, this.now));
    }
  }

  #ask(): void {
    for (const ask of this.#plan.asks(this.now, { probe: this.#isProbing })) {
      const player = this.#players.get(ask.peerId)!;
      const answer = player.answer(ask, this.tip);
      const delay = answer === undefined ? TIMEOUT_MS : player.delayMs;
      this.#open.push({ at: this.now + delay, ask, answer });
    }
  }

  #answer(): void {
    const due = this.#open.filter(({ at }) => at <= this.now);
    this.#open = this.#open.filter(({ at }) => at > this.now);
    for (const { ask, answer } of due) {
      const { id } = ask;
      if (answer === undefined) this.#charge(this.#plan.failed(id, 'timed out', this.now));
      else if (answer === 'garbage') this.#charge(this.#plan.lied(id, 'garbage', this.now));
      else this.#charge(this.#plan.answered(id, answer, this.now));
    }
  }

  #judge(): void {
    for (let held = this.#plan.next(); held !== undefined; held = this.#plan.next()) {
      const { block, commit } = truth(this.height + 1);
      if (Buffer.from(held.block).equals(block) && Buffer.from(held.commit).equals(commit)) {
        this.height += 1;
        this.#lastTrueAt = this.now;
        this.#isProbing = false;
        this.#plan.accepted(held);
      } else this.#charge(this.#plan.refused(held, 'not true', this.now));
    }
  }

  #decide(): void {
    if (this.#isProbing) return;
    const leaving = mayRun({
      now: this.now,
      height: this.height,
      since: 0,
      lastTrueAt: this.#lastTrueAt,
      isEnough: false,
      tipAgeMs: this.now - (this.height - this.#start) * this.#blockEveryMs,
      best: this.#plan.best(this.now),
      promised: this.#plan.promised(),
      peers: this.#plan.peerCount,
      isCutOff: this.#plan.isCutOff(),
    });
    this.hasCaughtUp = leaving === 'caught up';
    this.#isProbing = leaving === 'claims without blocks';
  }
}

describe('one honest peer among liars is enough', () => {
  const honest: Player = { claim: atTip, answer: honestAnswer, delayMs: 60 };

  for (const [name, liar] of Object.entries(LIARS)) {
    it(`three peers: ${name}`, () => {
      const liars = [1, 2, 3].map((index): [string, Player] => [`liar ${index}`, liar]);
      const outcome = new Game(new Map([...liars, ['honest', honest]]), 400, 1_000).play();
      assert.ok(outcome.hasCaughtUp && outcome.height >= outcome.tip - NEAR_BLOCKS);
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
        const outcome = new Game(new Map(list), start, blockEveryMs).play();
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
