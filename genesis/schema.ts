/**
 * The genesis file, in CometBFT's JSON. Every node of a chain starts from the same bytes: the hash of the
 * file names the chain to its peers. `app_state` is read by the modules; see README.md for every field.
 */
import { fromBase64, toHex, toUpperHex, utf8, type Bytes } from '../node/base/bytes.ts';
import { consensusAddress } from '../node/base/address.ts';
import { sha256 } from '../node/base/hash.ts';
import { MAX_GENESIS_BYTES } from '../node/base/limits.ts';
import { parseTime, type Time } from '../node/base/time.ts';
import { at, fault, integer, object, objects, text, type JsonObject } from './read.ts';

export const VALIDATOR_KEY_TYPE = 'tendermint/PubKeyEd25519';

export interface GenesisValidator {
  /** First 20 bytes of SHA-256 of the key. */
  readonly address: Bytes;
  /** ed25519, 32 bytes. */
  readonly pubKey: Bytes;
  readonly power: bigint;
  readonly name: string;
}

/** The shape of the application's consensus parameters. */
export interface GenesisParams {
  readonly block: { readonly maxBytes: bigint; readonly maxGas: bigint };
  readonly evidence: {
    readonly maxAgeNumBlocks: bigint;
    readonly maxAgeDurationNanos: bigint;
    readonly maxBytes: bigint;
  };
  readonly validator: { readonly pubKeyTypes: readonly string[] };
  readonly version: { readonly app: bigint };
}

export interface Genesis {
  readonly chainId: string;
  readonly time: Time;
  readonly initialHeight: number;
  readonly consensusParams: GenesisParams;
  readonly validators: readonly GenesisValidator[];
  readonly appState: Record<string, unknown>;
  /** SHA-256 of the file. */
  readonly hash: Bytes;
  /** The whole file as parsed, for the RPC. */
  readonly json: JsonObject;
}

/** Throws ExitError 65 naming the place when the text has not the shape of a genesis file. */
export function parseGenesis(content: string): Genesis {
  if (content.length > MAX_GENESIS_BYTES) throw fault('it', 'is too large');
  const json = object(
    at('it', () => JSON.parse(content) as unknown),
    'it',
  );
  const height = integer(json['initial_height'] ?? 1, 'initial_height');
  if (height > BigInt(Number.MAX_SAFE_INTEGER)) throw fault('initial_height', 'is too large');
  if (text(json['app_hash'] ?? '', 'app_hash') !== '') throw fault('app_hash', 'must be empty');
  return {
    chainId: text(json['chain_id'], 'chain_id'),
    time: at('genesis_time', () => parseTime(text(json['genesis_time'], 'genesis_time'))),
    initialHeight: Number(height),
    consensusParams: readParams(object(json['consensus_params'], 'consensus_params')),
    validators: objects(json['validators'], 'validators').map(readValidator),
    appState: { ...object(json['app_state'], 'app_state') },
    hash: sha256(utf8(content)),
    json,
  };
}

function readParams(json: JsonObject): GenesisParams {
  const part = (name: string): JsonObject => object(json[name], `consensus_params.${name}`);
  const [block, evidence] = [part('block'), part('evidence')];
  const number = (from: JsonObject, name: string): bigint =>
    integer(from[name], `consensus_params: ${name}`);
  const keyTypes = part('validator')['pub_key_types'];
  if (!Array.isArray(keyTypes)) throw fault('pub_key_types', 'must be a list');
  return {
    block: { maxBytes: number(block, 'max_bytes'), maxGas: number(block, 'max_gas') },
    evidence: {
      maxAgeNumBlocks: number(evidence, 'max_age_num_blocks'),
      maxAgeDurationNanos: number(evidence, 'max_age_duration'),
      maxBytes: number(evidence, 'max_bytes'),
    },
    validator: { pubKeyTypes: keyTypes.map((type) => text(type, 'pub_key_types')) },
    version: { app: integer(object(json['version'] ?? {}, 'version')['app'] ?? 0, 'version.app') },
  };
}

function readValidator(json: JsonObject, index: number): GenesisValidator {
  const place = `validators[${index}]`;
  const key = object(json['pub_key'], `${place}.pub_key`);
  if (key['type'] !== VALIDATOR_KEY_TYPE) throw fault(`${place}.pub_key`, 'is not ed25519');
  const pubKey = at(`${place}.pub_key`, () => fromBase64(text(key['value'], 'value')));
  if (pubKey.length !== 32) throw fault(`${place}.pub_key`, 'must have 32 bytes');
  const address = consensusAddress(pubKey);
  const written = text(json['address'] ?? '', `${place}.address`);
  if (written !== '' && written.toLowerCase() !== toHex(address)) {
    throw fault(`${place}.address`, `is not the address of its key, ${toUpperHex(address)}`);
  }
  const power = integer(json['power'], `${place}.power`);
  return { address, pubKey, power, name: text(json['name'] ?? '', `${place}.name`) };
}
