/** The node's side of the peer-to-peer network; everything else sees peers only as text ids. */
import type { GossipSub } from '@libp2p/gossipsub';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Bytes } from '../base/bytes.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import { AddressBook } from './address-book.ts';
import { ConnectionGate } from './connection-gate.ts';
import { Dialer } from './dialer.ts';
import { DirectStreams } from './direct-streams.ts';
import { Discovery } from './discovery.ts';
import { GossipGuard } from './gossip-guard.ts';
import { GossipReach } from './gossip-reach.ts';
import { greeting, type SelfDescription } from './greeting.ts';
import { createHost, startHost, type Host } from './host.ts';
import { Inbound } from './inbound.ts';
import { encodeDirectMessage, type Status } from './messages.ts';
import type { NodeIdentity } from './node-key.ts';
import { Outbound } from './outbound.ts';
import { PeerRules, type PeerSettings } from './peer-rules.ts';
import { PeerTable } from './peer-table.ts';
import type { Peer, PeerInfo } from './peer.ts';
import { Requests, type AskBounds, type RequestHandler } from './requests.ts';
import { PRIORITY_OTHER, type Priority } from './send-queue.ts';
import { Traffic } from './traffic.ts';
import { TxGossip } from './tx-gossip.ts';
import { TxInbox, type Verdict } from './tx-inbox.ts';

export interface NetworkOptions extends PeerSettings, SelfDescription {
  readonly identity: NodeIdentity;
  readonly chainId: string;
  /** Where the address book is kept over restarts. */
  readonly addressBookFile?: string;
  /** Own newest and oldest block, told to peers from the first moment. */
  readonly blocks: { readonly height: number; readonly base: number };
}

export interface NetworkHandlers {
  onConsensus(peerId: string, payload: Bytes): void;
  /** A few transactions at a time, each batch of a peer in order. */
  onTxs(peerId: string, txs: readonly Bytes[]): Verdict | Promise<Verdict>;
  /** Work on a whole batch that needs no turn of the main thread, before onTxs. */
  prepareTxs?(txs: readonly Bytes[]): Promise<void>;
  /** Is it worth telling others who hear of it late? Yes by default. */
  isWanted?(tx: Bytes): boolean;
  onStatus(peerId: string, status: Status): void;
  onPeer?(peerId: string, connected: boolean): void;
}

export interface NetworkDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

const STATUS_EVERY_MS = 1_000;
const STRIKE_BAD_STREAM = 25;
const STRIKE_BAD_TX = 20;

interface Parts {
  readonly host: Host;
  readonly table: PeerTable;
  readonly rules: PeerRules;
  readonly traffic: Traffic;
  readonly reach: GossipReach;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #deps: NetworkDeps;
  readonly #handlers: NetworkHandlers;
  readonly #host: Host;
  readonly #table: PeerTable;
  readonly #rules: PeerRules;
  readonly #traffic: Traffic;
  readonly #reach: GossipReach;
  readonly #inbox: TxInbox;
  readonly #inbound: Inbound;
  readonly #streams: DirectStreams;
  readonly #dialer: Dialer;
  readonly #gossip: TxGossip;
  readonly #requests: Requests;
  readonly #discovery: Discovery;
  readonly #outbound: Outbound;
  #statusTimer: NodeJS.Timeout | undefined;

