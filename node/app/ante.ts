/**
 * What every transaction must pass before its messages run: cheap rules first, signatures last. The
 * order of the rules, their gas and their texts are those of the Cosmos SDK.
 */
import { formatTime, timeFromNanos, timeToNanos, type Time } from '../base/time.ts';
import { utf8 } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import {
  INVALID_GAS_LIMIT,
  INVALID_REQUEST,
  MEMO_TOO_LARGE,
  NO_SIGNATURES,
  TX_TIMEOUT,
  TX_TIMEOUT_HEIGHT,
  UNAUTHORIZED,
  UNKNOWN_EXTENSION_OPTIONS,
} from '../base/sdk-errors.ts';
import type { AddressText } from './address-text.ts';
import { checkFeeText, payTxFee, type MinGasPrice } from './ante-fee.ts';
import { checkSignatures } from './ante-signatures.ts';
import { requireUnorderedSupport } from './ante-unordered.ts';
import type { Context } from './context.ts';
import type { AccountKeeper, FeeAllowances, FeeKeeper } from './expected.ts';
import { GasMeter } from './gas.ts';
import type { SignatureCache } from './signature-cache.ts';
import type { Tx } from './tx.ts';

export interface AnteDeps {
  readonly accounts: AccountKeeper;
  readonly fees: FeeKeeper;
  readonly allowances?: FeeAllowances;
  readonly addresses: AddressText;
  readonly signatures: SignatureCache;
  /** This node's own rule; asked in CheckTx only. Empty: any fee will do. */
  readonly minGasPrices: readonly MinGasPrice[];
  /** Most gas of a trial run on this node; 0: as much as a block may hold. */
  readonly simulationGasLimit: bigint;
}

/** Finding a message's handler costs as much as asking a store whether a key exists. */
export const MESSAGE_LOOKUP_GAS = 1000;
/** Bytes a signature adds to a transaction, for simulations that come without one. */
const SIMULATED_SIGNATURE_BYTES = 70;
const MAX_GAS_WANTED = (1n << 63n) - 1n;

/** Gas limit of the tx if a block could hold it. Throws sdk/41. */
export function checkGasLimit(tx: Tx, maxBlockGas: bigint): bigint {
  const limit = tx.fee.gasLimit;
  if (maxBlockGas >= 0n && limit > maxBlockGas) {
    const detail = `tx gas limit ${limit} exceeds block max gas ${maxBlockGas}`;
    throw new BitscaleError(INVALID_GAS_LIMIT, detail);
  }
  return limit;
}

/** Of a trial run, which may use what this node allows, but no more than a block could hold. */
export function trialMeter(maxBlockGas: bigint, ownLimit: bigint): GasMeter {
  const blockLimit = maxBlockGas < 0n ? undefined : maxBlockGas;
  if (ownLimit === 0n) return new GasMeter(blockLimit);
  const isBelow = blockLimit === undefined || ownLimit < blockLimit;
  return new GasMeter(isBelow ? ownLimit : blockLimit, true);
}

/** Runs all rules; takes the fee and counts the sequences up in `context`. Throws BitscaleError. */
export function runAnte(context: Context, tx: Tx, deps: AnteDeps): void {
  for (let i = 0; i < tx.messages.length; i++) context.gas.consume(MESSAGE_LOOKUP_GAS, 'Has');
  requireUnorderedSupport(tx, deps.accounts);
  checkForm(tx);
  checkTimeout(context, tx);
  if (tx.body.memo !== '') checkMemo(context, tx, deps);
  const { txSizeCostPerByte } = deps.accounts.txParams(context);
  context.gas.consume(txSizeCostPerByte * BigInt(billedBytes(context, tx)), 'txSize');
  payTxFee(context, tx, deps);
  checkSignatures(context, tx, deps);
}

/** The limit counts bytes, although the text says characters. */
function checkMemo(context: Context, tx: Tx, deps: AnteDeps): void {
  const { maxMemoCharacters } = deps.accounts.txParams(context);
  const length = utf8(tx.body.memo).length;
  if (BigInt(length) <= maxMemoCharacters) return;
  const detail = `maximum number of characters is ${maxMemoCharacters} but received ${length} characters`;
  throw new BitscaleError(MEMO_TOO_LARGE, detail);
}

function checkForm(tx: Tx): void {
  if (tx.body.extensionOptions.length > 0) throw new BitscaleError(UNKNOWN_EXTENSION_OPTIONS);
  if (tx.fee.gasLimit > MAX_GAS_WANTED) {
    const detail = `invalid gas supplied; ${tx.fee.gasLimit} > ${MAX_GAS_WANTED}`;
    throw new BitscaleError(INVALID_REQUEST, detail);
  }
  checkFeeText(tx);
  if (tx.signatures.length === 0) throw new BitscaleError(NO_SIGNATURES);
  const [signatures, infos] = [tx.signatures.length, tx.authInfo.signerInfos.length];
  const wanted = tx.signers.length;
  if (signatures !== wanted || infos !== wanted) {
    const wrong = signatures === wanted ? infos : signatures;
    throw new BitscaleError(
      UNAUTHORIZED,
      `wrong number of signers; expected ${wanted}, got ${wrong}`,
    );
  }
}

function checkTimeout(context: Context, tx: Tx): void {
  const { timeoutHeight } = tx.body;
  // CheckTx runs on top of the newest block; the earliest block the tx can enter is the next one.
  const height = context.height + (context.isCheckTx ? 1 : 0);
  if (timeoutHeight !== 0n && height > timeoutHeight) {
    const detail = `block height: ${height}, timeout height: ${timeoutHeight}`;
    throw new BitscaleError(TX_TIMEOUT_HEIGHT, detail);
  }
  if (tx.timeout !== undefined && timeToNanos(context.time) > tx.timeout) {
    const [now, timeout] = [context.time, timeFromNanos(tx.timeout)].map(timeText);
    throw new BitscaleError(TX_TIMEOUT, `block time: ${now}, timeout timestamp: ${timeout}`);
  }
}

/** As Go prints a time. */
function timeText(time: Time): string {
  return formatTime(time).replace('T', ' ').replace('Z', ' +0000 UTC');
}

function billedBytes(context: Context, tx: Tx): number {
  if (!context.isSimulate) return tx.bytes.length;
  const missing = tx.signatures.filter((signature) => signature.length === 0).length;
  return tx.bytes.length + missing * SIMULATED_SIGNATURE_BYTES;
}
