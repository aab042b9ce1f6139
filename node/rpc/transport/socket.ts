/**
 * One WebSocket client: answers its requests in their order, carries its subscriptions, and lets go of
 * it when it reads too slowly or falls silent. Everything kept for a client is bounded.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { MAX_SOCKET_BACKLOG_BYTES, MAX_SOCKET_REQUESTS } from '../../base/limits.ts';
import { MAX_SUBSCRIPTION_EVENTS, MAX_SUBSCRIPTIONS_PER_CLIENT } from '../../base/limits.ts';
import { clientShare } from '../../base/loop-share.ts';
import { failure, idText, type Dispatcher } from '../dispatch.ts';
import { refused, RpcError, SERVER_ERROR } from '../errors.ts';
import type { EventBus } from '../event-bus.ts';
import type { RpcEvent } from '../events.ts';
import type { RequestId, Subscriber } from '../method.ts';
import { parseQuery } from '../query/query.ts';
import { frameStart } from './frame.ts';

const POLICY_VIOLATION = 1008;
const UNSUPPORTED_DATA = 1003;
const TOO_SLOW =
  'subscription was canceled (reason: internal subscription event buffer is out of capacity)';

export interface SocketDeps {
  /** What carries the WebSocket. */
  readonly stream: Pick<Duplex, 'cork' | 'uncork' | 'write'>;
  readonly dispatcher: Dispatcher;
  readonly bus: EventBus;
  /** Throws RpcError when no further client may subscribe. */
  readonly admitSubscriber: (client: SocketClient) => void;
  readonly pingMs: number;
  readonly pongMs: number;
}

interface Subscription {
  readonly id: RequestId;
  /** How each of its messages begins: with the id, and the query as the client wrote it. */
  readonly head: Buffer;
  waiting: number;
  end(): void;
}

export class SocketClient implements Subscriber {
  readonly #socket: WebSocket;
  readonly #deps: SocketDeps;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #requests: string[] = [];
  #gathers = false;
  #busy = false;
  #pingTimer: NodeJS.Timeout | undefined;
  #pongTimer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, deps: SocketDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on('pong', () => this.#heard());
    socket.on('close', () => this.#onClose());
    // `ws` closes the socket with the right code itself; without a listener the process would end.
    socket.on('error', () => undefined);
    this.#pingTimer = setInterval(() => this.#ping(), deps.pingMs);
    this.#pingTimer.unref();
  }

  get subscribed(): boolean {
    return this.#subscriptions.size > 0;
  }

  subscribe(text: string, id: RequestId): void {
    // A batch may come to its turn when nobody ends its subscriptions any more.
    if (this.#socket.readyState !== this.#socket.OPEN) throw refused('the client has gone');
    this.#deps.admitSubscriber(this);
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS_PER_CLIENT) {
      throw refused(`max_subscriptions_per_client ${MAX_SUBSCRIPTIONS_PER_CLIENT} reached`);
    }
    const query = parseQuery(text);
    if (this.#subscriptions.has(query.text)) throw refused('already subscribed');
    const end = this.#deps.bus.subscribe(query, (event) => this.#deliver(subscription, event));
    const start = `{"jsonrpc":"2.0","id":${idText(id)},`;
    const head = Buffer.from(`${start}"result":{"query":${JSON.stringify(text)},`);
    const subscription: Subscription = { id, head, waiting: 0, end };
    this.#subscriptions.set(query.text, subscription);
  }

  unsubscribe(text: string): void {
    const query = parseQuery(text);
    const subscription = this.#subscriptions.get(query.text);
    if (!subscription) throw refused('subscription not found');
    subscription.end();
    this.#subscriptions.delete(query.text);
  }

  unsubscribeAll(): void {
    if (this.#subscriptions.size === 0) throw refused('subscription not found');
    this.#endSubscriptions();
  }

  #endSubscriptions(): void {
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
  }

  #deliver(subscription: Subscription, event: RpcEvent): void {
    const full =
      subscription.waiting >= MAX_SUBSCRIPTION_EVENTS ||
      this.#socket.bufferedAmount > MAX_SOCKET_BACKLOG_BYTES;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (full) {
      this.#send(failure(subscription.id, new RpcError(SERVER_ERROR, TOO_SLOW)));
      this.#giveUp('slow client');
      return;
    }
    subscription.waiting++;
    this.#gather();
    // Past `ws`, which would copy the event for each client; it writes whole frames at once, too.
    const { stream } = this.#deps;
    const tail = event.tail();
    stream.write(frameStart(subscription.head, tail.length));
    stream.write(tail, () => subscription.waiting--);
  }

  /** What is sent before the next turn leaves in one piece. */
  #gather(): void {
    if (this.#gathers) return;
    this.#gathers = true;
    this.#deps.stream.cork();
    process.nextTick(() => {
      this.#gathers = false;
      this.#deps.stream.uncork();
    });
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#heard();
    if (isBinary) {
      this.#socket.close(UNSUPPORTED_DATA, 'text frames only');
      return;
    }
    if (this.#requests.length >= MAX_SOCKET_REQUESTS) {
      this.#giveUp('too many requests waiting');
      return;
    }
    this.#requests.push(data.toString());
    this.#work();
  }

  /** Answers one request after the other; while one waits, the socket is not read. */
  #work(): void {
    while (!this.#busy && this.#requests.length > 0) {
      if (clientShare.isSpent) this.#wait((go) => clientShare.later(go));
      else clientShare.spend(() => this.#next());
    }
  }

  #next(): void {
    const reply = this.#deps.dispatcher.handle(this.#requests.shift() as string, this);
    if (reply instanceof Promise) {
      this.#wait((go) => {
        void reply.then(({ text }) => {
          this.#answer(text);
          go();
        });
      });
    } else {
      this.#answer(reply.text);
    }
  }

  #wait(until: (go: () => void) => void): void {
    this.#busy = true;
    this.#socket.pause();
    until(() => {
      this.#busy = false;
      this.#socket.resume();
      this.#work();
    });
  }

  #answer(text: string): void {
    if (text === '') return;
    if (this.#socket.bufferedAmount > MAX_SOCKET_BACKLOG_BYTES) this.#giveUp('slow client');
    else this.#send(text);
  }

  #send(text: string, sent: () => void = () => undefined): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text, sent);
  }

  #ping(): void {
    this.#socket.ping();
    this.#pongTimer ??= setTimeout(() => this.#giveUp('no pong'), this.#deps.pongMs).unref();
  }

  #heard(): void {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = undefined;
  }

  /** Ends the connection. What is already queued for the client is still sent if it reads on. */
  #giveUp(reason: string): void {
    this.#endSubscriptions();
    this.#requests.length = 0;
    this.#socket.close(POLICY_VIOLATION, reason);
  }

  #onClose(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#endSubscriptions();
    this.#requests.length = 0;
  }
}
