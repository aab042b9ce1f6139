/** The node's side of the peer-to-peer network; everything else sees peers only as text ids. */
import { peerIdFromString } from '@libp2p/peer-id';
import { equal, type Bytes } from '../base/bytes.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import { MAX_STATUS_NEIGHBOURS } from '../base/limits.ts';
import { Dialer, parsePeerAddress } from './dialer.ts';
import { DirectStreams } from './direct-streams.ts';
import { startHost, type Host } from './host.ts';
import { decodeDirectMessage, encodeDirectMessage, type Hello, type Status } from './messages.ts';
import type { NodeIdentity } from './node-key.ts';
import { PeerTable } from './peer-table.ts';
import type { Peer, PeerInfo } from './peer.ts';
import { Requests, type AskBounds, type RequestHandler } from './requests.ts';
import { PRIORITY_OTHER, type Priority } from './send-queue.ts';
import { TxGossip, type Verdict } from './tx-gossip.ts';
import { provenValidator } from './validator-binding.ts';

export interface NetworkOptions {
  readonly identity: NodeIdentity;
  readonly chainId: string;
  readonly genesisHash: Bytes;
  readonly moniker: string;
  readonly version: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly externalAddress: string;
  readonly rpcAddress: string;
  readonly persistentPeers: readonly string[];
  readonly bootstrapPeers: readonly string[];
  /** Own newest and oldest block, told to peers from the first moment. */
  readonly blocks: { readonly height: number; readonly base: number };
  /** The validator behind this node and its signature over bindingBytes. */
  readonly validator?: { readonly pubKey: Bytes; readonly signature: Bytes };
}

export interface NetworkHandlers {
  onConsensus(peerId: string, payload: Bytes): void;
  onTxs(peerId: string, txs: readonly Bytes[]): Verdict | Promise<Verdict>;
  onStatus(peerId: string, status: Status): void;
  onPeer?(peerId: string, connected: boolean): void;
}

export interface NetworkDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

const STATUS_EVERY_MS = 1_000;
/** Blocks may come much faster than anybody needs to hear of them. */
const ANNOUNCE_EVERY_MS = 100;
const STRIKE_BAD_STREAM = 25;
const STRIKE_FLOOD = 5;

export class Network {
  readonly #options: NetworkOptions;
  readonly #deps: NetworkDeps;
  readonly #handlers: NetworkHandlers;
  readonly #host: Host;
  readonly #table: PeerTable;
  readonly #streams: DirectStreams;
  readonly #dialer: Dialer;
  readonly #gossip: TxGossip;
  readonly #requests: Requests;
  #statusTimer: NodeJS.Timeout | undefined;
  #announcing: NodeJS.Timeout | undefined;
  #status: Status;

