/** Decoders of files that people write or move about: genesis, settings, keys. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatGenesis, localGenesis } from '../../../genesis/local.ts';
import { readGenesis } from '../../../genesis/validate.ts';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { createApplication } from '../../../node/chain.ts';
import { addressOf } from '../../../node/cli/keyring/entry.ts';
import { Keyring, localEntry } from '../../../node/cli/keyring/keyring.ts';
import { DEFAULT_CONFIG, parseConfig } from '../../../node/config.ts';
import { decodeLastSigned, encodeLastSigned } from '../../../node/engine/last-signed.ts';
import { decodeValidatorKey, encodeValidatorKey } from '../../../node/engine/signer-files.ts';
import { encodeNodeKey, loadNodeIdentity } from '../../../node/network/node-key.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { sampleNetwork } from '../../unit/genesis/sample.ts';
import { bendJson, textOf } from '../bend-text.ts';
import { TAKEN, verdictOf, type Decoder, type NamedDecoder } from '../decoder.ts';

/** In memory where there is such a place: these files are written 20,000 times. */
const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const SEED = sha256(utf8('file'));

/** The file is read, and when it is good the modules begin from it. */
async function genesis(): Promise<Decoder> {
  const text = formatGenesis(localGenesis(await sampleNetwork()));
  const judge = (input: Bytes): string =>
    verdictOf(() => {
      const { chainId, time, initialHeight, ...rest } = readGenesis(textOf(input));
      const { validators, appState, consensusParams } = rest;
      const db = new MemoryDb();
      const app = createApplication({ chainId, db, ...APP_OPTIONS });
      app.initChain({ chainId, time, initialHeight, consensusParams, appState });
      if (validators.length === 0) throw new TypeError('a chain without validators');
    }, ExitError);
  return { name: 'genesis file', seeds: [utf8(text)], bend: bendJson, isLocal: true, judge };
}

const APP_OPTIONS = { version: '0.1.0', minGasPrices: [], keepRecent: 0 };

const LAST = encodeLastSigned({ height: 7, round: 1, step: 2 });

interface Prepared {
  readonly file: string;
  readonly seed: Bytes;
}

const noPassword = (): Promise<string> => Promise.resolve('');

function inFolder(
  name: string,
  prepare: (folder: string) => Prepared | Promise<Prepared>,
  read: (folder: string, file: string) => unknown,
): NamedDecoder {
  const make = async (): Promise<Decoder> => {
    const folder = mkdtempSync(join(FAST, 'fuzz-'));
    const { file, seed } = await prepare(folder);
    const judge = async (input: Bytes): Promise<string> => {
      writeFileSync(file, input, { mode: 0o600 });
      try {
        await read(folder, file);
        return TAKEN;
      } catch (error) {
        return verdictOf(() => {
          throw error;
        }, ExitError);
      }
    };
    const end = (): void => rmSync(folder, { recursive: true });
    return { name, seeds: [seed], bend: bendJson, isLocal: true, judge, end };
  };
  return { name, make };
}

const text = (name: string, seed: Bytes, read: (text: string) => unknown): NamedDecoder => ({
  name,
  make: () => ({
    name,
    seeds: [seed],
    bend: bendJson,
    isLocal: true,
    judge: (input) => verdictOf(() => void read(textOf(input)), ExitError, RangeError, SyntaxError),
  }),
});

export const FILES: readonly NamedDecoder[] = [
  { name: 'genesis file', make: genesis },
  text('settings', utf8(JSON.stringify(DEFAULT_CONFIG)), parseConfig),
  text('validator key', utf8(encodeValidatorKey(SEED)), decodeValidatorKey),
  text('last-signed file', LAST, (last) => decodeLastSigned(last, ed25519PublicKey(SEED))),
  inFolder(
    'node key',
    (folder) => ({ file: join(folder, 'node_key.json'), seed: utf8(encodeNodeKey(SEED)) }),
    (_folder, file) => loadNodeIdentity(file),
  ),
  inFolder(
    'key of the keyring',
    async (folder) => {
      const secret = { privateKey: SEED, mnemonic: '' };
      await new Keyring(folder, 'test').add(localEntry('a', SEED), secret, noPassword);
      const file = join(folder, 'keyring-test', 'a.json');
      return { file, seed: new Uint8Array(readFileSync(file)) };
    },
    async (folder) => {
      const keyring = new Keyring(folder, 'test');
      const entry = keyring.show('a');
      addressOf(entry);
      if (entry.type === 'local') await keyring.unlock('a', noPassword);
    },
  ),
];
