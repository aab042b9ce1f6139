import assert from 'node:assert/strict';
import { HaltError } from '../../../node/base/exit.ts';
import { NEVER_HALT, requireNoHalt } from '../../../node/engine/halt.ts';
import { testChain } from './chain-fixture.ts';

describe('E12 where a node halts', () => {
  const goes = { haltReason: () => undefined };
  const asked = { haltReason: () => 'upgrade "next" is due' };
  /** Of the block after which the node is asked, as the settings count. */
  const now = { height: 0, seconds: 0 };
  let check: (
    height: number,
    timeSeconds: number,
    app: typeof goes | typeof asked | object,
  ) => void;

  before(async () => {
    const chain = await testChain();
    await chain.grow(5);
    const state = chain.state();
    Object.assign(now, { height: state.height, seconds: Number(state.time.seconds) });
    check = (height, timeSeconds, app) => requireNoHalt({ height, timeSeconds }, state, app);
  });

  const cases: readonly [
    string,
    (at: typeof now) => [number, number],
    object,
    RegExp | undefined,
  ][] = [
    ['no setting', () => [0, 0], goes, undefined],
    ['an application that never asks', () => [0, 0], {}, undefined],
    ['one block before the height', ({ height }) => [height + 1, 0], goes, undefined],
    [
      'at the height',
      ({ height }) => [height, 0],
      goes,
      /after block 5: consensus.haltHeight is 5/,
    ],
    ['past the height', ({ height }) => [height - 1, 0], goes, /haltHeight is 4/],
    ['one second before the time', ({ seconds }) => [0, seconds + 1], goes, undefined],
    ['at the time', ({ seconds }) => [0, seconds], goes, /consensus.haltTime/],
    ['past the time', ({ seconds }) => [0, seconds - 1], goes, /consensus.haltTime/],
    ['the application asks', () => [0, 0], asked, /by the application: upgrade "next" is due/],
  ];
  for (const [name, settings, app, why] of cases) {
    it(`${name}: ${why ? 'halts' : 'goes on'}`, () => {
      const [height, timeSeconds] = settings(now);
      if (!why) return check(height, timeSeconds, app);
      assert.throws(
        () => check(height, timeSeconds, app),
        (error) => error instanceof HaltError && error.exitCode === 0 && why.test(error.message),
      );
    });
  }

  it('never before the first block, whatever the settings say', async () => {
    const fresh = (await testChain()).state();
    requireNoHalt({ height: 1, timeSeconds: 1 }, { ...fresh, height: 7 }, asked);
    requireNoHalt(NEVER_HALT, fresh, asked);
  });
});
