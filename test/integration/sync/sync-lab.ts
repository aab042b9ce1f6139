/** A running chain, nodes that join it, and peers on real sockets that answer as a test makes them. */
import { readFile, writeFile } from 'node:fs/promises';
import { multiaddr } from '@multiformats/multiaddr';
import { toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import type { Logger } from '../../../node/base/service.ts';
import { parseConfig } from '../../../node/config.ts';
import { headerHash } from '../../../node/consensus/hashing.ts';
import { blockSupply } from '../../../node/links.ts';
import type { Home } from '../../../node/home.ts';
import { frame } from '../../../node/network/frames.ts';
import { encodeDirectMessage } from '../../../node/network/messages.ts';
import type { Network } from '../../../node/network/network.ts';
import { stateSupply } from '../../../node/state-links.ts';
import { answerSync } from '../../../node/sync/serve.ts';
import { answerState } from '../../../node/sync/state-serve.ts';
import { NetworkLab, testHello } from '../p2p/network-lab.ts';
import { freePorts, makeToyNetwork, type ToyNetwork } from '../toy/toy-network.ts';
import { toyNode, until, type ToyNode } from '../toy/toy-node.ts';

export type Answer = (question: Bytes) => Promise<readonly Bytes[]> | readonly Bytes[];

export interface PeerPlay {
  /** What it claims when it connects. */
  readonly height: number;
  readonly sync?: Answer;
  readonly state?: Answer;
}

export interface Joiner {
  readonly node: ToyNode;
  /** Peer ids that were banned, in order. */
  readonly banned: readonly string[];
  readonly fatal: readonly unknown[];
  /** Lines at info and above. */
  readonly lines: readonly string[];
}

/** A logger that keeps what an operator would see. */
function recorder(lines: string[], banned: string[]): Logger {
  const keep = (message: string, fields: Record<string, unknown> = {}): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
    if (message === 'peer banned') banned.push(String(fields['peer']));
  };
  const logger: Logger = {
    debug: () => undefined,
    info: keep,
    warn: keep,
    error: keep,
    child: () => logger,
  };
  return logger;
}

export class SyncLab {
  readonly #toy: ToyNetwork;
  readonly #lab = new NetworkLab('sync lab');
  readonly #joiners: ToyNode[] = [];
  readonly validator: ToyNode;
  #next = 1;

  private constructor(toy: ToyNetwork, validator: ToyNode) {
    this.#toy = toy;
    this.validator = validator;
  }

  /** One validator that decides by itself and rests at `height` or a little above, and room for `joiners`. */
  static async start(joiners: number, height: number): Promise<SyncLab> {
    const toy = await makeToyNetwork({
      nodes: joiners + 1,
      validators: 1,
      consensus: { blockTimeMs: 40 },
      snapshotInterval: 10,
      p2p: () => ({ persistentPeers: [] }),
    });
    const validator = await toyNode(toy.homes[0]!);
    await validator.start();
    for (let index = 0; index < 30; index += 1) validator.pool.add(utf8(`key${index}=${index}`));
    await until(() => validator.engine.height() >= height, `the chain is at ${height}`, 60_000);
    const lab = new SyncLab(toy, validator);
    await lab.rest();
    return lab;
  }

  /** The chain stands still. */
  rest(): Promise<void> {
    return this.validator.engine.driver.pause(this.tip + 1);
  }

  goOn(): Promise<void> {
    return this.validator.engine.driver.resume();
  }

  get tip(): number {
    return this.validator.engine.height();
  }

  headerHash(height: number): Bytes {
    return headerHash(this.validator.engine.store.block(height)!.block.header);
  }

  /** A node that knows nobody. */
  async join(settings: Record<string, unknown> = {}): Promise<Joiner> {
    this.#next += 1;
    // One that is free now: since the homes were made, somebody else may have taken theirs.
    const [port] = await freePorts(1);
    const p2p = { host: '127.0.0.1', port, persistentPeers: [], peerExchange: false };
    return this.#startAt(this.#toy.homes[this.#next - 1]!, { p2p, ...settings });
  }

