/** Options of all commands that make or sign transactions, with the names that `simd` has for them. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { coinToText, parseCoins, type CoinText } from '../../base/coin.ts';
import { Dec } from '../../base/dec.ts';
import { parseDecCoins, type DecCoins } from '../../base/dec-coin.ts';
import { usageError, type Call, type OptionSpec } from '../command.ts';
import { KEYRING_OPTIONS, YES_OPTION } from '../keyring/options.ts';
import { outputOption } from '../output.ts';
import { NODE_OPTION } from '../shared-options.ts';
import { DOCUMENT_OPTION } from './files.ts';

type Options = Readonly<Record<string, OptionSpec>>;

const SIGN_MODES: ReadonlyMap<string, SignMode> = new Map([
  ['direct', SignMode.SIGN_MODE_DIRECT],
  ['amino-json', SignMode.SIGN_MODE_LEGACY_AMINO_JSON],
]);

export const FROM_OPTION: Options = {
  from: { value: '<name_or_address>', help: 'the key that signs' },
};

/** For whom and for what chain is signed. */
export const SIGN_OPTIONS: Options = {
  ...KEYRING_OPTIONS,
  ...NODE_OPTION,
  'chain-id': { value: '<id>', help: 'the chain; a node of another one is refused' },
  'account-number': { value: '<number>', help: 'number of the account', short: 'a' },
  sequence: { value: '<number>', help: 'sequence of the account', short: 's' },
  offline: { help: 'ask no node; needs --chain-id, --account-number and --sequence to sign' },
  'sign-mode': {
    value: '<direct|amino-json>',
    help: 'what is signed; by default what key and transaction allow',
    choices: [...SIGN_MODES.keys()],
  },
};

export const BROADCAST_OPTION: Options = {
  'broadcast-mode': {
    value: '<sync|async|block>',
    help: 'wait for the check, for nothing, or for the block',
    default: 'sync',
    choices: ['sync', 'async', 'block'],
    short: 'b',
  },
};

export const TX_OPTIONS: Options = {
  ...FROM_OPTION,
  ...SIGN_OPTIONS,
  gas: { value: '<units|auto>', help: 'gas limit; auto asks the node (200000 when offline)' },
  'gas-adjustment': { value: '<factor>', help: "times the node's estimate", default: '1.4' },
  'gas-prices': { value: '<prices>', help: 'fee per unit of gas (else 0.001uscale)' },
  fees: { value: '<coins>', help: 'the fee itself' },
  'fee-payer': { value: '<address>', help: 'who pays the fee, and signs too' },
  'fee-granter': { value: '<address>', help: 'whose allowance pays the fee' },
  note: { value: '<text>', help: 'note in the transaction' },
  memo: { value: '<text>', help: 'the same as --note' },
  'timeout-height': { value: '<height>', help: 'the last block that may hold it', default: '0' },
  unordered: { help: 'without a sequence; needs --timeout-duration' },
  'timeout-duration': { value: '<seconds>', help: 'how long it may be taken, at most 600' },
  'generate-only': { help: 'print the unsigned transaction, sign nothing' },
  'dry-run': { help: 'ask the node what it would cost, send nothing' },
  ...YES_OPTION,
  ...BROADCAST_OPTION,
  ...DOCUMENT_OPTION,
  ...outputOption('json'),
};

const STANDARD_PRICE = '0.001uscale';
/** As `simd` has it when nobody can be asked. */
const OFFLINE_GAS = 200_000n;

export function chosenMode(call: Call): SignMode | undefined {
  const text = call.optional('sign-mode');
  return text === undefined ? undefined : SIGN_MODES.get(text);
}

/** A whole number that may be left out. Throws ExitError 64. */
export function optionalUint(call: Call, name: string): bigint | undefined {
  const text = call.optional(name);
  if (text === undefined) return undefined;
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) >= 1n << 64n) {
    throw usageError(`--${name} must be a whole number, not "${text}"`);
  }
  return BigInt(text);
}

/** Undefined: ask the node. */
export function chosenGas(call: Call): bigint | undefined {
  const text = call.optional('gas');
  if (text === 'auto' || call.flag('dry-run')) {
    if (call.flag('offline')) throw usageError('--offline cannot ask a node for gas');
    return undefined;
  }
  if (text === undefined) return call.flag('offline') ? OFFLINE_GAS : undefined;
  return optionalUint(call, 'gas');
}

/** The estimate times --gas-adjustment, rounded up. */
export function adjustedGas(call: Call, estimate: bigint): bigint {
  const text = call.text('gas-adjustment');
  if (!/^[0-9]{1,3}(?:\.[0-9]{1,18})?$/.test(text)) {
    throw usageError(`--gas-adjustment must be a number such as 1.4, not "${text}"`);
  }
  return Dec.parse(text).mulInt(estimate).ceil().truncateInt();
}

/** Throws ExitError 64 when fee and price are both given. */
export function chosenFee(call: Call, gas: bigint): CoinText[] {
  const [fees, price] = [call.optional('fees'), call.optional('gas-prices')];
  if (fees !== undefined && price !== undefined) {
    throw usageError('--fees and --gas-prices exclude each other');
  }
  if (fees !== undefined) return parseCoins(fees).map(coinToText);
  const prices: DecCoins = parseDecCoins(price ?? STANDARD_PRICE);
  return prices.map(({ denom, amount }) => {
    return { denom, amount: String(amount.mulInt(gas).ceil().truncateInt()) };
  });
}

/** Throws ExitError 64 when note and memo differ. */
export function chosenMemo(call: Call): string {
  const [note, memo] = [call.optional('note'), call.optional('memo')];
  if (note !== undefined && memo !== undefined && note !== memo) {
    throw usageError('--note and --memo are the same thing');
  }
  return note ?? memo ?? '';
}
