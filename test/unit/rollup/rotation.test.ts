import assert from 'node:assert/strict';
import { endOfRun, isOurs, RUN_LENGTH, turnOf } from '../../../node/rollup/rotation.ts';

const batches = Array.from({ length: 24 }, (_, i) => BigInt(i + 1));

describe('rollup/rotation', () => {
  it('gives each run of batches to one prover, in turn', () => {
    const turns: [batch: bigint, count: number, turn: number][] = [
      [1n, 2, 0],
      [4n, 2, 0],
      [5n, 2, 1],
      [8n, 2, 1],
      [9n, 2, 0],
      [9n, 3, 2],
      [13n, 3, 0],
      [1n, 1, 0],
      [400n, 1, 0],
    ];
    for (const [batch, count, turn] of turns) assert.equal(turnOf(batch, count), turn);
  });

  it('ends runs at multiples of their length', () => {
    for (const batch of batches) {
      const end = endOfRun(batch);
      assert.equal(end % RUN_LENGTH, 0n);
      assert.ok(end >= batch && end - batch < RUN_LENGTH);
      assert.equal(turnOf(end, 3), turnOf(batch, 3));
    }
  });

  it('names exactly one prover for each batch while L1 moves', () => {
    for (const count of [1, 2, 3, 5]) {
      for (const batch of batches) {
        const owners = Array.from({ length: count }, (_, index) => index).filter((index) =>
          isOurs(batch, 29, { index, count, takeoverSeconds: 30 }),
        );
        assert.deepEqual(owners, [turnOf(batch, count)]);
      }
    }
  });

  it('lets one prover more step in with each interval without progress', () => {
    const at = (index: number, idle: number): boolean =>
      isOurs(1n, idle, { index, count: 3, takeoverSeconds: 30 });
    const steps: [idle: number, able: number[]][] = [
      [0, [0]],
      [30, [0, 1]],
      [59.9, [0, 1]],
      [60, [0, 1, 2]],
      [6_000, [0, 1, 2]],
    ];
    for (const [idle, able] of steps) {
      assert.deepEqual(
        [0, 1, 2].filter((index) => at(index, idle)),
        able,
      );
    }
  });
});