  /** The same node once more. */
  async restart({ node }: Joiner, settings: Record<string, unknown> = {}): Promise<Joiner> {
    this.#joiners.splice(this.#joiners.indexOf(node), 1);
    await node.stop();
    return this.#startAt(node.home, settings);
  }

  async #startAt(home: Home, settings: Record<string, unknown>): Promise<Joiner> {
    const config = JSON.parse(await readFile(home.configFile, 'utf8')) as Record<string, unknown>;
    const changed = JSON.stringify({ ...config, ...settings });
    parseConfig(changed);
    await writeFile(home.configFile, changed);
    const [lines, banned, fatal] = [[] as string[], [] as string[], [] as unknown[]];
    const logger = recorder(lines, banned);
    const node = await toyNode(home, { logger, onFatal: (error) => fatal.push(error) });
    this.#joiners.push(node);
    await node.start();
    return { node, banned, fatal, lines };
  }

  /** A peer of `joiner` that plays as told. */
  async meet(joiner: Joiner, play: PeerPlay): Promise<Network> {
    const { network } = await this.#lab.start(joiner.node.network!.addresses(), {
      chainId: joiner.node.genesis.chainId,
      genesisHash: joiner.node.genesis.hash,
      blocks: { height: play.height, base: 1 },
    });
    const { sync, state } = play;
    if (sync) await network.answer('sync', async (_peer, question) => sync(question));
    if (state) await network.answer('state', async (_peer, question) => state(question));
    return network;
  }

  /** A peer of `joiner` that claims `height` and writes one byte after the other for an answer. */
  async meetTrickler(joiner: Joiner, height: number): Promise<{ readonly asked: () => number }> {
    const { network, genesis } = joiner.node;
    const host = await this.#lab.host();
    let asked = 0;
    await host.handle(network!.protocol('sync'), (stream) => {
      asked += 1;
      stream.send(Uint8Array.of(0, 0, 255, 255));
      const drip = setInterval(() => {
        if (stream.status === 'open') stream.send(Uint8Array.of(1));
        else clearInterval(drip);
      }, 200);
    });
    const address = multiaddr(network!.addresses()[0]!);
    const direct = await host.dialProtocol(address, network!.protocol('direct'));
    const hello = testHello(genesis.hash);
    const status = { height, base: 1, neighbours: [] };
    direct.send(frame(encodeDirectMessage({ type: 'hello', hello })));
    direct.send(frame(encodeDirectMessage({ type: 'status', status })));
    return { asked: () => asked };
  }

  /** What an honest node answers, from the validator's blocks. */
  honestSync = (question: Bytes): readonly Bytes[] => {
    const { engine } = this.validator;
    const supply = blockSupply({
      store: engine.store,
      blockBytes: (height, hash) => engine.blockBytes(height, hash),
    });
    return answerSync(supply, question);
  };

  honestState = (question: Bytes): Promise<readonly Bytes[]> => {
    return answerState(stateSupply(this.validator), question);
  };

  /** Every block that a joiner has is the validator's, byte for byte. */
  differences({ node }: Joiner): number[] {
    const [own, honest] = [node.engine.store, this.validator.engine.store];
    const wrong: number[] = [];
    for (let height = own.base(); height <= own.height(); height += 1) {
      const [mine, theirs] = [own.blockBytes(height), honest.blockBytes(height)];
      const same = mine && theirs && toHex(sha256(mine)) === toHex(sha256(theirs));
      if (same !== true) wrong.push(height);
    }
    return wrong;
  }

  /** Ends all but the chain. */
  async clear(): Promise<void> {
    for (const node of this.#joiners.splice(0)) await node.stop();
    await this.#lab.stop();
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.validator.stop();
    await this.#toy.remove();
  }
}
