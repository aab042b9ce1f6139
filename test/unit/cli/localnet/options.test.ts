import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localHome, type LocalHome } from '../../../../node/cli/localnet/layout.ts';
import {
  chooseOptions,
  claimFolder,
  saveSettings,
  type AskedOptions,
} from '../../../../node/cli/localnet/options.ts';

const NOTHING: AskedOptions = {
  validators: undefined,
  accounts: undefined,
  l1: undefined,
  blockTimeMs: 1_000,
};

describe('cli/localnet/options', () => {
  let home: LocalHome;
  beforeEach(() => (home = localHome(mkdtempSync(join(tmpdir(), 'bitscale-options-')))));
  afterEach(() => rmSync(home.root, { recursive: true, force: true }));

  /** As after a first start with these. */
  function made(asked: AskedOptions): void {
    saveSettings(home, chooseOptions(home, asked));
    writeFileSync(home.genesis, '{}');
  }

  it('a new folder gets four validators, ten accounts, L1 and two provers', () => {
    const expected = { validators: 4, accounts: 10, l1: true, provers: 2, blockTimeMs: 1_000 };
    assert.deepEqual(chooseOptions(home, NOTHING), expected);
  });

  it('a folder remembers what it was made with', () => {
    made({ ...NOTHING, validators: 1, accounts: 1_000, l1: false });
    const { validators, accounts, l1, provers } = chooseOptions(home, NOTHING);
    assert.deepEqual({ validators, accounts, l1, provers }, { validators: 1, accounts: 1_000, l1: false, provers: 0 }); // prettier-ignore
  });

  it('a contradiction is refused with exit code 78 and the repair', () => {
    made(NOTHING);
    const refusals = [
      [{ validators: 7 }, /with --validators 4, not with --validators 7\. .*--fresh/],
      [{ l1: false }, /with L1, not with --no-l1/],
    ] as const;
    for (const [asked, message] of refusals) {
      assert.throws(() => chooseOptions(home, { ...NOTHING, ...asked }), { exitCode: 78, message });
    }
  });

  it('a start that was stopped before there was a genesis binds nobody', () => {
    saveSettings(home, chooseOptions(home, NOTHING));
    assert.equal(chooseOptions(home, { ...NOTHING, validators: 7 }).validators, 7);
  });

  it('damaged settings are refused with exit code 65', () => {
    made(NOTHING);
    writeFileSync(home.settings, '{');
    assert.throws(() => chooseOptions(home, NOTHING), { exitCode: 65, message: /--fresh/ });
  });

  it('a folder with other things in it is left alone', () => {
    const file = join(home.root, 'thesis.txt');
    writeFileSync(file, 'years of work');
    assert.throws(() => claimFolder(home), { exitCode: 78, message: /neither empty nor/ });
    assert.ok(existsSync(file));
  });

  it('a folder is claimed when it is new, empty, locked, or a local network', () => {
    claimFolder(localHome(join(home.root, 'new')));
    rmSync(join(home.root, 'new'), { recursive: true });
    claimFolder(home);
    writeFileSync(join(home.root, 'node.lock'), '1');
    claimFolder(home);
    made(NOTHING);
    claimFolder(home);
  });
});