  private constructor(
    options: NetworkOptions,
    deps: NetworkDeps,
    handlers: NetworkHandlers,
    { host, table, rules, traffic, reach }: Parts,
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#handlers = handlers;
    this.#host = host;
    this.#table = table;
    this.#rules = rules;
    this.#traffic = traffic;
    this.#reach = reach;
    const mesh = (): ReadonlySet<string> => reach.mesh();
    this.#outbound = new Outbound({ table, rules, traffic, mesh }, options.blocks);
    this.#inbox = this.#makeInbox();
    this.#inbound = this.#makeInbound();
    this.#streams = this.#makeStreams();
    this.#gossip = this.#makeGossip();
    this.#dialer = new Dialer(host, options.persistentPeers, deps.logger);
    const strike = this.strike.bind(this);
    this.#requests = new Requests({ host, peer: this.#peer, nowMs: this.#nowMs, strike });
    this.#discovery = new Discovery({
      ...deps,
      host,
      table,
      rules,
      strike,
      book: new AddressBook(),
      requests: this.#requests,
      protocol: this.protocol('peers'),
      bootstrap: options.bootstrapPeers,
      bookFile: options.addressBookFile,
    });
  }

  readonly #peer = (peerId: string): Peer | undefined => this.#table.get(peerId);
  readonly #nowMs = (): number => this.#deps.clock.monotonic();

  #makeInbox(): TxInbox {
    const { prepareTxs, onTxs } = this.#handlers;
    return new TxInbox({
      ...(prepareTxs && { prepare: prepareTxs }),
      judge: onTxs,
      onDropped: (txs) => this.#traffic.dropped('transactions', txs),
      onFailed: (error) => {
        this.#deps.logger.error('transactions were not handled', { error: String(error) });
      },
    });
  }

  #makeInbound(): Inbound {
    return new Inbound({
      ...this.#deps,
      chainId: this.#options.chainId,
      genesisHash: this.#options.genesisHash,
      traffic: this.#traffic,
      strike: this.strike.bind(this),
      onHello: (peer, isNew) => this.#onHello(peer, isNew),
      onStatus: (peer, status) => {
        peer.status = status;
        peer.neighbours = new Set(status.neighbours);
        this.#handlers.onStatus(peer.origin.peerId, status);
      },
      onConsensus: (peerId, payload) => this.#handlers.onConsensus(peerId, payload),
      onTx: (peerId, tx) => void this.#judge(peerId, [tx]),
    });
  }

  #makeStreams(): DirectStreams {
    return new DirectStreams({
      host: this.#host,
      protocol: this.protocol('direct'),
      peer: this.#peer,
      firstMessage: () => {
        const hello = greeting(this.#options, this.addresses());
        return encodeDirectMessage({ type: 'hello', hello });
      },
      onMessage: (from, message, turn) => this.#inbound.receive(from, message, turn),
      onBadStream: (from, error) =>
        this.strike(from.origin.peerId, STRIKE_BAD_STREAM, String(error)),
    });
  }

  #makeGossip(): TxGossip {
    return new TxGossip({
      host: this.#host,
      topic: txTopic(this.#options.chainId),
      logger: this.#deps.logger,
      judge: (peerId, txs) => this.#judge(peerId, txs),
      isHeard: () => this.#reach.isHeard(),
      isWanted: (tx) => this.#handlers.isWanted?.(tx) ?? true,
      hasReachedAll: (peerId) => this.#outbound.hasReachedAll(peerId),
      mayPass: (peerId) => {
        if (this.#peer(peerId)?.rates.gossipMessages.take(this.#nowMs()) === true) return true;
        this.#traffic.dropped('gossip');
        return false;
      },
      onDropped: (txs) => this.#traffic.dropped('publish', txs),
      onMalformed: (peerId) => this.strike(peerId, STRIKE_BAD_STREAM, 'malformed gossip'),
    });
  }

  async #judge(peerId: string, txs: readonly Bytes[]): Promise<Verdict> {
    const verdict = await this.#inbox.push(peerId, txs);
    if (verdict === 'reject') this.strike(peerId, STRIKE_BAD_TX, 'bad transaction');
    return verdict;
  }

  /** Listens and starts to dial. Rejects with ExitError 74 when the port is taken. */
  static async start(
    options: NetworkOptions,
    handlers: NetworkHandlers,
    deps: NetworkDeps,
  ): Promise<Network> {
    const rules = new PeerRules(options);
    const traffic = new Traffic(deps.metrics);
    const nowMs = (): number => deps.clock.monotonic();
    const gate = new ConnectionGate(nowMs, rules.knownIps);
    const table = new PeerTable({
      ...deps,
      rules,
      hangUp: (peerId) => void host.hangUp(peerIdFromString(peerId)).catch(() => undefined),
      onBanned: (ip) => {
        traffic.banned();
        gate.blame(ip);
      },
    });
    const guard = new GossipGuard({
      nowMs,
      peer: (peerId) => table.get(peerId),
      strike: (...blame) => table.strike(...blame),
      onReceived: (bytes) => traffic.received('gossip', bytes),
    });
    const topic = txTopic(options.chainId);
    const host = await createHost({
      guard,
      privateKey: options.identity.privateKey,
      listen: options.listen,
      externalAddress: options.externalAddress,
      topics: [topic],
      gate,
      nowMs,
      refuses: (peerId) => table.isBanned(peerId) || !rules.isWelcome(peerId),
      onRefused: (reason) => traffic.refused(reason),
      pointsOf: (peerId) => table.pointsOf(peerId),
      sharedIps: rules.knownIps,
    });
    const reach = new GossipReach({ host, guard, topic, peers: () => table.all() });
    const network = new Network(options, deps, handlers, { host, table, rules, traffic, reach });
    await network.#run(guard);
    return network;
  }

  async #run(guard: GossipGuard): Promise<void> {
    const host = this.#host;
    host.addEventListener('peer:connect', ({ detail }) => {
      const peer = this.#table.add(detail.toString(), host.getConnections(detail)[0]);
      if (peer === undefined) {
        this.#traffic.refused('no place');
        void host.hangUp(detail).catch(() => undefined);
      } else void this.#streams.open(detail);
      this.#measure();
    });
    host.addEventListener('peer:disconnect', ({ detail }) => {
      const peerId = detail.toString();
      this.#table.remove(peerId);
      this.#discovery.onGone(peerId);
      this.#outbound.statusSoon();
      this.#measure();
      this.#handlers.onPeer?.(peerId, false);
    });
    host.addEventListener('connection:open', ({ detail }) => guard.countStreams(detail));
    await this.#streams.start();
    await startHost(host, this.#options.listen);
    this.#deps.logger.info('the network listens', { peer: this.peerId, at: this.addresses() });
    this.#gossip.start();
    this.#dialer.start();
    await this.#discovery.start();
    this.#statusTimer = setInterval(() => {
      this.#reach.mend();
      this.#gossip.retry();
      this.#outbound.sendStatus();
      this.#measure();
    }, STATUS_EVERY_MS);
  }

  #measure(): void {
    const peers = this.#table.all();
    for (const peer of peers) {
      const { sentBytes, droppedRpcs } = peer.takeGossipCounts();
      this.#traffic.sent('gossip', sentBytes);
      this.#traffic.dropped('gossip_send', droppedRpcs);
    }
    this.#traffic.peers(
      new Map(peers.map(({ origin, queuedMessages }) => [origin.peerId, queuedMessages])),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#statusTimer);
    this.#dialer.stop();
    this.#gossip.stop();
    this.#inbox.stop();
    this.#outbound.stop();
    this.#streams.stop();
    await this.#discovery.stop();
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

  /** For diagnosis: what gossipsub thinks of whom. */
  get gossip(): GossipSub {
    return this.#host.services.gossip;
  }

  strike(peerId: string, points: number, reason: string): void {
    this.#table.strike(peerId, points, reason);
  }

  validatorOf(peerId: string): Bytes | undefined {
    return this.#table.get(peerId)?.validator;
  }

  /** Is it a persistent or unconditional peer? */
  isConfigured(peerId: string): boolean {
    return this.#rules.isKnown(peerId);
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
    this.#outbound.announce(height, base);
  }

  broadcast(payload: Bytes, priority: Priority): void {
    this.#outbound.toAll({ type: 'consensus', payload }, priority);
  }

  sendToValidators(addresses: readonly Bytes[], payload: Bytes, priority: Priority): void {
    this.#outbound.toValidators(addresses, { type: 'consensus', payload }, priority);
  }

  sendTo(peerId: string, payload: Bytes, priority: Priority): void {
    this.#outbound.toPeer(peerId, { type: 'consensus', payload }, priority);
  }

  relay(from: string, payload: Bytes, priority: Priority): void {
    this.#outbound.onwards(from, { type: 'consensus', payload }, priority);
  }

  /** Spreads a transaction that has just entered this node's mempool from outside the network. */
  publishTx(tx: Bytes): void {
    if (this.#gossip.publish(tx)) return;
    this.#outbound.toAll({ type: 'tx', tx }, PRIORITY_OTHER);
  }

  async ask(peerId: string, name: string, question: Bytes, bounds: AskBounds): Promise<Bytes[]> {
    const protocol = this.protocol(name);
    return this.#requests.ask(peerIdFromString(peerId), protocol, question, bounds);
  }

  async answer(name: string, handler: RequestHandler): Promise<void> {
    await this.#requests.handle(this.protocol(name), handler);
  }

  #onHello(peer: Peer, isNew: boolean): void {
    this.#discovery.onHello(peer);
    // It may have been started anew, with less than it had, before its old connection was seen to end.
    if (isNew) this.#handlers.onPeer?.(peer.origin.peerId, false);
    this.#handlers.onPeer?.(peer.origin.peerId, true);
    // Only to the one who greets: greetings must not make more traffic than they are.
    this.#outbound.sendStatus([peer]);
  }
}

function txTopic(chainId: string): string {
  return `/bitscale/${chainId}/txs/1`;
}