  private constructor(
    options: NetworkOptions,
    deps: NetworkDeps,
    handlers: NetworkHandlers,
    parts: { host: Host; table: PeerTable },
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#handlers = handlers;
    this.#host = parts.host;
    this.#table = parts.table;
    this.#status = { ...options.blocks, neighbours: [] };
    const peer = (peerId: string): Peer | undefined => this.#table.get(peerId);
    const strike = this.strike.bind(this);
    this.#streams = new DirectStreams({
      host: this.#host,
      protocol: this.protocol('direct'),
      peer,
      firstMessage: () => encodeDirectMessage({ type: 'hello', hello: this.#hello() }),
      onMessage: (from, message) => this.#receive(from, message),
      onBadStream: (from, error) => strike(from.origin.peerId, STRIKE_BAD_STREAM, String(error)),
    });
    this.#dialer = new Dialer(this.#host, options.persistentPeers, deps.logger);
    this.#requests = new Requests({
      host: this.#host,
      peer,
      nowMs: () => deps.clock.monotonic(),
      strike,
    });
    this.#gossip = new TxGossip({
      host: this.#host,
      topic: txTopic(options.chainId),
      logger: deps.logger,
      judge: (peerId, txs) => handlers.onTxs(peerId, txs),
      onMalformed: (peerId) => strike(peerId, STRIKE_BAD_STREAM, 'malformed gossip'),
    });
  }

  /** Listens and starts to dial. Rejects with ExitError 74 when the port is taken. */
  static async start(
    options: NetworkOptions,
    handlers: NetworkHandlers,
    deps: NetworkDeps,
  ): Promise<Network> {
    const hangUp = (peerId: string): void => {
      void host.hangUp(peerIdFromString(peerId)).catch(() => undefined);
    };
    const persistent = options.persistentPeers.map((text) => parsePeerAddress(text).peerId);
    const table = new PeerTable(deps, hangUp, persistent);
    const host = await startHost({
      privateKey: options.identity.privateKey,
      listen: options.listen,
      externalAddress: options.externalAddress,
      bootstrap: options.bootstrapPeers,
      topics: [txTopic(options.chainId)],
      isBanned: (peerId) => table.isBanned(peerId),
    });
    const network = new Network(options, deps, handlers, { host, table });
    await network.#run();
    return network;
  }

  async #run(): Promise<void> {
    const host = this.#host;
    const peers = this.#deps.metrics.gauge('bitscale_p2p_peers', 'Connected peers');
    host.addEventListener('peer:connect', ({ detail }) => {
      const peerId = detail.toString();
      const peer = this.#table.add(peerId, host.getConnections(detail)[0]);
      if (peer === undefined) void host.hangUp(detail).catch(() => undefined);
      else void this.#streams.open(detail);
      peers.set(this.#table.all().length);
    });
    host.addEventListener('peer:disconnect', ({ detail }) => {
      this.#table.remove(detail.toString());
      peers.set(this.#table.all().length);
      this.#handlers.onPeer?.(detail.toString(), false);
    });
    await this.#streams.start();
    this.#gossip.start();
    this.#dialer.start();
    this.#statusTimer = setInterval(() => this.#sendStatus(), STATUS_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#statusTimer);
    clearTimeout(this.#announcing);
    this.#dialer.stop();
    this.#gossip.stop();
    this.#streams.stop();
    await this.#host.stop();
  }

  get peerId(): string {
    return this.#options.identity.peerId;
  }

  get nodeId(): string {
    return this.#options.identity.nodeId;
  }

  /** The addresses this node really listens on, with its peer id. */
  addresses(): string[] {
    return this.#host.getMultiaddrs().map(String);
  }

  peers(): PeerInfo[] {
    return this.#table.infos();
  }

  strike(peerId: string, points: number, reason: string): void {
    this.#table.strike(peerId, points, reason);
  }

  validatorOf(peerId: string): Bytes | undefined {
    return this.#table.get(peerId)?.validator;
  }

  /** The peers that have proven to be the nodes of this validator. */
  peersOf(validator: Bytes): string[] {
    return this.#table.ofValidator(validator).map(({ origin }) => origin.peerId);
  }

  statusOf(peerId: string): Status | undefined {
    return this.#table.get(peerId)?.status;
  }

  protocol(name: string): string {
    return `/bitscale/${this.#options.chainId}/${name}/1`;
  }

  announce(height: number, base: number): void {
    this.#status = { ...this.#status, height, base };
    this.#announcing ??= setTimeout(() => {
      this.#announcing = undefined;
      this.#sendStatus();
    }, ANNOUNCE_EVERY_MS);
  }

  broadcast(payload: Bytes, priority: Priority): void {
    this.#sendAll(this.#table.all(), encodeDirectMessage({ type: 'consensus', payload }), priority);
  }

  /** To the nodes of these validators; one that nobody has proven to be is reached through everybody. */
  sendToValidators(addresses: readonly Bytes[], payload: Bytes, priority: Priority): void {
    const targets = new Set<Peer>();
    for (const address of addresses) {
      const peers = this.#table.ofValidator(address);
      for (const peer of peers.length > 0 ? peers : this.#table.all()) targets.add(peer);
    }
    this.#sendAll([...targets], encodeDirectMessage({ type: 'consensus', payload }), priority);
  }

  /** Passes a message on to those the sender is not connected with. */
  relay(from: string, payload: Bytes, priority: Priority): void {
    const reached = this.#table.get(from)?.neighbours;
    const targets = this.#table.all().filter(({ origin: { peerId } }) => {
      return peerId !== from && reached?.has(peerId) !== true;
    });
    if (targets.length === 0) return;
    this.#sendAll(targets, encodeDirectMessage({ type: 'consensus', payload }), priority);
  }

  /** Spreads a transaction that has just entered this node's mempool from outside the network. */
  publishTx(tx: Bytes): void {
    if (this.#gossip.publish(tx)) return;
    this.#sendAll(this.#table.all(), encodeDirectMessage({ type: 'tx', tx }), PRIORITY_OTHER);
  }

  async ask(peerId: string, name: string, question: Bytes, bounds: AskBounds): Promise<Bytes[]> {
    const protocol = this.protocol(name);
    return this.#requests.ask(peerIdFromString(peerId), protocol, question, bounds);
  }

  async answer(name: string, handler: RequestHandler): Promise<void> {
    await this.#requests.handle(this.protocol(name), handler);
  }

  #sendAll(peers: readonly Peer[], message: Bytes, priority: Priority): void {
    for (const peer of peers) {
      if (peer.send(message, priority)) continue;
      // The queue is bounded: whoever does not read loses the connection, not our memory. It may have been
      // suspended for a while, so it is not blamed.
      this.#table.disconnect(peer.origin.peerId, 'does not read');
    }
  }

  #sendStatus(peers = this.#table.all()): void {
    const neighbours = this.#table
      .all()
      .slice(0, MAX_STATUS_NEIGHBOURS)
      .map(({ origin }) => origin.peerId);
    const status = { ...this.#status, neighbours };
    const message = encodeDirectMessage({ type: 'status', status });
    for (const peer of peers) peer.send(message, PRIORITY_OTHER);
  }

  #hello(): Hello {
    const { genesisHash, moniker, version, externalAddress, rpcAddress, validator } = this.#options;
    return {
      genesisHash,
      moniker,
      version,
      listenAddress: externalAddress,
      rpcAddress,
      validatorPubKey: validator?.pubKey ?? new Uint8Array(0),
      validatorSignature: validator?.signature ?? new Uint8Array(0),
    };
  }

  #receive(peer: Peer, bytes: Bytes): void {
    const { peerId } = peer.origin;
    if (!peer.rate.take(this.#deps.clock.monotonic())) {
      this.strike(peerId, STRIKE_FLOOD, 'too many messages');
      return;
    }
    const message = decodeDirectMessage(bytes);
    if (message.type === 'hello') this.#onHello(peer, message.hello);
    else if (peer.hello === undefined) throw new Error('the first message is not hello');
    else if (message.type === 'status') this.#onStatus(peer, message.status);
    else if (message.type === 'consensus') this.#handlers.onConsensus(peerId, message.payload);
    else void this.#handlers.onTxs(peerId, [message.tx]);
  }

  #onHello(peer: Peer, hello: Hello): void {
    const { peerId } = peer.origin;
    if (!equal(hello.genesisHash, this.#options.genesisHash)) {
      this.#deps.logger.warn('peer has another genesis', { peer: peerId });
      throw new Error('another genesis');
    }
    peer.hello = hello;
    peer.validator = provenValidator(hello, this.#options.chainId, peerId);
    this.#handlers.onPeer?.(peerId, true);
    // Only to the one who greets: greetings must not make more traffic than they are.
    this.#sendStatus([peer]);
  }

  #onStatus(peer: Peer, status: Status): void {
    peer.status = status;
    peer.neighbours = new Set(status.neighbours);
    this.#handlers.onStatus(peer.origin.peerId, status);
  }
}

function txTopic(chainId: string): string {
  return `/bitscale/${chainId}/txs/1`;
}
