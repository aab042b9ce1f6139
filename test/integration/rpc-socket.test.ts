/** WebSocket clients at and past their bounds, over real sockets. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import * as limits from '../../node/base/limits.ts';
import { commitBlock, startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';

interface Message {
  readonly id: number;
  readonly result?: { readonly data: { readonly type: string } };
  readonly error?: { readonly code: number; readonly data: string };
}

interface TxMessage {
  readonly data: { readonly value: { readonly TxResult: { readonly tx: string } } };
}

class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  readonly #messages: Message[] = [];
  readonly #waiting: ((message: Message) => void)[] = [];
  #id = 0;

  constructor(node: FakeNode, options: object = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${node.port}/websocket`, options);
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      const waiter = this.#waiting.shift();
      if (waiter) waiter(message);
      else this.#messages.push(message);
    });
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  opened(): Promise<unknown> {
    return new Promise((resolve) => this.socket.once('open', resolve));
  }

  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async call(method: string, params: readonly string[] = []): Promise<Message> {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params }));
    return this.next();
  }
}

describe('rpc: WebSocket', () => {
  let node: FakeNode;
  let clients: Client[];
  const connect = async (options: object = {}): Promise<Client> => {
    const client = new Client(node, options);
    clients.push(client);
    await client.opened();
    return client;
  };
  beforeEach(async () => {
    clients = [];
    node = await startFakeNode();
  });
  afterEach(async () => {
    for (const { socket } of clients) socket.terminate();
    await node.server.stop();
  });

  it('22 allows 5 subscriptions and refuses the sixth', async () => {
    const client = await connect();
    for (let i = 0; i < limits.MAX_SUBSCRIPTIONS_PER_CLIENT; i++) {
      assert.deepEqual((await client.call('subscribe', [`tm.event='Tx' AND a.b=${i}`])).result, {});
    }
    const { error } = await client.call('subscribe', ["tm.event='Tx'"]);
    assert.equal(error?.code, -32603);
    assert.match(error?.data ?? '', /max_subscriptions_per_client 5 reached/);
  });

  it('refuses subscriptions of the 101st client', async () => {
    for (let i = 0; i < limits.DEFAULT_SUBSCRIPTION_CLIENTS; i++) {
      await (await connect()).call('subscribe', ["tm.event='Tx'"]);
    }
    const { error } = await (await connect()).call('subscribe', ["tm.event='Tx'"]);
    assert.match(error?.data ?? '', /max_subscription_clients 100 reached/);
  });

  it('counts as many subscribing clients as the settings say', async () => {
    await node.server.stop();
    node = await startFakeNode({ maxSubscriptionClients: 2 });
    for (let i = 0; i < 2; i++) await (await connect()).call('subscribe', ["tm.event='Tx'"]);
    const { error } = await (await connect()).call('subscribe', ["tm.event='Tx'"]);
    assert.match(error?.data ?? '', /max_subscription_clients 2 reached/);
  });

  it('sends every transaction of a large block, in order, to all who read', async () => {
    const readers = [await connect(), await connect()];
    for (const reader of readers) await reader.call('subscribe', ["tm.event='Tx'"]);
    const txs = Array.from({ length: 3_000 }, (_, i) => new Uint8Array(Buffer.from(`tx ${i}`)));
    await commitBlock(node, txs);
    for (const reader of readers) {
      for (const tx of txs) {
        const { result } = (await reader.next()) as unknown as { result: TxMessage };
        assert.equal(result.data.value.TxResult.tx, Buffer.from(tx).toString('base64'));
      }
    }
  });

  it('sends events of every size whole', async () => {
    const readers = [await connect(), await connect()];
    for (const reader of readers) await reader.call('subscribe', ["tm.event='Tx'"]);
    const sizes = [10, 40_000, 50_000, 200_000, 10];
    await commitBlock(
      node,
      sizes.map((size) => new Uint8Array(size).fill(7)),
    );
    for (const reader of readers) {
      for (const size of sizes) {
        const { result, id } = (await reader.next()) as unknown as {
          result: TxMessage;
          id: number;
        };
        assert.equal(id, 1);
        assert.equal(Buffer.from(result.data.value.TxResult.tx, 'base64').length, size);
      }
    }
  });

  it('refuses the same query twice, also when it is spelled differently', async () => {
    const client = await connect();
    await client.call('subscribe', ["tm.event='Tx'"]);
    const { error } = await client.call('subscribe', ["tm.event = 'Tx'"]);
    assert.equal(error?.data, 'already subscribed');
  });

  it('sends nothing more after unsubscribe, and names what it does not know', async () => {
    const client = await connect();
    await client.call('subscribe', ["tm.event='NewBlock'"]);
    assert.deepEqual((await client.call('unsubscribe', ["tm.event='NewBlock'"])).result, {});
    const { error } = await client.call('unsubscribe', ["tm.event='NewBlock'"]);
    assert.equal(error?.data, 'subscription not found');
    await commitBlock(node, []);
    assert.deepEqual((await client.call('health')).result, {});
    assert.equal((await client.call('unsubscribe_all')).error?.data, 'subscription not found');
  });

  it('gives each subscription its own events with its own id', async () => {
    const client = await connect();
    await client.call('subscribe', ["tm.event='NewBlock'"]);
    await client.call('subscribe', ["tm.event='Tx' AND app.key='async-key'"]);
    await client.call('subscribe', ["tm.event='Tx' AND app.key='other'"]);
    await commitBlock(node, [new Uint8Array([1])]);
    const events = [await client.next(), await client.next()];
    assert.deepEqual(
      events.map(({ id, result }) => [id, result?.data.type]),
      [
        [1, 'tendermint/event/NewBlock'],
        [2, 'tendermint/event/Tx'],
      ],
    );
    assert.deepEqual((await client.call('health')).result, {}, 'the third query matched nothing');
  });

  it('announces round steps and validator updates', async () => {
    const client = await connect();
    await client.call('subscribe', ["tm.event='NewRoundStep'"]);
    await client.call('subscribe', ["tm.event='ValidatorSetUpdates'"]);
    const at = { height: 255, round: 0, step: 'RoundStepPropose' };
    node.server.bus.publishRound({ kind: 'NewRoundStep', at });
    assert.equal((await client.next()).result?.data.type, 'tendermint/event/RoundState');
    const validatorUpdates = [{ pubKey: new Uint8Array(32), power: 5n }];
    await commitBlock(node, [], { validatorUpdates });
    assert.equal((await client.next()).result?.data.type, 'tendermint/event/ValidatorSetUpdates');
  });

  it('24 closes a binary frame with 1003 and a frame over 1 MB with 1009', async () => {
    const binary = await connect();
    binary.socket.send(Buffer.from('{}'), { binary: true });
    assert.equal(await binary.closed, 1003);
    const large = await connect();
    large.socket.send('x'.repeat(limits.MAX_RPC_BODY_BYTES + 1));
    assert.equal(await large.closed, 1009);
  });

  it('25 cancels a subscriber that does not read, in CometBFT’s words, and serves the others', async () => {
    const slow = await connect();
    await slow.call('subscribe', ["tm.event='Tx'"]);
    const quick = await connect();
    await quick.call('subscribe', ["tm.event='NewBlockHeader'"]);
    slow.socket.pause();
    const tx = new Uint8Array(200_000);
    for (let i = 0; i < (3 * limits.MAX_SOCKET_BACKLOG_BYTES) / tx.length; i++) {
      tx[0] = i;
      await commitBlock(node, [tx.slice()]);
      assert.equal((await quick.next()).result?.data.type, 'tendermint/event/NewBlockHeader');
    }
    slow.socket.resume();
    let last = await slow.next();
    while (!last.error) last = await slow.next();
    assert.equal(last.error.code, -32000);
    assert.match(last.error.data, /^subscription was canceled \(reason: .* out of capacity\)$/);
    assert.equal(await slow.closed, 1008);
    assert.deepEqual((await quick.call('health')).result, {});
  });

  it('25 closes a client that does not answer pings with 1008', async () => {
    await node.server.stop();
    // Long enough for a machine that is busy, on which the one that is alive answers late.
    node = await startFakeNode({ pingMs: 20, pongMs: 1_000 });
    const silent = await connect({ autoPong: false });
    const alive = await connect();
    assert.equal(await silent.closed, 1008);
    assert.deepEqual((await alive.call('health')).result, {});
  });
});
