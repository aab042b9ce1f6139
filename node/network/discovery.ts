/**
 * Finds peers: asks connected ones for addresses, keeps what they say in the address book, and dials until
 * there are as many connections as wanted. Addresses of private peers are neither kept nor told.
 */
import { peerIdFromString } from '@libp2p/peer-id';
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { EXCHANGE_EVERY_MS, MAX_EXCHANGED_ADDRESSES } from '../base/limits.ts';
import type { Clock, Logger } from '../base/service.ts';
import type { AddressBook } from './address-book.ts';
import type { Host } from './host.ts';
import { decodeAddresses, encodeAddresses, ErrMessage } from './messages.ts';
import { ownAddress, parsePeerAddress, toldAddress, type PeerAddress } from './peer-address.ts';
import type { PeerRules } from './peer-rules.ts';
import type { PeerTable } from './peer-table.ts';
import type { Peer } from './peer.ts';
import type { Requests } from './requests.ts';

export interface DiscoveryDeps {
  readonly host: Host;
  readonly table: PeerTable;
  readonly rules: PeerRules;
  readonly book: AddressBook;
  readonly requests: Requests;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly strike: (peerId: string, points: number, reason: string) => void;
  readonly protocol: string;
  readonly bootstrap: readonly string[];
  /** Where the book is kept; undefined: nowhere. */
  readonly bookFile?: string | undefined;
}

const EVERY_MS = 1_000;
const SAVE_EVERY_MS = 30_000;
/** With enough connections the book still learns, slowly. */
const ASK_RARELY_MS = 60_000;
/** Longer than what the other side allows, whatever the way there takes. */
const ASK_AGAIN_MS = 2 * EXCHANGE_EVERY_MS;
const DIAL_TIMEOUT_MS = 8_000;
const ANSWER_TIMEOUT_MS = 5_000;
const STRIKE_ASKS_TOO_OFTEN = 10;
const STRIKE_BAD_ADDRESSES = 20;
/** The question has no content, but a frame may not be empty. */
const QUESTION: Bytes = Uint8Array.of(1);

