import assert from 'node:assert/strict';
import { ProgressView } from '../../../../node/cli/localnet/progress.ts';
import { Screen } from '../../../../node/cli/localnet/screen.ts';
import { FakeOutput } from './fake-output.ts';

describe('cli/localnet/screen on a terminal', () => {
  it('redraws the block in place and never leaves an older one', () => {
    const out = new FakeOutput({ isTTY: true, columns: 40 });
    const screen = new Screen(out);
    screen.show(['height 1', 'peers 3']);
    screen.show(['height 2', 'peers 3']);
    assert.deepEqual(out.rows(), ['height 2', 'peers 3']);
  });

  it('keeps what is said, above the block', () => {
    const out = new FakeOutput({ isTTY: true, columns: 40 });
    const screen = new Screen(out);
    screen.say('welcome');
    screen.show(['height 1', 'peers 3']);
    screen.say('node3 was killed\nonce more');
    screen.show(['height 2']);
    assert.deepEqual(out.rows(), ['welcome', 'node3 was killed', 'once more', 'height 2']);
  });

  it('draws with one write, so that nothing is blank in between', () => {
    const out = new FakeOutput({ isTTY: true, columns: 40 });
    const screen = new Screen(out);
    screen.show(['height 1']);
    const before = out.writes;
    screen.show(['height 2']);
    assert.equal(out.writes, before + 1);
  });

  it('shortens rows that would wrap', () => {
    const out = new FakeOutput({ isTTY: true, columns: 10 });
    new Screen(out).show(['0123456789abc']);
    assert.deepEqual(out.rows(), ['01234567…']);
  });

  it('leaves the last block where it is once it is settled', () => {
    const out = new FakeOutput({ isTTY: true, columns: 40 });
    const screen = new Screen(out);
    screen.show(['height 9']);
    screen.settle();
    screen.say('Stopping');
    assert.deepEqual(out.rows(), ['height 9', 'Stopping']);
  });

  it('a bar takes the place of the one before', () => {
    const out = new FakeOutput({ isTTY: true, columns: 80 });
    const progress = new ProgressView(new Screen(out));
    progress.report({ step: 'key', share: 0 });
    progress.report({ step: 'key', share: 0.5 });
    assert.equal(out.rows().length, 1);
    assert.match(out.rows()[0] ?? '', /make the development key +\[#{10} {10}\] +50% 0 s/);
    progress.report({ step: 'key', share: 1 });
    assert.equal(progress.end(), true);
    assert.deepEqual(out.rows(), ['  make the development key: done in 0 s']);
  });
});

describe('cli/localnet/screen without a terminal', () => {
  it('writes plain lines and no block', () => {
    const out = new FakeOutput({});
    const screen = new Screen(out);
    screen.say('welcome');
    screen.show(['height 1']);
    screen.status(['height 2'], 'plain height 2');
    screen.status(['height 3'], 'plain height 3');
    assert.equal(out.text, 'welcome\nplain height 2\n');
  });

  it('writes one line when a step begins and one when it ends', () => {
    const out = new FakeOutput({});
    const progress = new ProgressView(new Screen(out));
    for (const share of [0, 0.3, 0.6, 1]) progress.report({ step: 'compile', share });
    assert.equal(progress.end(), true);
    assert.equal(out.text, '  compile the circuit ...\n  compile the circuit: done in 0 s\n');
  });

  it('says when there was nothing to build', () => {
    const progress = new ProgressView(new Screen(new FakeOutput({})));
    progress.report({ step: 'done', share: 1 });
    assert.equal(progress.end(), false);
  });

  it('a terminal that calls itself dumb is none', () => {
    assert.equal(new Screen(new FakeOutput({ isTTY: true }), { TERM: 'dumb' }).isTerminal, false);
  });
});
