/** Files of transactions and messages, in and out; "-" is standard input. */
import { fromBase64, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { Call, OptionSpec } from '../command.ts';
import { jsonText } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';
import { readWhole, writeWhole } from '../whole-file.ts';
import { decodeParts, readPartsJson, type TxParts } from './parts.ts';

export const DOCUMENT_OPTION: Readonly<Record<string, OptionSpec>> = {
  'output-document': { value: '<file>', help: 'write the result there' },
};

/** Throws ExitError 74. */
export async function readText(terminal: Terminal, file: string): Promise<string> {
  if (file === '-') return terminal.readAll();
  return readWhole(file);
}

export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `${file} is not JSON`, { cause });
  }
}

/** Throws ExitError 74 when it cannot be read, 65 when it is not JSON. */
export async function readJson(terminal: Terminal, file: string): Promise<unknown> {
  return parseJson(await readText(terminal, file), file);
}

/** A transaction as JSON. */
export async function readTx(terminal: Terminal, file: string): Promise<TxParts> {
  return readPartsJson(await readJson(terminal, file));
}

/** A transaction in a file as JSON or as base64, or given in base64 itself. */
export async function readAnyTx(terminal: Terminal, text: string): Promise<TxParts> {
  const direct = base64(text);
  if (direct !== undefined) return decodeParts(direct);
  const content = (await readText(terminal, text)).trim();
  const bytes = base64(content);
  return bytes === undefined ? readPartsJson(parseJson(content, text)) : decodeParts(bytes);
}

function base64(text: string): Bytes | undefined {
  try {
    return text === '' || text === '-' ? undefined : fromBase64(text);
  } catch {
    return undefined;
  }
}

/** To --output-document, else to standard output. */
export function writeDocument(call: Call, terminal: Terminal, lines: string): void {
  const file = call.optional('output-document');
  if (file === undefined) return terminal.print(lines);
  writeWhole(file, `${lines}\n`, 0o600);
}

/** One line of JSON, as the programs of the Cosmos SDK write transactions. */
export function writeJsonDocument(call: Call, terminal: Terminal, value: unknown): void {
  writeDocument(call, terminal, JSON.stringify(JSON.parse(jsonText(value))));
}
