/** Real networks on this machine whose messages are recorded, and hosts that speak only as a test makes them. */
import { multiaddr } from '@multiformats/multiaddr';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { ConnectionGate } from '../../../node/network/connection-gate.ts';
import { createHost, startHost, type Host } from '../../../node/network/host.ts';
import { encodeDirectMessage, type Hello } from '../../../node/network/messages.ts';
import {
  Network,
  type NetworkDeps,
  type NetworkHandlers,
  type NetworkOptions,
} from '../../../node/network/network.ts';
import { nodeIdentity, type NodeIdentity } from '../../../node/network/node-key.ts';
import { freePorts } from '../toy/toy-network.ts';
import { until } from '../toy/toy-node.ts';

export const CHAIN_ID = 'net-1';
export const TOPIC = `/bitscale/${CHAIN_ID}/txs/1`;
export const GENESIS = sha256(utf8('genesis'));

export const text = (bytes: Bytes): string => Buffer.from(bytes).toString();

export interface Heard {
  readonly network: Network;
  readonly port: number;
  readonly consensus: string[];
  readonly txs: string[];
  readonly batches: number[];
  /** Consensus messages and batches of transactions in the order they came. */
  readonly order: ('consensus' | 'txs')[];
  /** Who sent a status, each time. */
  readonly statuses: string[];
}

export interface LabOptions extends Partial<NetworkOptions> {
  readonly port?: number;
  readonly handlers?: Partial<NetworkHandlers>;
  readonly deps?: Partial<NetworkDeps>;
}

export function testHello(genesisHash: Bytes = GENESIS): Hello {
  return {
    genesisHash,
    moniker: 'attacker',
    version: '',
    listenAddress: '',
    rpcAddress: '',
    validatorPubKey: new Uint8Array(0),
    validatorSignature: new Uint8Array(0),
  };
}

export const HELLO = encodeDirectMessage({ type: 'hello', hello: testHello() });

export class NetworkLab {
  readonly #name: string;
  readonly #running: { stop(): Promise<void> }[] = [];
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The identity of the network or host that is started as number `index`, counted from 1. */
  identity(index: number): NodeIdentity {
    return nodeIdentity(sha256(utf8(`${this.#name} ${index}`)));
  }

  async start(peers: readonly string[], options: LabOptions = {}): Promise<Heard> {
    const { port: wanted, handlers, deps, ...rest } = options;
    const [free = 0] = await freePorts(1);
    const port = wanted ?? free;
    this.#count += 1;
    const heard = {
      port,
      consensus: [] as string[],
      txs: [] as string[],
      batches: [] as number[],
      order: [] as ('consensus' | 'txs')[],
      statuses: [] as string[],
    };
    const network = await Network.start(
      {
        identity: this.identity(this.#count),
        chainId: CHAIN_ID,
        genesisHash: GENESIS,
        moniker: `n${this.#count}`,
        version: '0',
        listen: { host: '127.0.0.1', port },
        externalAddress: '',
        rpcAddress: '',
        persistentPeers: peers,
        bootstrapPeers: [],
        blocks: { height: 7, base: 1 },
        ...rest,
      },
      {
        onConsensus: (_peer, payload) => {
          heard.order.push('consensus');
          heard.consensus.push(text(payload));
        },
        onTxs: (_peer, txs) => {
          heard.order.push('txs');
          heard.batches.push(txs.length);
          const fresh = txs.map(text).filter((tx) => !heard.txs.includes(tx));
          heard.txs.push(...fresh);
          return fresh.length > 0 ? 'accept' : 'ignore';
        },
        onStatus: (peer) => heard.statuses.push(peer),
        ...handlers,
      },
      {
        logger: silentLogger,
        metrics: noMetrics,
        clock: { now: () => Date.now(), monotonic: () => performance.now() },
        ...deps,
      },
    );
    this.#running.push(network);
    return { ...heard, network };
  }

  async pair(options: LabOptions = {}): Promise<[Heard, Heard]> {
    const a = await this.start([], options);
    const b = await this.start([addressOf(a)], options);
    await until(() => greeted(a, 1) && greeted(b, 1), 'they greet');
    return [a, b];
  }

  /** A host that speaks the protocol only as far as a test makes it, connected. */
  async attacker(target: Heard, identity?: NodeIdentity): Promise<Host> {
    const host = await this.host(identity);
    await host.dial(multiaddr(addressOf(target)));
    return host;
  }

  /** A bare host. */
  async host(identity?: NodeIdentity): Promise<Host> {
    this.#count += 1;
    const listen = { host: '127.0.0.1', port: 0 };
    const nowMs = (): number => performance.now();
    const host = await createHost({
      privateKey: (identity ?? this.identity(this.#count)).privateKey,
      listen,
      externalAddress: '',
      topics: [TOPIC],
      gate: new ConnectionGate(nowMs),
      nowMs,
      refuses: () => false,
      onRefused: () => undefined,
      pointsOf: () => 0,
      sharedIps: ['127.0.0.1'],
    });
    await startHost(host, listen);
    this.#running.push({ stop: async () => host.stop() });
    return host;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((one) => one.stop()));
  }
}

export const addressOf = ({ network }: Heard): string => network.addresses()[0]!;

export const greeted = (one: Heard, count: number): boolean =>
  one.network.peers().filter(({ moniker }) => moniker !== '').length === count;
