/** The root errors of the Cosmos SDK. Wallets and relayers match on these codes and texts: do not edit. */
import { defineError, type ErrorKind } from './errors.ts';

const sdk = (code: number, text: string): ErrorKind => defineError('sdk', code, text);

/** Hidden internals: the code of an error nobody registered. */
export const INTERNAL = defineError('undefined', 1, 'internal');
export const PANIC = defineError('undefined', 111_222, 'panic');

export const TX_DECODE = sdk(2, 'tx parse error');
export const INVALID_SEQUENCE = sdk(3, 'invalid sequence');
export const UNAUTHORIZED = sdk(4, 'unauthorized');
export const INSUFFICIENT_FUNDS = sdk(5, 'insufficient funds');
export const UNKNOWN_REQUEST = sdk(6, 'unknown request');
export const INVALID_ADDRESS = sdk(7, 'invalid address');
export const INVALID_PUBKEY = sdk(8, 'invalid pubkey');
export const UNKNOWN_ADDRESS = sdk(9, 'unknown address');
export const INVALID_COINS = sdk(10, 'invalid coins');
export const OUT_OF_GAS = sdk(11, 'out of gas');
export const MEMO_TOO_LARGE = sdk(12, 'memo too large');
export const INSUFFICIENT_FEE = sdk(13, 'insufficient fee');
export const TOO_MANY_SIGNATURES = sdk(14, 'maximum number of signatures exceeded');
export const NO_SIGNATURES = sdk(15, 'no signatures supplied');
export const JSON_MARSHAL = sdk(16, 'failed to marshal JSON bytes');
export const JSON_UNMARSHAL = sdk(17, 'failed to unmarshal JSON bytes');
export const INVALID_REQUEST = sdk(18, 'invalid request');
export const TX_IN_MEMPOOL = sdk(19, 'tx already in mempool');
export const MEMPOOL_FULL = sdk(20, 'mempool is full');
export const TX_TOO_LARGE = sdk(21, 'tx too large');
export const KEY_NOT_FOUND = sdk(22, 'key not found');
export const WRONG_PASSWORD = sdk(23, 'invalid account password');
export const WRONG_SIGNER = sdk(24, 'tx intended signer does not match the given signer');
export const INVALID_GAS_ADJUSTMENT = sdk(25, 'invalid gas adjustment');
export const INVALID_HEIGHT = sdk(26, 'invalid height');
export const INVALID_VERSION = sdk(27, 'invalid version');
export const INVALID_CHAIN_ID = sdk(28, 'invalid chain-id');
export const INVALID_TYPE = sdk(29, 'invalid type');
export const TX_TIMEOUT_HEIGHT = sdk(30, 'tx timeout height');
export const UNKNOWN_EXTENSION_OPTIONS = sdk(31, 'unknown extension options');
export const WRONG_SEQUENCE = sdk(32, 'incorrect account sequence');
export const PACK_ANY = sdk(33, 'failed packing protobuf message to Any');
export const UNPACK_ANY = sdk(34, 'failed unpacking protobuf message from Any');
export const LOGIC = sdk(35, 'internal logic error');
export const CONFLICT = sdk(36, 'conflict');
export const NOT_SUPPORTED = sdk(37, 'feature not supported');
export const NOT_FOUND = sdk(38, 'not found');
export const IO = sdk(39, 'Internal IO error');
export const APP_CONFIG = sdk(40, 'error in app.toml');
export const INVALID_GAS_LIMIT = sdk(41, 'invalid gas limit');
export const TX_TIMEOUT = sdk(42, 'tx timeout');
