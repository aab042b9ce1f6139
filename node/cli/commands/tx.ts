/** bitscale tx: every message of the chain, and transactions on their way to it. */
import { fromBase64, fromHex, toBase64, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { Call, Command } from '../command.ts';
import { messageCommands } from '../messages/table.ts';
import { outputOption, printResult } from '../output.ts';
import { NODE_OPTION } from '../shared-options.ts';
import { ChainNode } from '../tx/chain-node.ts';
import { chainTypes } from '../tx/chain-types.ts';
import {
  DOCUMENT_OPTION,
  readAnyTx,
  readTx,
  writeDocument,
  writeJsonDocument,
} from '../tx/files.ts';
import { BROADCAST_OPTION } from '../tx/options.ts';
import { decodeParts, encodeParts, partsJson } from '../tx/parts.ts';
import { broadcast, trialOf } from '../tx/send.ts';
import { signCommands } from './tx-sign.ts';

const broadcastCommand: Command = {
  name: 'tx broadcast',
  summary: 'Send a signed transaction: a file with its JSON or base64, or the base64 itself',
  arguments: ['<file_or_base64>'],
  options: { ...NODE_OPTION, ...BROADCAST_OPTION, ...outputOption('json') },
  examples: ['bitscale tx broadcast signed.json', 'bitscale tx broadcast - < signed.json'],
  async run(call, terminal) {
    await broadcast(call, terminal, await readAnyTx(terminal, call.argument(0)));
  },
};

const simulate: Command = {
  name: 'tx simulate',
  summary: 'Ask a node how much gas a transaction would use now',
  arguments: ['<file_or_base64>'],
  options: { ...NODE_OPTION, ...outputOption('json') },
  examples: ['bitscale tx simulate signed.json'],
  async run(call, terminal) {
    const parts = await readAnyTx(terminal, call.argument(0));
    const trial = parts.signatures.length > 0 ? parts : await trialOf(call, parts);
    const gas = await new ChainNode(call).simulate(encodeParts(trial));
    const wanted = String(parts.authInfo.fee?.gasLimit ?? 0n);
    printResult(
      call,
      terminal,
      { gas_info: { gas_wanted: wanted, gas_used: String(gas) } },
      'json',
    );
  },
};

const encode: Command = {
  name: 'tx encode',
  summary: 'The bytes of a transaction, in base64, from its JSON',
  arguments: ['<file>'],
  options: DOCUMENT_OPTION,
  examples: ['bitscale tx encode signed.json'],
  async run(call, terminal) {
    const parts = await readTx(terminal, call.argument(0));
    writeDocument(call, terminal, toBase64(encodeParts(parts)));
  },
};

const decode: Command = {
  name: 'tx decode',
  summary: 'The JSON of a transaction from its bytes, in base64 or hexadecimal',
  arguments: ['<bytes>'],
  options: { hex: { help: 'they are hexadecimal', short: 'x' }, ...DOCUMENT_OPTION },
  examples: ['bitscale tx decode CpIBCo8B...', 'bitscale tx decode -x 0a92010a8f01...'],
  run(call, terminal) {
    const parts = decodeParts(readBytes(call));
    writeJsonDocument(call, terminal, partsJson(parts, chainTypes().types));
  },
};

function readBytes(call: Call): Bytes {
  const text = call.argument(0);
  try {
    return call.flag('hex') ? fromHex(text.toLowerCase()) : fromBase64(text);
  } catch (cause) {
    const kind = call.flag('hex') ? 'hexadecimal' : 'base64';
    throw new ExitError(EXIT_DATA, `the bytes are not ${kind}`, { cause });
  }
}

export function txCommands(): readonly Command[] {
  return [
    ...messageCommands(chainTypes().registry),
    ...signCommands,
    simulate,
    broadcastCommand,
    encode,
    decode,
  ];
}
