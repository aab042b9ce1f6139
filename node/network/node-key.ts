/** The node's network identity: an ed25519 key in CometBFT's node_key.json. */
import { readFile, stat } from 'node:fs/promises';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { concat, equal, fromBase64, toBase64, toHex, type Bytes } from '../base/bytes.ts';
import { ed25519PublicKey } from '../base/ed25519.ts';
import { EXIT_CONFIG, ExitError } from '../base/exit.ts';
import { sha256 } from '../base/hash.ts';

const KEY_TYPE = 'tendermint/PrivKeyEd25519';
const SEED_BYTES = 32;
const NODE_ID_BYTES = 20;
const FORBIDDEN_MODE = 0o077;

export interface NodeIdentity {
  readonly privateKey: PrivateKey;
  /** libp2p's name of the key, 12D3Koo... */
  readonly peerId: string;
  /** CometBFT's name of the key: 40 hexadecimal digits. */
  readonly nodeId: string;
}

export function encodeNodeKey(seed: Bytes): string {
  const value = toBase64(concat(seed, ed25519PublicKey(seed)));
  return `${JSON.stringify({ priv_key: { type: KEY_TYPE, value } }, null, 2)}\n`;
}

export function nodeIdentity(seed: Bytes): NodeIdentity {
  const pubKey = ed25519PublicKey(seed);
  const privateKey = privateKeyFromRaw(concat(seed, pubKey));
  return {
    privateKey,
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    nodeId: nodeIdOf(pubKey),
  };
}

/** CometBFT's node id of an ed25519 public key. */
export function nodeIdOf(pubKey: Bytes): string {
  return toHex(sha256(pubKey).subarray(0, NODE_ID_BYTES));
}

export async function loadNodeIdentity(path: string): Promise<NodeIdentity> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    const hint = 'restore it, or make the files that are missing with: bitscale init <moniker>';
    throw new ExitError(EXIT_CONFIG, `${path} cannot be read; ${hint}`, { cause });
  });
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    throw new ExitError(EXIT_CONFIG, `${path} can be read by others; run: chmod 600 ${path}`);
  }
  try {
    const json = JSON.parse(await readFile(path, 'utf8')) as {
      priv_key?: { type?: unknown; value?: unknown };
    };
    const { type, value } = json.priv_key ?? {};
    if (type !== KEY_TYPE || typeof value !== 'string') throw new RangeError(`not ${KEY_TYPE}`);
    const bytes = fromBase64(value);
    if (bytes.length !== 2 * SEED_BYTES) throw new RangeError('wrong key length');
    const seed = bytes.slice(0, SEED_BYTES);
    if (!equal(ed25519PublicKey(seed), bytes.slice(SEED_BYTES))) {
      throw new RangeError('its two halves do not belong together');
    }
    return nodeIdentity(seed);
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `${path} is not a node key: ${String(error)}`);
  }
}
