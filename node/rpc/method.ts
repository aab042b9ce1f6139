/** What an RPC method is: its parameters by name, in positional order, and what it does. */
import type { Json, JsonText } from './json/scalars.ts';
import type { ArgsOf, Param } from './params.ts';

/** A client that can receive events: a WebSocket connection. */
export interface Subscriber {
  /** Events go out with the id of the request that subscribed. Throws RpcError at the bounds. */
  subscribe(query: string, id: RequestId): void;
  unsubscribe(query: string): void;
  unsubscribeAll(): void;
}

/** A bigint is an integer that a number cannot hold. */
export type RequestId = string | number | bigint;

export interface CallContext {
  readonly id: RequestId;
  /** Absent over plain HTTP. */
  readonly subscriber?: Subscriber;
}

type Answer = Json | JsonText;

export interface Method {
  readonly params: readonly (readonly [string, Param<unknown>])[];
  /** Exists only for clients that can receive events. */
  readonly socketOnly: boolean;
  run(args: object, context: CallContext): Answer | Promise<Answer>;
  /** Would a good answer to these arguments be the same tomorrow? Asked after it was given. */
  lasts(args: object): boolean;
}

type Params = Readonly<Record<string, Param<unknown>>>;

export function method<P extends Params>(
  params: P,
  run: (args: ArgsOf<P>, context: CallContext) => Answer | Promise<Answer>,
  lasts: (args: ArgsOf<P>) => boolean = () => false,
): Method {
  return {
    params: Object.entries(params),
    socketOnly: false,
    run: (args, context) => run(args as ArgsOf<P>, context),
    lasts: (args) => lasts(args as ArgsOf<P>),
  };
}

export function socketMethod<P extends Params>(
  params: P,
  run: (args: ArgsOf<P>, subscriber: Subscriber, id: RequestId) => Answer,
): Method {
  return {
    params: Object.entries(params),
    socketOnly: true,
    run: (args, { subscriber, id }) => (subscriber ? run(args as ArgsOf<P>, subscriber, id) : null),
    lasts: () => false,
  };
}

export type Methods = Readonly<Record<string, Method>>;
