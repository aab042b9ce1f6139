/** The validator's key file and last-signed file, in CometBFT's formats. */
import { access, readFile, stat } from 'node:fs/promises';
import { equal, fromBase64, toBase64, toUpperHex, type Bytes } from '../base/bytes.ts';
import { ed25519PublicKey } from '../base/ed25519.ts';
import { EXIT_CONFIG, EXIT_DATA, ExitError, systemCode } from '../base/exit.ts';
import { sha256 } from '../base/hash.ts';
import { replaceFile } from './durable-file.ts';
import {
  decodeLastSigned,
  encodeLastSigned,
  NOTHING_SIGNED,
  placeText,
  type LastSigned,
} from './last-signed.ts';
import { SignedMark } from './signed-mark.ts';
import { FileSigner } from './signer.ts';

const PRIVATE_KEY_TYPE = 'tendermint/PrivKeyEd25519';
const PUBLIC_KEY_TYPE = 'tendermint/PubKeyEd25519';
const SEED_BYTES = 32;
const ADDRESS_BYTES = 20;
/** Nobody but the owner may read a private key. */
const FORBIDDEN_MODE = 0o077;

export function encodeValidatorKey(seed: Bytes): string {
  const pubKey = ed25519PublicKey(seed);
  const json = {
    address: toUpperHex(sha256(pubKey).subarray(0, ADDRESS_BYTES)),
    pub_key: { type: PUBLIC_KEY_TYPE, value: toBase64(pubKey) },
    priv_key: {
      type: PRIVATE_KEY_TYPE,
      value: toBase64(new Uint8Array(Buffer.concat([seed, pubKey]))),
    },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** The 32-byte seed of a priv_validator_key.json. Throws RangeError when it is not one. */
export function decodeValidatorKey(text: string): Bytes {
  const json = JSON.parse(text) as { priv_key?: { type?: unknown; value?: unknown } } | null;
  const { type, value } = json?.priv_key ?? {};
  if (type !== PRIVATE_KEY_TYPE || typeof value !== 'string') {
    throw new RangeError(`priv_key is not of type ${PRIVATE_KEY_TYPE}`);
  }
  const bytes = fromBase64(value);
  const seed = bytes.slice(0, SEED_BYTES);
  if (bytes.length !== 2 * SEED_BYTES || !equal(ed25519PublicKey(seed), bytes.slice(SEED_BYTES))) {
    throw new RangeError('the private key does not match its public key');
  }
  return seed;
}

/** Refuses a private file that others can read; Windows has no such modes. */
export async function refuseReadableByOthers(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    throw new ExitError(EXIT_CONFIG, `${path} can be read by others; run: chmod 600 ${path}`);
  }
}

export interface SignerFiles {
  readonly keyFile: string;
  readonly stateFile: string;
  /** Beside the key: see signed-mark.ts. */
  readonly markFile?: string;
}

/**
 * Opens the signer. `pastGenesis` says whether this node has blocks or log records already: then a missing
 * last-signed file means it was lost, and signing without it could sign twice.
 */
export async function openSigner(files: SignerFiles, pastGenesis: boolean): Promise<FileSigner> {
  const { keyFile, stateFile } = files;
  await refuseReadableByOthers(keyFile);
  let seed: Bytes;
  try {
    seed = decodeValidatorKey(await readFile(keyFile, 'utf8'));
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `${keyFile} is not a validator key: ${String(error)}`);
  }
  const pubKey = ed25519PublicKey(seed);
  const address = sha256(pubKey).slice(0, ADDRESS_BYTES);
  const mark =
    files.markFile === undefined ? SignedMark.none() : await SignedMark.open(files.markFile);
  const last = await readLastSigned(stateFile, pubKey, pastGenesis || mark.height > 0);
  if (last.height < mark.height) {
    throw new ExitError(
      EXIT_CONFIG,
      `${stateFile} says ${placeText(last)} was signed last, but this key signed at height ${mark.height}: ` +
        `it is an old copy, and signing with it could sign twice; ${SIGN_ABOVE_HINT}`,
    );
  }
  return new FileSigner({ seed, pubKey, address, stateFile, last, mark });
}

/** The files of a home, by the names it has for them. */
export interface SignerHome {
  readonly validatorKeyFile: string;
  readonly validatorStateFile: string;
  readonly validatorMarkFile: string;
}

/** The signer of a home; undefined without a key. Throws ExitError 78 when the home had one. */
export async function findSigner(
  home: SignerHome,
  pastGenesis: boolean,
): Promise<FileSigner | undefined> {
  const { validatorKeyFile: keyFile, validatorStateFile: stateFile } = home;
  if (await isThere(keyFile)) {
    return openSigner({ keyFile, stateFile, markFile: home.validatorMarkFile }, pastGenesis);
  }
  if (!pastGenesis || !(await isThere(stateFile))) return undefined;
  throw new ExitError(
    EXIT_CONFIG,
    `${keyFile} is missing, although this node signed with it; restore it, or set "validator" to false ` +
      'in config.json to follow the chain without voting',
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );
}

/** What an operator can do when the last-signed file cannot be believed. */
export const SIGN_ABOVE_HINT =
  'restore the newest copy, or let the key begin above every height that it can have signed ' +
  '(ask a node of the network for its height): bitscale repair --sign-above <height>';

async function readLastSigned(
  stateFile: string,
  pubKey: Bytes,
  pastGenesis: boolean,
): Promise<LastSigned> {
  let text: string;
  try {
    text = await readFile(stateFile, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (pastGenesis) {
      throw new ExitError(
        EXIT_CONFIG,
        `${stateFile} is missing although the chain is past genesis: signing without it could sign ` +
          `twice; ${SIGN_ABOVE_HINT}`,
      );
    }
    await replaceFile(stateFile, encodeLastSigned(NOTHING_SIGNED));
    return NOTHING_SIGNED;
  }
  try {
    return decodeLastSigned(text, pubKey);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ExitError(EXIT_DATA, `${stateFile} is damaged (${what}); ${SIGN_ABOVE_HINT}`);
  }
}
