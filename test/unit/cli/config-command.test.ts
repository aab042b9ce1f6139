import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ran } from './fake-terminal.ts';

describe('cli: config', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-config-'));
    await run(['init', 'me', '--home', folder]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const config = (...words: string[]): Promise<Ran> => run(['config', ...words, '--home', folder]);

  it('changes one setting and shows it', async () => {
    for (const [key, text, shown] of [
      ['p2p.port', '1234', '1234'],
      ['moniker', '7', '7'],
      ['api.enabled', 'false', 'false'],
      ['p2p.privatePeers', 'a,b', '[\n  "a",\n  "b"\n]'],
      ['p2p.privatePeers', '', '[]'],
    ] as const) {
      assert.equal((await config('set', key, text)).code, 0);
      assert.equal((await config('get', key)).output, shown);
    }
    const { p2p } = JSON.parse((await config('view')).output) as { p2p: { port: number } };
    assert.equal(p2p.port, 1234);
  });

  it('refuses what is no setting, and what a setting cannot be', async () => {
    for (const [words, code] of [
      ['set p2p.prot 1', 64],
      ['set p2p 1', 64],
      ['set p2p.port x', 64],
      ['set p2p.port "x"', 78],
      ['set p2p.port 65536', 78],
      ['get nothing', 64],
    ] as const) {
      assert.equal((await config(...words.split(' '))).code, code, words);
    }
    assert.equal((await config('get', 'p2p.port')).output, '26656');
  });
});
