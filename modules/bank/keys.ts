/** Keys of the store `bank`, laid out as in the Cosmos SDK, so raw proofs of balances carry over. */
import { concat, fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import { fromText, type TextKey } from '../../node/store/kv.ts';
import { textKey } from '../../node/store/text-key.ts';

export const STORE = 'bank';
const [SUPPLY, METADATA, BALANCE, HOLDER, SEND_ENABLED, PARAMS] = [0, 1, 2, 3, 4, 5] as const;
export const SUPPLY_PREFIX = Uint8Array.of(SUPPLY);
export const METADATA_PREFIX = Uint8Array.of(METADATA);
export const BALANCE_PREFIX = Uint8Array.of(BALANCE);
export const HOLDER_PREFIX = Uint8Array.of(HOLDER);
export const SEND_ENABLED_PREFIX = Uint8Array.of(SEND_ENABLED);
export const PARAMS_KEY = textKey(PARAMS).end();

/** What stands behind an index key; an empty value could not be proved. */
export const PRESENT = Uint8Array.of(1);

const ZERO = Uint8Array.of(0);

export const supplyKey = (denom: string): Bytes => concat(SUPPLY_PREFIX, utf8(denom));
export const metadataKey = (denom: string): Bytes => concat(METADATA_PREFIX, utf8(denom));
export const sendEnabledKey = (denom: string): TextKey => textKey(SEND_ENABLED).text(denom).end();

const sized = (address: Bytes): Bytes => concat(Uint8Array.of(address.length), address);

/** All balances of one address lie under this prefix, in order of denomination. */
export const balancesOf = (address: Bytes): Bytes => concat(BALANCE_PREFIX, sized(address));
/** The key of one balance. */
export const balanceText = (address: Bytes, denom: string): TextKey =>
  textKey(BALANCE).byte(address.length).bytes(address).text(denom).end();
export const balanceKey = (address: Bytes, denom: string): Bytes =>
  fromText(balanceText(address, denom));

/** All holders of one denomination lie under this prefix. */
export const holdersOf = (denom: string): Bytes => concat(HOLDER_PREFIX, utf8(denom), ZERO);
export const holderKey = (denom: string, address: Bytes): Bytes =>
  concat(holdersOf(denom), sized(address));

/** The holder key that belongs to a balance has its parts, and a zero between them. */
export const holderKeyBytes = (balance: TextKey): number => balance.length + ZERO.length;

/** The address in a holder key after its prefix. */
export const holderAddress = (rest: Bytes): Bytes => rest.slice(1);

/** Address and denomination of a balance key after BALANCE_PREFIX. */
export function splitBalanceKey(rest: Bytes): { address: Bytes; denom: string } {
  const end = 1 + (rest[0] ?? 0);
  return { address: rest.slice(1, end), denom: fromUtf8(rest.slice(end)) };
}
