/** A command that makes messages of the chain: arguments in, messages as JSON out; the rest is the same for all. */
import { accountText, parseAccount } from '../../base/address.ts';
import { coinToText, parseCoins, type CoinText } from '../../base/coin.ts';
import { usageError, type Call, type Command, type OptionSpec } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { TX_OPTIONS } from '../tx/options.ts';
import { sendMessages, type MessageJson } from '../tx/send.ts';
import { findSender } from '../tx/signer.ts';

export interface Making {
  readonly call: Call;
  readonly terminal: Terminal;
  /** Address of the key that signs. */
  readonly from: string;
}

export interface MessageSpec {
  /** After "tx". */
  readonly name: string;
  /** What it can make. */
  readonly types: readonly string[];
  readonly summary: string;
  /** "<from>" as the first one may stand in place of --from. */
  readonly arguments?: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  make(making: Making): readonly MessageJson[] | Promise<readonly MessageJson[]>;
}

export interface MessageCommand extends Command {
  readonly types: readonly string[];
}

export function messageCommand(spec: MessageSpec): MessageCommand {
  const { name, types, summary, arguments: args = [], options = {}, examples } = spec;
  return {
    name: `tx ${name}`,
    types,
    summary,
    arguments: args,
    options: { ...options, ...TX_OPTIONS },
    examples: examples.map((example) => `bitscale tx ${example}`),
    async run(call, terminal) {
      const sender = findSender(call, terminal, nameOfSender(call, args[0] === '<from>'));
      const messages = await spec.make({ call, terminal, from: sender.address });
      await sendMessages({ call, terminal, sender }, messages);
    },
  };
}

function nameOfSender(call: Call, isArgument: boolean): string {
  const [given, option] = [isArgument ? call.argument(0) : undefined, call.optional('from')];
  if (given === undefined) return call.text('from');
  if (option === undefined || option === given) return given;
  throw usageError(`--from ${option} and the first argument ${given} differ`);
}

/** The address in this argument, checked. */
export const addressArgument = (call: Call, index: number): string =>
  accountText(parseAccount(call.argument(index)));

/** Throws ExitError 64 when there are none. */
export function coins(text: string): CoinText[] {
  const list = parseCoins(text).map(coinToText);
  if (list.length === 0) throw usageError('no coins');
  return list;
}

/** Coins of an option that may be left out. */
export function optionalCoins(call: Call, option: string): CoinText[] {
  const text = call.optional(option);
  return text === undefined ? [] : coins(text);
}

/** Texts with commas between them; empty without the option. */
export const commaList = (call: Call, option: string): string[] =>
  (call.optional(option) ?? '').split(',').filter((text) => text !== '');
