/** Running messages in the name of others. */
import type { MsgExec } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import type { Any } from 'cosmjs-types/google/protobuf/any';
import { equal, type Bytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { MAX_EXEC_DEPTH, MAX_EXEC_MESSAGES } from '../../node/base/limits.ts';
import { INVALID_REQUEST, TX_DECODE } from '../../node/base/sdk-errors.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { compareTime } from '../../node/base/time.ts';
import { MESSAGE_LOOKUP_GAS } from '../../node/app/ante.ts';
import type { Context } from '../../node/app/context.ts';
import { withAttribute } from '../../node/app/events.ts';
import { OutOfGasError } from '../../node/app/gas.ts';
import type { AnyMessageHandler, MessageRouter } from '../../node/app/module.ts';
import { accept } from './authorization.ts';
import { EXPIRED, NO_AUTHORIZATION, NUMBER_OF_SIGNERS } from './errors.ts';
import type { AuthzKeeper } from './keeper.ts';

export const EXEC_TYPE = '/cosmos.authz.v1beta1.MsgExec';

/** The SDK's price for each step over the receivers that a grant lists. */
const STEP_GAS = 10n;
/** Body, MsgExec and Any are around a message. */
const DEPTH = 4;

export interface InnerMessage {
  readonly handler: AnyMessageHandler;
  readonly value: unknown;
  readonly signers: readonly Bytes[];
}

export class Executor {
  readonly #keeper: AuthzKeeper;
  /** What a decoded MsgExec holds: read when its transaction is decoded, used when it is checked and run. */
  readonly #inner = new WeakMap<MsgExec, readonly InnerMessage[]>();
  #router: MessageRouter | undefined;

  constructor(keeper: AuthzKeeper) {
    this.#keeper = keeper;
  }

  connect(router: MessageRouter): void {
    this.#router = router;
  }

  knows(typeUrl: string): boolean {
    return this.#known().message(typeUrl) !== undefined;
  }

  /** Throws sdk/2 on what cannot be decoded, sdk/18 on too many messages or too much nesting. */
  messagesOf(message: MsgExec): readonly InnerMessage[] {
    return this.#inner.get(message) ?? this.#read(message, 1, { count: 0 });
  }

  /** Throws what the first message that makes no sense throws. */
  validate(message: MsgExec): void {
    const messages = this.messagesOf(message);
    if (messages.length === 0) {
      throw new BitscaleError(INVALID_REQUEST, 'messages cannot be empty');
    }
    for (const [index, { handler, value }] of messages.entries()) {
      try {
        handler.validate(value);
      } catch (error) {
        throw error instanceof BitscaleError ? error.within(`msg ${index}`) : error;
      }
    }
  }

  /** Each message's answer. All of them run or none. */
  run(context: Context, grantee: Bytes, messages: readonly InnerMessage[]): Bytes[] {
    return messages.map((message, index) => {
      const [granter, ...more] = message.signers;
      if (!granter || more.length > 0) throw new BitscaleError(NUMBER_OF_SIGNERS);
      if (!equal(granter, grantee)) this.#use(context, { granter, grantee }, message);
      context.gas.consume(MESSAGE_LOOKUP_GAS, 'Has');
      const inner = context.branch();
      const value = execute(inner, message);
      inner.writeState();
      const events = withAttribute(inner.events.list(), 'authz_msg_index', String(index));
      context.events.append(events);
      return value;
    });
  }

  #use(
    context: Context,
    pair: { readonly granter: Bytes; readonly grantee: Bytes },
    { handler, value }: InnerMessage,
  ): void {
    const { typeUrl } = handler;
    const grant = this.#keeper.grantOf(context, pair, typeUrl);
    if (!grant) {
      const { addresses } = this.#keeper.accounts;
      const [granter, grantee] = [pair.granter, pair.grantee].map((a) => addresses.write(a));
      const who = `given granter: ${granter}, grantee: ${grantee} & msgType: ${typeUrl} `;
      throw new BitscaleError(NO_AUTHORIZATION, `failed to get grant with ${who}`);
    }
    if (grant.expiration && compareTime(grant.expiration, context.time) < 0) {
      throw new BitscaleError(EXPIRED);
    }
    const step = (): void => context.gas.consume(STEP_GAS, 'send authorization');
    const left = accept(grant.authorization, value, step);
    if (!left) this.#keeper.revoke(context, pair, typeUrl);
    else if (left !== grant.authorization) this.#keeper.update(context, pair, left);
  }

  #read(message: MsgExec, depth: number, total: { count: number }): readonly InnerMessage[] {
    if (depth > MAX_EXEC_DEPTH) {
      throw new BitscaleError(INVALID_REQUEST, `MsgExec nested deeper than ${MAX_EXEC_DEPTH}`);
    }
    total.count += message.msgs.length;
    if (total.count > MAX_EXEC_MESSAGES) {
      throw new BitscaleError(INVALID_REQUEST, `more than ${MAX_EXEC_MESSAGES} messages to run`);
    }
    const messages = message.msgs.map((any) => this.#readInner(any, depth, total));
    this.#inner.set(message, messages);
    return messages;
  }

  #readInner({ typeUrl, value: bytes }: Any, depth: number, total: { count: number }) {
    const handler = this.#known().message(typeUrl);
    if (!handler) throw new BitscaleError(TX_DECODE, `unable to resolve type URL ${typeUrl}`);
    const value: unknown = strictDecode(handler.codec, bytes, DEPTH + 2 * (depth - 1));
    // Before anything else asks it for what it holds, so that the bounds count from the outermost.
    if (typeUrl === EXEC_TYPE) this.#read(value as MsgExec, depth + 1, total);
    return { handler, value, signers: handler.signers(value) };
  }

  #known(): MessageRouter {
    assert(this.#router, 'authz is not connected to the messages of the chain');
    return this.#router;
  }
}

/** Clients see which of the messages failed by its type; the SDK writes out the whole message. */
function execute(context: Context, { handler, value }: InnerMessage): Bytes {
  try {
    return handler.execute(context, value).value;
  } catch (error) {
    if (!(error instanceof BitscaleError) || error instanceof OutOfGasError) throw error;
    throw error.within(`failed to execute message; message ${handler.typeUrl}`);
  }
}
