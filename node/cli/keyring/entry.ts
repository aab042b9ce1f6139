/** What everybody may know of a key, and how it is written. */
import { accountText } from '../../base/address.ts';
import { fromBase64, toBase64 } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import {
  addressOfKey,
  isUsable,
  MULTI_KEY_URL,
  multiKey,
  SINGLE_KEY_URL,
  singleKey,
  type PublicKey,
} from '../../app/public-key.ts';

/**
 * `local`: the secret is in the keyring. `offline`: only the public key is known. `multi`: several keys
 * together. `ledger`: the secret is in a device, at `path`.
 */
export type KeyType = 'local' | 'offline' | 'multi' | 'ledger';
export const KEY_TYPES: readonly KeyType[] = ['local', 'offline', 'multi', 'ledger'];

export interface KeyEntry {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: PublicKey;
  /** Where it comes from in the tree of keys, when that is known. */
  readonly path?: string;
}

export const addressOf = (entry: Pick<KeyEntry, 'publicKey'>): string =>
  accountText(addressOfKey(entry.publicKey));

export interface SingleKeyJson {
  readonly '@type': typeof SINGLE_KEY_URL;
  readonly key: string;
}

export interface MultiKeyJson {
  readonly '@type': typeof MULTI_KEY_URL;
  readonly threshold: number;
  readonly public_keys: readonly SingleKeyJson[];
}

export type KeyJson = SingleKeyJson | MultiKeyJson;

/** Protobuf's JSON, as `simd keys show` prints it. */
export function keyJson({ members, threshold, multi }: PublicKey): KeyJson {
  const [first, ...more] = members.map((member): SingleKeyJson => {
    return { '@type': SINGLE_KEY_URL, key: toBase64(member) };
  });
  if (!multi) return first!;
  return { '@type': MULTI_KEY_URL, threshold, public_keys: [first!, ...more] };
}

/** Throws ExitError 65. */
export function readKeyJson(json: unknown): PublicKey {
  try {
    const key = readKey(json as KeyJson);
    if (!isUsable(key)) throw new RangeError('no point on the curve secp256k1');
    return key;
  } catch (cause) {
    const why = cause instanceof BitscaleError || cause instanceof RangeError ? cause.message : '';
    const form = `{"@type":"${SINGLE_KEY_URL}","key":"<33 bytes in base64>"}`;
    throw new ExitError(EXIT_DATA, `not a public key such as ${form} ${why}`.trim(), { cause });
  }
}

function readKey(json: KeyJson): PublicKey {
  if (json['@type'] === SINGLE_KEY_URL) return singleKey(fromBase64(json.key));
  if (json['@type'] !== MULTI_KEY_URL) throw new RangeError('of an unknown kind');
  const keys = json.public_keys.map((member) => fromBase64(member.key));
  return multiKey(keys, json.threshold);
}
