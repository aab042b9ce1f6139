/** Messages from JSON: any of them, and a command for each that has none of its own. */
import { accountText, parseAccount } from '../../base/address.ts';
import { equal } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { AnyMessageHandler } from '../../app/module.ts';
import type { JsonCodec } from '../../gateway/expected.ts';
import { snakeCase } from '../../gateway/json/to-json.ts';
import { usageError } from '../command.ts';
import { parseJson, readJson } from '../tx/files.ts';
import type { MessageJson } from '../tx/send.ts';
import { messageCommand, type Making, type MessageCommand } from './message-command.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One message, a list of them, or a transaction. Throws ExitError 65. */
export function messagesIn(json: unknown): readonly MessageJson[] {
  const { body } = (json ?? {}) as { readonly body?: { readonly messages?: unknown } };
  const list = body?.messages ?? json;
  const messages = (Array.isArray(list) ? list : [list]) as readonly MessageJson[];
  const isGood = messages.every((message) => typeof message?.['@type'] === 'string');
  if (messages.length > 0 && isGood) return messages;
  throw new ExitError(EXIT_DATA, 'messages are objects that name their "@type"');
}

export const anyMessages: MessageCommand = messageCommand({
  name: 'msg',
  types: [],
  summary: 'Any messages from a file: one, a list, or those of a transaction',
  arguments: ['<file>'],
  examples: ['msg messages.json --from alice', 'msg - --from alice < messages.json'],
  make: async ({ call, terminal }) => messagesIn(await readJson(terminal, call.argument(0))),
});

/** The field that names the signer: the one that makes the signer when it holds an address. */
export function signerField({ codec, signers }: AnyMessageHandler): string | undefined {
  const probe = new Uint8Array(20).fill(7);
  const empty = (codec as unknown as JsonCodec).fromPartial({}) as Fields;
  const isSigner = (field: string): boolean => {
    try {
      const found = signers({ ...empty, [field]: accountText(probe) });
      return found.length === 1 && equal(found[0]!, probe);
    } catch {
      return false;
    }
  };
  const texts = Object.keys(empty).filter((field) => typeof empty[field] === 'string');
  const field = texts.find(isSigner);
  return field === undefined ? undefined : snakeCase(field);
}

/** "/bitscale.ledger.v1.MsgPostQuotes" is called "ledger post-quotes". */
export function nameOfMessage(typeUrl: string): string {
  const words = typeUrl.slice(1).split('.');
  const message = words.at(-1)!.replace(/^Msg/, '');
  const kebab = message.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `${words.at(-3)!} ${kebab}`;
}

async function fieldsOf({ call, terminal }: Making): Promise<Fields> {
  const [file, text] = [call.optionalArgument(0), call.optional('json')];
  if ((file === undefined) === (text === undefined)) {
    throw usageError('give the fields of the message either in a file or by --json');
  }
  const json = text === undefined ? await readJson(terminal, file!) : parseJson(text, '--json');
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields;
  throw new ExitError(EXIT_DATA, 'the fields of a message are a JSON object');
}

/** The command of a message that has no other. */
export function plainCommand(handler: AnyMessageHandler): MessageCommand {
  const { typeUrl } = handler;
  const name = nameOfMessage(typeUrl);
  const field = signerField(handler);
  return messageCommand({
    name,
    types: [typeUrl],
    summary: `Send ${typeUrl.slice(1)}, its fields as JSON`,
    arguments: ['[file]'],
    options: {
      json: { value: '<json>', help: 'the fields of the message; the signer is filled in' },
    },
    examples: [`${name} message.json --from alice`],
    make: async (making) => {
      const fields = await fieldsOf(making);
      const signer = field === undefined ? {} : { [field]: making.from };
      for (const [key, value] of Object.entries(signer)) {
        const given = fields[key];
        if (typeof given === 'string' && !equal(parseAccount(given), parseAccount(value))) {
          throw new ExitError(EXIT_DATA, `"${key}" is not the address of --from`);
        }
      }
      return [{ '@type': typeUrl, ...fields, ...signer }];
    },
  });
}
