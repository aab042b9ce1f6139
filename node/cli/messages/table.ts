/** A command for every message of the chain. */
import type { Registry } from '../../app/registry.ts';
import { authorityMessages } from './authority.ts';
import { authzMessages } from './authz.ts';
import { bankMessages } from './bank.ts';
import { feegrantMessages } from './feegrant.ts';
import { anyMessages, plainCommand } from './generic.ts';
import type { MessageCommand } from './message-command.ts';
import { vestingMessages } from './vesting.ts';

/** Messages that nodes send by themselves, and why nobody else should. `tx msg` takes them all the same. */
export const NODE_MESSAGES: ReadonlyMap<string, string> = new Map([
  [
    '/bitscale.settlement.v1.MsgAttestL1',
    "a validator's node reports what its own L1 node shows; by hand it could only be invented",
  ],
  [
    '/bitscale.settlement.v1.MsgAttestBatch',
    "it carries a signature of the node's attestation key, which only the node uses",
  ],
]);

const WITH_ARGUMENTS: readonly MessageCommand[] = [
  ...bankMessages,
  ...authzMessages,
  ...feegrantMessages,
  ...vestingMessages,
  ...authorityMessages,
];

export function messageCommands(registry: Registry): readonly MessageCommand[] {
  const covered = new Set(WITH_ARGUMENTS.flatMap(({ types }) => types));
  const plain = registry
    .messageTypes()
    .filter((typeUrl) => !covered.has(typeUrl) && !NODE_MESSAGES.has(typeUrl))
    .map((typeUrl) => plainCommand(registry.message(typeUrl)!));
  return [...WITH_ARGUMENTS, ...plain, anyMessages];
}
