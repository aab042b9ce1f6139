import assert from 'node:assert/strict';
import type { Module } from '../../../node/app/module.ts';
import { genesisFor, initRequest, runBlock, testApplication } from '../../support/application.ts';

/** A module whose chain needs another program after a height. */
function planned(name: string, height: number): Module {
  return {
    name,
    stores: [],
    messages: [],
    queries: [],
    initGenesis: () => undefined,
    exportGenesis: () => ({}),
    haltReason: (context) =>
      context.block.height >= height ? `${name} needs another program` : undefined,
  };
}

describe('E12 a module asks for another program', () => {
  async function heights(modules: readonly Module[]): Promise<(string | undefined)[]> {
    const { app } = testApplication({ modules });
    app.initChain(initRequest(genesisFor([])));
    const reasons = [app.haltReason()];
    for (let height = 1; height <= 3; height += 1) {
      await runBlock(app, []);
      reasons.push(app.haltReason());
    }
    return reasons;
  }

  it('after the block it names, not before, and never before the first', async () => {
    const why = 'plan needs another program';
    assert.deepEqual(await heights([planned('plan', 2)]), [undefined, undefined, why, why]);
    assert.equal((await heights([planned('plan', 0)]))[0], undefined);
  });

  it('the first of several reasons is told; without such modules there is none', async () => {
    const both = await heights([planned('later', 3), planned('sooner', 1)]);
    assert.deepEqual(
      both.map((why) => why?.split(' ')[0]),
      [undefined, 'sooner', 'sooner', 'later'],
    );
    assert.deepEqual(await heights([]), [undefined, undefined, undefined, undefined]);
  });
});
