/** One simulated node: the real engine and block sync, on a simulated host, in a simulated network. */
import { toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import type { Mode } from '../../../node/consensus/inputs.ts';
import { Engine } from '../../../node/engine/engine.ts';
import type { ConsensusNetwork, TxSource } from '../../../node/engine/expected.ts';
import { encodeValidatorKey, openSigner } from '../../../node/engine/signer-files.ts';
import type { SignRequest, Signer } from '../../../node/engine/signer.ts';
import { encodePayload } from '../../../node/engine/wire.ts';
import { blockSupply, syncChain } from '../../../node/links.ts';
import { answerSync } from '../../../node/sync/serve.ts';
import { Syncer } from '../../../node/sync/syncer.ts';
import type { Kind } from '../faults/scenario.ts';
import { SimulatedDb } from '../kernel/database.ts';
import { Host } from '../kernel/host.ts';
import { SimulatedApp, type AppFault } from './app.ts';
import type { Endpoint } from './endpoint.ts';
import type { Packet } from './packet.ts';
import { NodePeers } from './peers.ts';
import type { Surroundings } from './surroundings.ts';
import { CHAIN_ID } from './world.ts';

const KEY_FILE = '/home/config/priv_validator_key.json';
const SIGNER_FILE = '/home/data/priv_validator_state.json';
export const WAL_FOLDER = '/home/data/wal';
const SYNC = { firstStatusMs: 100, patienceMs: 600 };

export interface NodeOptions {
  readonly name: string;
  /** Which key it has. */
  readonly index: number;
  readonly kind: Kind | 'honest';
}

export class SimNode implements Endpoint {
  readonly name: string;
  readonly address: Bytes;
  readonly index: number;
  readonly kind: Kind | 'honest';
  readonly host: Host;
  engine: Engine | undefined;
  mode: Mode;
  appFault: AppFault | undefined;
  /** What it sends goes through here first; a villain has its own. */
  speak: (to: readonly Bytes[] | 'all', payload: Bytes) => void;
  /** How it ended; the operator looks after it. */
  onEnd: (error: unknown) => void = () => undefined;
  txs: () => readonly Bytes[] = () => [];
  readonly #around: Surroundings;
  readonly #peers: NodePeers;
  readonly #blockDb: SimulatedDb;
  readonly #appDb: SimulatedDb;
  #syncer: Syncer | undefined;

  constructor(around: Surroundings, { name, index, kind }: NodeOptions) {
    this.#around = around;
    this.name = name;
    this.index = index;
    this.kind = kind;
    const { seed, address } = around.world.identities[index]!;
    this.address = address;
    this.mode = around.world.scenario.mode;
    this.host = new Host(name, around.queue, around.random);
    this.#blockDb = new SimulatedDb(this.host, 'blocks');
    this.#appDb = new SimulatedDb(this.host, 'state');
    this.#peers = new NodePeers(around, this);
    this.speak = (to, payload) => around.network.send(this, to, payload);
    this.host.disk.install(KEY_FILE, utf8(encodeValidatorKey(seed)));
  }

  get isHonest(): boolean {
    return this.kind === 'honest';
  }

  get isOutlaw(): boolean {
    return this.kind === 'villain';
  }

  /** Height of its newest block; 0 when it is off. */
  get height(): number {
    return this.engine?.height() ?? 0;
  }

  boot(): void {
    this.host.switchOn();
    this.engine = undefined;
    this.#syncer = undefined;
    this.host.enter(() => void this.#open().catch((error: unknown) => this.#end(error)));
  }

  /** The program ends; the machine below it stays, and so does what it wrote. */
  quit(): void {
    this.host.end();
    this.engine = undefined;
    this.#syncer = undefined;
  }

  /** Ends as an operator would have it. */
  stop(then: () => void): void {
    const { engine, host } = this;
    const { life } = host;
    host.enter(() => {
      void engine?.stop().then(() => {
        if (host.life === life) this.quit();
        then();
      });
    });
  }

  /** The databases are gone; the log and the state of the signer are kept. */
  wipe(): void {
    this.#blockDb.wipe();
    this.#appDb.wipe();
  }

  hear(from: Endpoint, packet: Packet): void {
    this.host.enter(() => this.engine?.driver.receive(from.name, packet.bytes));
  }

  onStatus(from: Endpoint, height: number, base: number): void {
    // A hostile network keeps from it that others are further: block sync would end every plot.
    const told = this.#around.network.isHostile ? Math.min(height, this.height) : height;
    this.host.enter(() => this.#syncer?.onStatus(from.name, { height: told, base }));
  }

  answer(question: Bytes, reply: (parts: readonly Bytes[]) => void): void {
    this.host.enter(() => {
      const { engine } = this;
      if (!engine) return;
      const blockBytes = (height: number, hash: Bytes) => engine.blockBytes(height, hash);
      reply(answerSync(blockSupply({ store: engine.store, blockBytes }), question));
    });
  }

  announce(to?: Endpoint): void {
    const { store } = this.engine ?? {};
    if (store) this.#around.network.status(this, store.height(), store.base(), to);
  }

  #end(error: unknown): void {
    this.quit();
    this.onEnd(error);
  }

  async #open(): Promise<void> {
    const { world, watch, network } = this.#around;
    const { timeouts, blockTimeMs } = world.scenario;
    const { host } = this;
    const clock = { now: () => host.now(), monotonic: () => host.queue.now };
    const onFatal = (error: unknown): void => this.#end(error);
    const services = { clock, logger: silentLogger, metrics: noMetrics, onFatal };
    const engine = await Engine.open(
      {
        consensus: { chainId: CHAIN_ID, mode: this.mode, timeouts, blockTimeMs },
        genesis: world.genesis,
        walDirectory: WAL_FOLDER,
      },
      { db: this.#blockDb, app: this.#openApp(), txs: this.#txSource(), ...services },
    );
    const files = { keyFile: KEY_FILE, stateFile: SIGNER_FILE };
    const signer = this.#watched(await openSigner(files, await engine.isPastGenesis()));
    const syncer = new Syncer(SYNC, {
      chain: syncChain(engine, this.address),
      network: this.#peers,
      ...services,
    });
    engine.connect({
      signer,
      network: this.#consensusNetwork(),
      blocks: { fetchBlock: (wanted) => syncer.fetcher.byHash(wanted) },
      onBehind: () => syncer.onBehind(),
    });
    engine.onCommit((committed) => watch.onCommit(this, committed));
    engine.evidence.onAdded((evidence) =>
      this.speak('all', encodePayload({ type: 'evidence', evidence })),
    );
    this.engine = engine;
    this.#syncer = syncer;
    this.announce();
    for (const peer of network.endpoints) if (peer instanceof SimNode) peer.announce(this);
    await syncer.start(network.endpoints.length > 1);
  }

  #openApp(): SimulatedApp {
    const { world, log } = this.#around;
    const app = new SimulatedApp(this.#appDb, (height) => world.plan(height));
    app.fault = this.appFault;
    app.onFault = (kind) => {
      log.note(kind === 'panic' ? 'F13 application panics' : 'F13 application differs');
    };
    return app;
  }

  #txSource(): TxSource {
    return { reap: () => this.txs(), update: () => undefined };
  }

  /** Everything that leaves the signer is remembered for ever. */
  #watched(signer: Signer): Signer {
    const sign = async (request: SignRequest) => {
      const signed = await signer.sign(request);
      this.#around.watch.onSigned(this, request);
      return signed;
    };
    return { address: signer.address, pubKey: signer.pubKey, sign };
  }

  #consensusNetwork(): ConsensusNetwork {
    const { network, watch } = this.#around;
    const { life } = this.host;
    /** What a host does after its power is gone does not happen. */
    const isAlive = () => this.host.life === life;
    return {
      broadcast: (payload) => isAlive() && this.speak('all', payload),
      sendToValidators: (to, payload) => isAlive() && this.speak(to, payload),
      relay: (from, payload) => {
        const origin = network.named(from);
        if (!origin || !isAlive()) return;
        const others = network.endpoints.filter(
          (one) => one !== origin && !network.isConnected(origin, one),
        );
        network.sendTo(this, others, payload);
      },
      validatorOf: (peerId) => network.named(peerId)?.address,
      strike: (peerId, points, reason) => watch.onStrike(this, peerId, { points, reason }),
      announce: () => isAlive() && this.announce(),
    };
  }

  describe(): string {
    const state = this.engine?.driver.state;
    const where = state ? `${state.context?.height}/${state.round} ${state.phase}` : 'off';
    return `${this.name} (${toHex(this.address).slice(0, 6)}): ${this.height}, ${where}`;
  }
}
