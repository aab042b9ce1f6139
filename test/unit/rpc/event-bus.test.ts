import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { MAX_SUBSCRIPTION_EVENTS, MAX_WAITING_PUBLICATIONS } from '../../../node/base/limits.ts';
import { clientShare } from '../../../node/base/loop-share.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { Dispatcher } from '../../../node/rpc/dispatch.ts';
import { EventBus } from '../../../node/rpc/event-bus.ts';
import type { CommittedBlock } from '../../../node/rpc/expected.ts';
import { subscriptionMethods } from '../../../node/rpc/methods/application.ts';
import { EMPTY_TX_RESULT } from '../../../node/rpc/json/abci.ts';
import { method } from '../../../node/rpc/method.ts';
import { parseQuery } from '../../../node/rpc/query/query.ts';
import { SocketClient } from '../../../node/rpc/transport/socket.ts';
import { recordedChain, type RecordedHeight } from './recorded.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A block at this height with so many transactions. */
function committed(height: number, txs: number): CommittedBlock {
  const { stored, results } = recordedChain()[0] as RecordedHeight;
  const header = { ...stored.block.header, height };
  const list = Array.from({ length: txs }, (_, i) => new Uint8Array(Buffer.from(`${height}/${i}`)));
  const txResults = list.map(() => EMPTY_TX_RESULT);
  return {
    block: { ...stored.block, header, txs: list },
    blockId: stored.blockId,
    results: { ...results, events: [], txResults },
    validatorUpdates: [],
  };
}

const heightsHeard = (bus: EventBus): string[] => {
  const heard: string[] = [];
  bus.subscribe(parseQuery("tm.event='Tx'"), ({ tags }) => heard.push(...tags.get('tx.height')!));
  return heard;
};

describe('rpc/event-bus', () => {
  it('delivers after whoever publishes has gone on, and in order', async () => {
    const bus = new EventBus();
    const heard = heightsHeard(bus);
    bus.publishBlock(committed(1, 2));
    bus.publishBlock(committed(2, 1));
    assert.deepEqual(heard, []);
    while (heard.length < 3) await turn();
    assert.deepEqual(heard, ['1', '1', '2']);
  });

  it('gives a subscriber nothing that was published before', async () => {
    const bus = new EventBus();
    const early = heightsHeard(bus);
    bus.publishBlock(committed(1, 1));
    const late = heightsHeard(bus);
    bus.publishBlock(committed(2, 1));
    while (early.length < 2) await turn();
    assert.deepEqual([early, late], [['1', '2'], ['2']]);
  });

  it('lets a bounded number of publications wait: who publishes more delivers', () => {
    const bus = new EventBus();
    const heard = heightsHeard(bus);
    for (let i = 1; i <= MAX_WAITING_PUBLICATIONS; i++) bus.publishBlock(committed(i, 1));
    assert.deepEqual(heard, []);
    bus.publishBlock(committed(MAX_WAITING_PUBLICATIONS + 1, 1));
    assert.deepEqual(heard, ['1']);
  });

  it('keeps nothing for nobody', async () => {
    const bus = new EventBus();
    bus.publishBlock(committed(1, 1));
    const heard = heightsHeard(bus);
    await turn();
    assert.deepEqual(heard, []);
  });
});

/** A connection whose other end takes nothing: what is sent stays. */
class StuckSocket extends EventEmitter {
  readonly sent: string[] = [];
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closed = 0;

  send(data: Buffer | string): void {
    this.sent.push(data.toString());
  }

  /** Of an event: the beginning of its frame, then what all subscribers share. */
  write(data: Buffer): boolean {
    if (data[0] !== 0x81) this.sent.push(data.toString());
    return true;
  }

  close(code: number): void {
    this.closed = code;
  }

  pause(): void {}
  resume(): void {}
  cork(): void {}
  uncork(): void {}
}

/** Leaves no time for others in this turn. */
const busy = method({}, () => {
  clientShare.later(() => undefined);
  return {};
});

const clientOf = (socket: StuckSocket, bus: EventBus): SocketClient =>
  new SocketClient(socket as unknown as WebSocket, {
    stream: socket,
    dispatcher: new Dispatcher({ busy, ...subscriptionMethods() }, silentLogger),
    bus,
    admitSubscriber: () => undefined,
    pingMs: 1e9,
    pongMs: 1e9,
  });

describe('rpc/socket: bounds', () => {
  it('a client that goes while its batch waits for a turn leaves no subscription', async () => {
    const bus = new EventBus();
    const socket = new StuckSocket();
    clientOf(socket, bus);
    const subscribe = { id: 2, method: 'subscribe', params: { query: 'a.b EXISTS' } };
    const batch = JSON.stringify([{ id: 1, method: 'busy' }, subscribe]);
    socket.emit('message', Buffer.from(batch), false);
    socket.readyState = 3;
    socket.emit('close');
    for (let turns = 0; turns < 5; turns += 1) await turn();
    assert.equal(bus.isHeard, false);
  });

  it('a subscription may have so many events waiting; one more cancels it', async () => {
    const bus = new EventBus();
    const socket = new StuckSocket();
    clientOf(socket, bus).subscribe("tm.event='Tx'", 7);
    bus.publishBlock(committed(1, MAX_SUBSCRIPTION_EVENTS));
    while (socket.sent.length < MAX_SUBSCRIPTION_EVENTS) await turn();
    await turn();
    assert.deepEqual([socket.sent.length, socket.closed], [MAX_SUBSCRIPTION_EVENTS, 0]);
    bus.publishBlock(committed(2, 1));
    while (socket.closed === 0) await turn();
    assert.equal(socket.closed, 1008);
    assert.match(socket.sent.at(-1)!, /"id":7,.*subscription was canceled/);
    assert.equal(bus.isHeard, false);
    socket.emit('close');
  });
});
