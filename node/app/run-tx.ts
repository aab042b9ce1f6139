/**
 * Runs one transaction on top of a block's state. Its answer is all that leaves: a refused transaction
 * changes nothing, one whose messages fail pays its fee and counts its sequence up. In a block only
 * BitscaleError refuses; whatever else a handler throws is a bug and must reach the engine.
 */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { PANIC, TX_DECODE } from '../base/sdk-errors.ts';
import { DamagedStoreError } from '../store/errors.ts';
import type { TxResult } from './abci.ts';
import { checkGasLimit, MESSAGE_LOOKUP_GAS, runAnte, trialMeter, type AnteDeps } from './ante.ts';
import { Context, type BlockFacts, type ExecMode } from './context.ts';
import { attribute } from './events.ts';
import { GasMeter, OutOfGasError } from './gas.ts';
import type { MessageResponse } from './module.ts';
import type { Registry } from './registry.ts';
import type { TxState } from './state.ts';
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

/** What a transaction runs in: the block, why it runs, and the state, which it changes unless it is refused. */
export interface TxPlace {
  readonly block: BlockFacts;
  readonly mode: ExecMode;
  readonly state: TxState;
  /** False: nobody will ask for the events. */
  readonly keepsEvents?: boolean;
}

export function runTx(place: TxPlace, bytes: Tx['bytes'], deps: RunnerDeps): TxOutcome {
  const decoded = decode(place, bytes, deps);
  if ('error' in decoded) return refused(decoded);
  const tx = decoded;
  const { block, mode, state, keepsEvents = true } = place;
  let gas = new GasMeter(0n);
  const start = state.mark();
  try {
    const { maxGas } = block.consensusParams.block;
    const limit = checkGasLimit(tx, maxGas);
    gas = mode === 'simulate' ? trialMeter(maxGas, deps.simulationGasLimit) : new GasMeter(limit);
    if (mode === 'check' || mode === 'replace') {
      for (const { handler, value } of tx.messages) handler.validate(value);
    }
    const context = new Context({ block, mode, state, gas, keepsEvents });
    runAnte(context, tx, deps);
    if (mode === 'finalize' || mode === 'simulate') return runMessages(context, tx, state, deps);
    return { result: succeeded(context, tx, EMPTY), passed: true, tx, responses: [] };
  } catch (error) {
    state.undo(start);
    return refused(failureOf(error, mode), tx, gas);
  } finally {
    state.keep();
  }
}

function decode({ mode }: TxPlace, bytes: Tx['bytes'], deps: RunnerDeps): Tx | Failure {
  try {
    return deps.decoder.decode(bytes);
  } catch (error) {
    const failure = failureOf(error, mode);
    // In a block only the code counts; the reason is for whoever asked before.
    const silent = failure.error.kind === TX_DECODE && mode === 'finalize';
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

/** Behind the ante rules, in their context. All messages run or none. */
function runMessages(context: Context, tx: Tx, state: TxState, deps: RunnerDeps): TxOutcome {
  const { events, gas } = context;
  const start = state.mark();
  const anteEvents = events.length;
  const responses: MessageResponse[] = [];
  for (let index = 0; index < tx.messages.length; index++) {
    try {
      events.markWith('msg_index', String(index));
      responses.push(runMessage(context, tx.messages[index] as TxMessage, deps));
    } catch (error) {
      const failure = failureOf(error, context.mode);
      state.undo(start);
      events.cutTo(anteEvents);
      const { result } = refused(messageFailure(failure, index), tx, gas);
      return { result: { ...result, events: events.list() }, passed: true, tx, responses: [] };
    }
  }
  const result = succeeded(context, tx, encodeResponses(responses));
  return { result, passed: true, tx, responses };
}

function runMessage(context: Context, message: TxMessage, deps: RunnerDeps): MessageResponse {
  const { handler, value, signers } = message;
  context.gas.consume(MESSAGE_LOOKUP_GAS, 'Has');
  handler.validate(value);
  const sender = deps.addresses.write(signers[0] as Uint8Array);
  const attributes = [
    attribute('action', handler.typeUrl),
    attribute('sender', sender),
    attribute('module', moduleOf(handler.typeUrl)),
  ];
  context.events.add({ type: 'message', attributes });
  return handler.execute(context, value);
}

/** TxMsgData of one response without content, by its type: most transactions answer that. */
const emptyResponses = new Map<string, Bytes>();

function encodeResponses(responses: readonly MessageResponse[]): Bytes {
  const [first] = responses;
  if (responses.length !== 1 || first?.value.length !== 0) return encodeMsgData(responses);
  let data = emptyResponses.get(first.typeUrl);
  if (!data) {
    data = encodeMsgData(responses);
    emptyResponses.set(first.typeUrl, data);
  }
  return data;
}

function encodeMsgData(responses: readonly MessageResponse[]): Bytes {
  const writer = new ProtoWriter();
  for (const { typeUrl, value } of responses) {
    writer.nested(2, (any) => any.string(1, typeUrl).bytes(2, value));
  }
  return writer.finish();
}

/** "/cosmos.bank.v1beta1.MsgSend" belongs to "bank". */
function moduleOf(typeUrl: string): string {
  return typeUrl.split('.')[1] ?? '';
}

function messageFailure({ error }: Failure, index: number): Failure {
  const where = `failed to execute message; message index: ${index}: `;
  return { error, log: error instanceof OutOfGasError ? error.message : where + error.message };
}

function succeeded({ gas, events }: Context, tx: Tx, data: Bytes): TxResult {
  return {
    code: 0,
    codespace: '',
    log: '',
    info: '',
    data,
    gasWanted: tx.fee.gasLimit,
    gasUsed: gas.consumed,
    events: events.list(),
  };
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
