import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Background } from '../../../node/store/background.ts';

interface Gate {
  readonly wait: Promise<void>;
  readonly open: () => void;
  readonly fail: (error: Error) => void;
}

function gate(): Gate {
  let ends: Omit<Gate, 'wait'> | undefined;
  const wait = new Promise<void>((open, fail) => (ends = { open, fail }));
  assert.ok(ends);
  return { wait, ...ends };
}

function never(): never {
  assert.fail('this must not happen');
}

describe('work in the background', () => {
  it('runs once at a time, and again when it has ended', async () => {
    const work = new Background(never);
    const first = gate();
    const begun: number[] = [];
    work.begin(() => (begun.push(1), first.wait));
    work.begin(() => (begun.push(2), first.wait));
    assert.deepEqual(begun, [1]);
    first.open();
    await work.idle();
    work.begin(() => (begun.push(3), Promise.resolve()));
    await work.idle();
    assert.deepEqual(begun, [1, 3]);
  });

  it('reports what went wrong and can begin again', async () => {
    const problems: unknown[] = [];
    const work = new Background((error) => problems.push(error));
    const error = new Error('the disk is full');
    work.begin(() => Promise.reject(error));
    await work.idle();
    assert.deepEqual(problems, [error]);
    let again = false;
    work.begin(() => Promise.resolve(void (again = true)));
    await work.idle();
    assert.ok(again);
  });

  it('waits for its run when it stops, begins nothing after, and says nothing of what the stop broke', async () => {
    const work = new Background(never);
    const run = gate();
    work.begin(() => run.wait);
    const stopped = work.stop();
    assert.ok(work.isStopped);
    run.fail(new Error('closed'));
    await stopped;
    work.begin(never);
    await work.idle();
  });
});
