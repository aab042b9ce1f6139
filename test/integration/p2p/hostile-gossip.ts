/** A host that is connected and speaks gossipsub's protocol byte by byte, as a test tells it. */
import { identify } from '@libp2p/identify';
import { RPC } from '@libp2p/gossipsub/message';
import { noise } from '@chainsafe/libp2p-noise';
import type { PrivateKey, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import { concat, type Bytes } from '../../../node/base/bytes.ts';
import { encodeVarint } from '../../../node/base/proto-writer.ts';

const PROTOCOL = '/meshsub/1.2.0';
const NO_CONTROL = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] };

export class HostileGossip {
  readonly #host: Libp2p;
  readonly #stream: Stream;
  /** What the other side said. */
  readonly heard: RPC[] = [];
  #buffer: Bytes = new Uint8Array(0);

  private constructor(host: Libp2p, stream: Stream) {
    this.#host = host;
    this.#stream = stream;
  }

  static async connect(address: string, privateKey: PrivateKey): Promise<HostileGossip> {
    const host = await createLibp2p({
      privateKey,
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
    });
    const early: Stream[] = [];
    let hear: (stream: Stream) => void = (stream) => void early.push(stream);
    await host.handle(PROTOCOL, (stream) => hear(stream));
    const connection = await host.dial(multiaddr(address));
    const one = new HostileGossip(host, await connection.newStream(PROTOCOL));
    hear = (stream) => one.#listen(stream);
    for (const stream of early) one.#listen(stream);
    return one;
  }

  get peerId(): string {
    return this.#host.peerId.toString();
  }

  get isConnected(): boolean {
    return this.#host.getPeers().length > 0;
  }

  get isOpen(): boolean {
    return this.#stream.status === 'open';
  }

  sendBytes(bytes: Bytes): void {
    this.#stream.send(bytes);
  }

  sendRpc(rpc: Partial<RPC>): void {
    const bytes = RPC.encode({ subscriptions: [], messages: [], ...rpc });
    this.#stream.send(concat(encodeVarint(bytes.length), bytes));
  }

  sendControl(control: Partial<RPC.ControlMessage>): void {
    this.sendRpc({ control: { ...NO_CONTROL, ...control } });
  }

  async stop(): Promise<void> {
    await this.#host.stop();
  }

  #listen(stream: Stream): void {
    stream.addEventListener('message', ({ data }) => {
      this.#buffer = concat(this.#buffer, data.subarray());
      for (let rpc = this.#next(); rpc !== undefined; rpc = this.#next()) this.heard.push(rpc);
    });
  }

  #next(): RPC | undefined {
    let [length, at] = [0, 0];
    for (;;) {
      const byte = this.#buffer[at];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** at;
      at += 1;
      if (byte < 0x80) break;
    }
    if (this.#buffer.length < at + length) return undefined;
    const rpc = RPC.decode(this.#buffer.subarray(at, at + length));
    this.#buffer = this.#buffer.slice(at + length);
    return rpc;
  }
}
