/** Homes of a new chain in a folder of their own, worked on by commands alone. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { accountText } from '../../../node/base/address.ts';
import { homeAt } from '../../../node/home.ts';
import type { Json } from '../genesis/sample.ts';
import { run, type Ran } from './fake-terminal.ts';

export const ADDRESS = accountText(new Uint8Array(20).fill(7));
export const STAKE = '5000000uscale';
export const CHAIN_ID = 'new-1';

export class GenesisHomes {
  readonly root = mkdtempSync(join(tmpdir(), 'bitscale-genesis-'));
  /** Homes so far; the key of the newest is the account of this number. */
  count = 0;

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  /** Runs a command in a home; throws unless it ends with 0. */
  async good(name: string, words: string, answers: string[] = []): Promise<Ran> {
    const ran = await this.bad(name, words, answers);
    assert.equal(ran.code, 0, `${words}: ${ran.errors}`);
    return ran;
  }

  bad(name: string, words: string, answers: string[] = []): Promise<Ran> {
    // Without a password, which takes its time by design.
    const usesKeys = /^(?:keys|genesis gentx|genesis add|add-)/.test(words);
    const backend = usesKeys ? ['--keyring-backend', 'test'] : [];
    return run([...words.split(' '), '--home', join(this.root, name), ...backend], answers);
  }

  genesisOf(name: string): Json {
    return JSON.parse(readFileSync(this.genesisFile(name), 'utf8')) as Json;
  }

  genesisFile(name: string): string {
    return homeAt(join(this.root, name)).genesisFile;
  }

  copyGenesis(from: string, to: string): void {
    cpSync(this.genesisFile(from), this.genesisFile(to));
  }

  /** A home of a chain without validators, with a key `me`. */
  async newHome(chainId = CHAIN_ID): Promise<string> {
    const name = `home${(this.count += 1)}`;
    await this.good(name, `init ${name} --chain-id ${chainId}`);
    await this.good(name, `keys add me --recover --index ${this.count}`, [TEST_MNEMONIC]);
    return name;
  }

  gentx(name: string, more = '', coins = STAKE): Promise<Ran> {
    return this.bad(name, `genesis gentx me ${coins} --ip 127.0.0.1${more}`);
  }

  gentxFile(name: string): string {
    const folder = join(this.root, name, 'config', 'gentx');
    return join(folder, readdirSync(folder)[0]!);
  }
}
