/** From messages to a transaction that is printed, tried or signed and sent, as the options say. */
import { AuthInfo, TxBody, type SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { accountText, parseAccount } from '../../base/address.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { MAX_UNORDERED_TIMEOUT_NANOS } from '../../base/limits-tx.ts';
import { usageError, type Call } from '../command.ts';
import { confirm } from '../keyring/options.ts';
import { printResult } from '../output.ts';
import { jsonText } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';
import { ChainNode, type AccountFacts } from './chain-node.ts';
import { chainTypes } from './chain-types.ts';
import { writeJsonDocument } from './files.ts';
import {
  adjustedGas,
  chosenFee,
  chosenGas,
  chosenMemo,
  chosenMode,
  optionalUint,
} from './options.ts';
import { encodeParts, partsJson, readMessageJson, type TxParts } from './parts.ts';
import { readTxParts, signParts } from './sign.ts';
import { openSigner, type Sender } from './signer.ts';
import type { KeyEntry } from '../keyring/entry.ts';
import { addressOfKey } from '../../app/public-key.ts';
import { equal } from '../../base/bytes.ts';

/** `{"@type": ..., ...}` */
export type MessageJson = Readonly<Record<string, unknown>>;

const MAX_TIMEOUT_SECONDS = Number(MAX_UNORDERED_TIMEOUT_NANOS / 1_000_000_000n);

function timeout(call: Call): Pick<TxBody, 'unordered' | 'timeoutTimestamp'> {
  const unordered = call.flag('unordered');
  if (call.optional('timeout-duration') === undefined) {
    if (unordered) throw usageError('--unordered needs --timeout-duration');
    return { unordered };
  }
  const seconds = call.integer('timeout-duration');
  if (unordered && (seconds < 1 || seconds > MAX_TIMEOUT_SECONDS)) {
    throw usageError(`--timeout-duration is 1 to ${MAX_TIMEOUT_SECONDS}`);
  }
  const at = BigInt(Math.floor(Date.now() / 1000) + seconds);
  return { unordered, timeoutTimestamp: { seconds: at, nanos: 0 } };
}

function address(call: Call, option: string): string {
  const text = call.optional(option);
  return text === undefined ? '' : accountText(parseAccount(text));
}

function draft(call: Call, messages: readonly MessageJson[], gas: bigint): TxParts {
  const body = TxBody.fromPartial({
    messages: messages.map(readMessageJson),
    memo: chosenMemo(call),
    timeoutHeight: optionalUint(call, 'timeout-height') ?? 0n,
    ...timeout(call),
  });
  const fee = {
    amount: chosenFee(call, gas),
    gasLimit: gas,
    payer: address(call, 'fee-payer'),
    granter: address(call, 'fee-granter'),
  };
  return { body, authInfo: AuthInfo.fromPartial({ fee }), signatures: [] };
}

interface Maker {
  readonly call: Call;
  readonly terminal: Terminal;
  readonly sender: Sender;
}

/** --account-number and --sequence win over what the node says. Throws ExitError 64 when they are needed. */
export async function accountFacts(call: Call, of: string): Promise<AccountFacts> {
  const [number, sequence] = [optionalUint(call, 'account-number'), optionalUint(call, 'sequence')];
  if (number !== undefined && sequence !== undefined) return { accountNumber: number, sequence };
  if (call.flag('offline')) {
    throw usageError('--offline needs --account-number and --sequence to sign');
  }
  const found = await new ChainNode(call).account(of);
  return { accountNumber: number ?? found.accountNumber, sequence: sequence ?? found.sequence };
}

/** From --chain-id or the node. */
export async function chainIdOf(call: Call): Promise<string> {
  return call.flag('offline') ? call.text('chain-id') : new ChainNode(call).chainId();
}

/** Enough for a fee in every denomination that a price has. */
const PRICED_GAS = 1_000_000_000_000n;

/** Taking the fee costs gas, whatever its size; a small one is there even when the real one is not known yet. */
function withSmallFee(parts: TxParts): TxParts {
  const fee = parts.authInfo.fee!;
  const amount = fee.amount.map(({ denom }) => ({ denom, amount: '1' }));
  return { ...parts, authInfo: { ...parts.authInfo, fee: { ...fee, amount, gasLimit: 0n } } };
}

/** What a node needs to try a transaction that nobody has signed. */
export async function trialOf(call: Call, parts: TxParts, key?: KeyEntry): Promise<TxParts> {
  const tx = readTxParts(parts, chainTypes());
  const signerInfos: Partial<SignerInfo>[] = [];
  for (const signer of tx.signers) {
    const isOurs = key !== undefined && equal(addressOfKey(key.publicKey), signer);
    const of = accountText(signer);
    const node = new ChainNode(call);
    const { sequence } = isOurs ? await accountFacts(call, of) : await node.account(of);
    signerInfos.push({
      sequence: parts.body.unordered ? 0n : sequence,
      modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
      ...(isOurs && { publicKey: key.publicKey.any }),
    });
  }
  const authInfo = AuthInfo.fromPartial({ ...parts.authInfo, signerInfos });
  return { ...parts, authInfo, signatures: signerInfos.map(() => new Uint8Array(0)) };
}

/** With the gas that the node estimates, where none is given. */
async function estimated(maker: Maker, messages: readonly MessageJson[]): Promise<TxParts> {
  const { call, sender, terminal } = maker;
  const given = chosenGas(call);
  if (given !== undefined) return draft(call, messages, given);
  const trial = await trialOf(call, withSmallFee(draft(call, messages, PRICED_GAS)), sender.key);
  const gas = adjustedGas(call, await new ChainNode(call).simulate(encodeParts(trial)));
  if (!call.flag('dry-run')) terminal.warn(`gas estimate: ${gas}`);
  return draft(call, messages, gas);
}

/** Does what the options of the command say with these messages of the sender. */
export async function sendMessages(maker: Maker, messages: readonly MessageJson[]): Promise<void> {
  const { call, terminal, sender } = maker;
  const { types } = chainTypes();
  const parts = await estimated(maker, messages);
  readTxParts(parts, chainTypes());
  if (call.flag('dry-run')) {
    const gas = String(parts.authInfo.fee?.gasLimit);
    return printResult(call, terminal, { gas_estimate: gas }, 'json');
  }
  if (call.flag('generate-only')) return writeJsonDocument(call, terminal, partsJson(parts, types));
  if (call.flag('offline'))
    throw usageError('--offline goes with --generate-only, or use: tx sign');
  if (sender.key === undefined) {
    const what = `there is no key of ${sender.address}; use --generate-only`;
    throw new ExitError(EXIT_DATA, what);
  }
  const chainId = await chainIdOf(call);
  const facts = await accountFacts(call, sender.address);
  if (!call.flag('yes')) {
    terminal.warn(jsonText(partsJson(parts, types)));
    await confirm(call, terminal, 'Sign and send this transaction?');
  }
  const signer = await openSigner(call, terminal, sender.key);
  const choice = { chainId, ...facts, mode: chosenMode(call) };
  await broadcast(call, terminal, await signParts(parts, signer, choice, chainTypes()));
}

/** Sends it and prints the answer. Throws ExitError 65 when the node or the chain refuses it. */
export async function broadcast(call: Call, terminal: Terminal, parts: TxParts): Promise<void> {
  const node = new ChainNode(call);
  const mode = call.text('broadcast-mode');
  let answer = await node.broadcast(encodeParts(parts), mode);
  if (mode === 'block' && answer['code'] === 0)
    answer = await node.committed(String(answer['txhash']));
  printResult(call, terminal, answer, 'json');
  if (answer['code'] === 0) return;
  const { code, codespace, raw_log: log } = answer;
  const where = `${String(codespace)}/${String(code)}`;
  throw new ExitError(EXIT_DATA, `the transaction was refused: ${String(log)} (${where})`);
}