export class Discovery {
  readonly #deps: DiscoveryDeps;
  readonly #bootstrap: readonly PeerAddress[];
  readonly #dialing = new Set<string>();
  /** When each connected peer was last asked, and last asked us. */
  readonly #asked = new Map<string, number>();
  readonly #answered = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #lastAskMs = Number.NEGATIVE_INFINITY;
  #lastSaveMs = 0;

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
    const self = deps.host.peerId.toString();
    this.#bootstrap = deps.bootstrap.map(parsePeerAddress).filter(({ peerId }) => peerId !== self);
  }

  async start(): Promise<void> {
    const { rules, requests, protocol, book, bookFile, clock } = this.#deps;
    if (rules.isPrivateNode) return;
    if (bookFile !== undefined) await book.load(bookFile);
    for (const peer of this.#bootstrap) book.add(peer, peer.peerId);
    if (rules.exchanges) {
      await requests.handle(protocol, async (peerId) => [this.#answer(peerId)]);
    }
    this.#lastSaveMs = clock.monotonic();
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#timer !== undefined) await this.#save();
  }

  /** A peer has greeted. */
  onHello(peer: Peer): void {
    const { rules, book } = this.#deps;
    const { peerId, remoteIp, outbound } = peer.origin;
    if (!rules.isPublic(peerId)) return;
    const address = ownAddress(peer.hello?.listenAddress ?? '', peerId, remoteIp);
    if (address !== undefined) book.add(address, peerId);
    // Only a connection this node made shows that others can make one.
    if (outbound) book.connected(peerId);
    this.#tick();
  }

  onGone(peerId: string): void {
    this.#asked.delete(peerId);
    this.#answered.delete(peerId);
  }

  #tick(): void {
    const { table, rules, book, clock } = this.#deps;
    if (this.#timer === undefined) return;
    const nowMs = clock.monotonic();
    const missing = rules.outbound - table.outboundStrangers() - this.#dialing.size;
    if (missing > 0) {
      const isWanted = (peerId: string): boolean => this.#isWanted(peerId);
      for (const address of book.candidates(missing, nowMs, isWanted)) void this.#dial(address);
    }
    if (table.all().length === 0) this.#dialBootstrap();
    const pauseMs = missing > 0 ? EVERY_MS : ASK_RARELY_MS;
    if (rules.exchanges && nowMs - this.#lastAskMs >= pauseMs) void this.#askSomebody(nowMs);
    if (nowMs - this.#lastSaveMs >= SAVE_EVERY_MS && book.isChanged) void this.#save();
  }

  /** Configured peers are the dialer's; whoever is refused or connected needs no attempt. */
  #isWanted(peerId: string): boolean {
    const { host, table, rules } = this.#deps;
    if (peerId === host.peerId.toString() || this.#dialing.has(peerId)) return false;
    if (rules.isKnown(peerId) || !rules.isPublic(peerId)) return false;
    return table.get(peerId) === undefined && !table.isBanned(peerId);
  }

  /** Nobody is there: whoever can be reached by the settings is good, whatever the book says of it. */
  #dialBootstrap(): void {
    const idle = this.#bootstrap.filter(({ peerId }) => this.#isWanted(peerId));
    const chosen = idle[Math.floor(Math.random() * idle.length)];
    if (chosen !== undefined && this.#dialing.size === 0)
      void this.#dial(chosen.address.toString());
  }

  async #dial(text: string): Promise<void> {
    const { host, book, clock, logger } = this.#deps;
    const { address, peerId } = parsePeerAddress(text);
    this.#dialing.add(peerId);
    try {
      await host.dial(address, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) });
    } catch (error) {
      book.failed(peerId, clock.monotonic());
      logger.debug('cannot reach peer', { peer: peerId, error: String(error) });
    } finally {
      this.#dialing.delete(peerId);
    }
  }

  async #askSomebody(nowMs: number): Promise<void> {
    const { table, requests, protocol, strike } = this.#deps;
    const mayAsk = table.all().filter(({ hello, origin: { peerId } }) => {
      const before = this.#asked.get(peerId) ?? Number.NEGATIVE_INFINITY;
      return hello !== undefined && nowMs - before >= ASK_AGAIN_MS;
    });
    const peer = mayAsk[Math.floor(Math.random() * mayAsk.length)];
    if (peer === undefined) return;
    const { peerId } = peer.origin;
    this.#lastAskMs = nowMs;
    this.#asked.set(peerId, nowMs);
    try {
      const bounds = { maxParts: 1, timeoutMs: ANSWER_TIMEOUT_MS };
      const id = peerIdFromString(peerId);
      const [answer] = await requests.ask(id, protocol, QUESTION, bounds);
      if (answer !== undefined) this.#learn(peer, decodeAddresses(answer));
    } catch (error) {
      // One that does not take part in the exchange is no liar; one that answers nonsense is.
      if (error instanceof BitscaleError && error.code === ErrMessage.code) {
        strike(peerId, STRIKE_BAD_ADDRESSES, error.message);
      }
    }
    this.#tick();
  }

  #learn({ origin: { peerId, remoteIp } }: Peer, addresses: readonly string[]): void {
    const { book, rules, host } = this.#deps;
    for (const text of addresses) {
      const address = toldAddress(text, remoteIp);
      if (address === undefined || address.peerId === host.peerId.toString()) continue;
      if (rules.isPublic(address.peerId)) book.add(address, peerId);
    }
  }

  /** Connected peers that say where they are, and others this node has been connected to. */
  #answer(asker: string): Bytes {
    const { table, rules, book, clock, strike } = this.#deps;
    const nowMs = clock.monotonic();
    const before = this.#answered.get(asker) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - before < EXCHANGE_EVERY_MS) {
      strike(asker, STRIKE_ASKS_TOO_OFTEN, 'asks for addresses too often');
      throw new BitscaleError(ErrMessage, 'asked too often');
    }
    this.#answered.set(asker, nowMs);
    const isPublic = (peerId: string): boolean => peerId !== asker && rules.isPublic(peerId);
    const connected = table.all().flatMap(({ hello, origin: { peerId, remoteIp } }) => {
      if (!isPublic(peerId)) return [];
      return ownAddress(hello?.listenAddress ?? '', peerId, remoteIp)?.address.toString() ?? [];
    });
    const known = book.sample(MAX_EXCHANGED_ADDRESSES, isPublic);
    const all = [...new Set([...connected, ...known])];
    return encodeAddresses(all.slice(0, MAX_EXCHANGED_ADDRESSES));
  }

  async #save(): Promise<void> {
    const { book, bookFile, clock, logger } = this.#deps;
    this.#lastSaveMs = clock.monotonic();
    if (bookFile === undefined || !book.isChanged) return;
    await book.save(bookFile).catch((error: unknown) => {
      logger.warn('the address book was not written', { error: String(error) });
    });
  }
}
