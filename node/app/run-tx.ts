/**
 * Runs one transaction on top of a block's state. Its answer is all that leaves: a refused transaction
 * changes nothing, one whose messages fail pays its fee and counts its sequence up. In a block only
 * BitscaleError refuses; whatever else a handler throws is a bug and must reach the engine.
 */
import { TxMsgData } from 'cosmjs-types/cosmos/base/abci/v1beta1/abci';
import { EMPTY } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { PANIC, TX_DECODE } from '../base/sdk-errors.ts';
import { DamagedStoreError } from '../store/errors.ts';
import type { Event, TxResult } from './abci.ts';
import { checkGasLimit, MESSAGE_LOOKUP_GAS, runAnte, type AnteDeps } from './ante.ts';
import type { Context, ExecMode } from './context.ts';
import { withAttribute } from './events.ts';
import { GasMeter, OutOfGasError } from './gas.ts';
import type { MessageResponse } from './module.ts';
import type { Registry } from './registry.ts';
import type { Tx, TxDecoder, TxMessage } from './tx.ts';

export interface TxOutcome {
  readonly result: TxResult;
  /** False when it was refused: by the rules for all transactions, before any of its messages. */
  readonly passed: boolean;
  /** Absent when the bytes are no transaction. */
  readonly tx?: Tx;
  readonly responses: readonly MessageResponse[];
}

export interface RunnerDeps extends AnteDeps {
  readonly registry: Registry;
  readonly decoder: TxDecoder;
}

/** What went wrong, and how much gas it cost. */
interface Failure {
  readonly error: BitscaleError;
  readonly log: string;
}

/** `block` carries the mode and the state; its gas meter is not used. */
export function runTx(block: Context, bytes: Tx['bytes'], deps: RunnerDeps): TxOutcome {
  const decoded = decode(block, bytes, deps);
  if ('error' in decoded) return refused(decoded);
  const tx = decoded;
  let gas = new GasMeter(0n);
  try {
    const limit = checkGasLimit(tx, block.block.consensusParams.block.maxGas);
    gas = new GasMeter(block.isSimulate ? undefined : limit);
    if (block.mode === 'check' || block.mode === 'replace') {
      for (const { handler, value } of tx.messages) handler.validate(value);
    }
    const ante = block.branch(gas);
    runAnte(ante, tx, deps);
    ante.writeState();
    return runMessages(block, tx, { gas, anteEvents: ante.events.list() }, deps);
  } catch (error) {
    return refused(failureOf(error, block.mode), tx, gas);
  }
}

function decode(block: Context, bytes: Tx['bytes'], deps: RunnerDeps): Tx | Failure {
  try {
    return deps.decoder.decode(bytes);
  } catch (error) {
    const failure = failureOf(error, block.mode);
    // In a block only the code counts; the reason is for whoever asked before.
    const silent = failure.error.kind === TX_DECODE && block.mode === 'finalize';
    return silent ? { error: failure.error, log: TX_DECODE.text } : failure;
  }
}

/**
 * In a block a bug stops the node. Anywhere else nothing of the transaction stays, so it is refused and the
 * node goes on: nobody may stop it by sending bytes to CheckTx or Simulate. Proposals see to that themselves.
 */
function failureOf(error: unknown, mode: ExecMode): Failure {
  if (error instanceof BitscaleError) return { error, log: error.message };
  if (mode === 'finalize' || error instanceof DamagedStoreError) throw error;
  const refusal = new BitscaleError(PANIC, 'the transaction meets a bug of this program', {
    cause: error,
  });
  return { error: refusal, log: refusal.message };
}

interface AnteOutcome {
  readonly gas: GasMeter;
  readonly anteEvents: readonly Event[];
}

function runMessages(
  block: Context,
  tx: Tx,
  { gas, anteEvents }: AnteOutcome,
  deps: RunnerDeps,
): TxOutcome {
  const wanted = { gasWanted: tx.fee.gasLimit, info: '' };
  if (block.mode !== 'finalize' && !block.isSimulate) {
    const gasUsed = gas.consumed;
    const result = { ...success(), ...wanted, gasUsed, events: anteEvents };
    return { result, passed: true, tx, responses: [] };
  }
  const context = block.branch(gas);
  const responses: MessageResponse[] = [];
  const events: Event[] = [...anteEvents];
  for (const [index, message] of tx.messages.entries()) {
    try {
      responses.push(runMessage(context, message, { index, events }, deps));
    } catch (error) {
      return failedMessage(failureOf(error, block.mode), index, { tx, gas, anteEvents });
    }
  }
  context.writeState();
  const msgResponses = responses.map(({ typeUrl, value }) => ({ typeUrl, value }));
  const data = TxMsgData.encode({ data: [], msgResponses }).finish();
  const result = { ...success(), ...wanted, data, gasUsed: gas.consumed, events };
  return { result, passed: true, tx, responses };
}

function runMessage(
  context: Context,
  message: TxMessage,
  into: { readonly index: number; readonly events: Event[] },
  deps: RunnerDeps,
): MessageResponse {
  const { handler, value, signers } = message;
  context.gas.consume(MESSAGE_LOOKUP_GAS, 'Has');
  handler.validate(value);
  const inner = context.branch();
  const sender = deps.addresses.write(signers[0] as Uint8Array);
  const module = moduleOf(handler.typeUrl);
  inner.events.emit('message', ['action', handler.typeUrl], ['sender', sender], ['module', module]);
  const response = handler.execute(inner, value);
  inner.writeState();
  into.events.push(...withAttribute(inner.events.list(), 'msg_index', String(into.index)));
  return response;
}

/** "/cosmos.bank.v1beta1.MsgSend" belongs to "bank". */
function moduleOf(typeUrl: string): string {
  return typeUrl.split('.')[1] ?? '';
}

function failedMessage(
  { error }: Failure,
  index: number,
  { tx, gas, anteEvents }: AnteOutcome & { readonly tx: Tx },
): TxOutcome {
  const where = `failed to execute message; message index: ${index}: `;
  const log = error instanceof OutOfGasError ? error.message : where + error.message;
  const outcome = refused({ error, log }, tx, gas);
  return { ...outcome, passed: true, result: { ...outcome.result, events: anteEvents } };
}

function success(): Pick<TxResult, 'code' | 'codespace' | 'log' | 'data'> {
  return { code: 0, codespace: '', log: '', data: EMPTY };
}

function refused({ error, log }: Failure, tx?: Tx, gas?: GasMeter): TxOutcome {
  const result: TxResult = {
    code: error.code,
    codespace: error.codespace,
    log,
    info: '',
    data: EMPTY,
    gasWanted: tx?.fee.gasLimit ?? 0n,
    gasUsed: gas?.consumed ?? 0n,
    events: [],
  };
  return { result, passed: false, responses: [], ...(tx ? { tx } : {}) };
}
