/** A validator that signs twice, in real networks in this process: found, spread, committed once by all. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { toHex, utf8 } from '../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../node/base/ed25519.ts';
import { sha256 } from '../../node/base/hash.ts';
import { timeFromMillis } from '../../node/base/time.ts';
import { voteSignBytes } from '../../node/consensus/sign-bytes.ts';
import { PRECOMMIT, PREVOTE, type Vote, type VoteType } from '../../node/consensus/types.ts';
import { encodePayload } from '../../node/engine/wire.ts';
import { makeToyNetwork, type ToyNetwork, type ToyNetworkOptions } from './toy/toy-network.ts';
import { toyNode, until, type ToyNode } from './toy/toy-node.ts';

/** Rounds of the height at hand that nobody reaches: only these votes are there. */
const FAR_ROUND = 7;
const VILLAIN = 3;
const SEED = sha256(utf8(`toy validator ${VILLAIN}`));

describe('a validator that signs twice', function () {
  this.timeout(90_000);
  let network: ToyNetwork | undefined;
  let nodes: ToyNode[] = [];
  const fatal: unknown[] = [];

  async function make(options: ToyNetworkOptions, maxBytes?: string): Promise<void> {
    network = await makeToyNetwork(options);
    const onFatal = (error: unknown): void => void fatal.push(error);
    for (const { genesisFile } of network.homes) {
      if (maxBytes === undefined) break;
      const genesis = JSON.parse(await readFile(genesisFile, 'utf8'));
      genesis.consensus_params.evidence.max_bytes = maxBytes;
      await writeFile(genesisFile, JSON.stringify(genesis));
    }
    nodes = await Promise.all(network.homes.map((home) => toyNode(home, { onFatal })));
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await network?.remove();
    network = undefined;
    assert.deepEqual(fatal.splice(0), []);
  });

  /** Votes of the height at hand count only there: one has just begun for all, and its block takes a while. */
  async function heightBegins(among: readonly ToyNode[]): Promise<void> {
    const before = Math.max(...among.map(({ engine }) => engine.height()));
    const isHere = ({ engine }: ToyNode): boolean => {
      const { phase, context } = engine.driver.state;
      return phase === 'running' && context!.height === engine.height() + 1;
    };
    const isSame = (): boolean => new Set(among.map(({ engine }) => engine.height())).size === 1;
    await until(
      () => among[0]!.engine.height() > before && isSame() && among.every(isHere),
      'a height begins',
    );
  }

  /** Signed with the key of one validator, past its signer. */
  function votes(node: ToyNode, type: VoteType): [Vote, Vote] {
    const { context } = node.engine.driver.state;
    const { height, validators } = context!;
    const index = validators.validators.findIndex(
      ({ pubKey }) => toHex(pubKey) === toHex(ed25519PublicKey(SEED)),
    );
    const { address } = validators.validators[index]!;
    const time = timeFromMillis(Date.now());
    const vote = (name: string): Vote => {
      const hash = sha256(utf8(name));
      const blockId = { hash, parts: { total: 1, hash } };
      const place = { type, height, round: FAR_ROUND, blockId, time };
      const signature = signEd25519(SEED, voteSignBytes('toy-1', place));
      return { ...place, address, index, signature };
    };
    return [vote('A'), vote('B')];
  }

  const tell = (node: ToyNode, vote: Vote): void => {
    const message = { type: 'vote', vote } as const;
    node.network!.broadcast(encodePayload({ type: 'message', message }), 0);
  };

  const carried = (node: ToyNode): number[] => {
    const { store } = node.engine;
    return Array.from({ length: store.height() }, (_, at) => at + 1).flatMap((height) =>
      store.block(height)!.block.evidence.map(() => height),
    );
  };

  for (const mode of ['star', 'clique'] as const) {
    for (const type of [PREVOTE, PRECOMMIT] as const) {
      it(`${type === PREVOTE ? 'prevotes' : 'precommits'}, ${mode}: one block carries it, on every node`, async () => {
        await make({ nodes: 4, consensus: { mode, blockTimeMs: 500 } });
        await Promise.all(nodes.map((node) => node.start()));
        await until(() => nodes.every(({ engine }) => engine.height() >= 2), 'all are at 2');
        const villain = nodes[VILLAIN]!;
        await heightBegins(nodes);
        for (const vote of votes(villain, type)) tell(villain, vote);
        const isIn = (): boolean => nodes.every((node) => carried(node).length > 0);
        await until(isIn, 'all have the block with the evidence', 30_000);
        const [height] = carried(nodes[0]!);
        await until(
          () => nodes.every(({ engine }) => engine.height() >= height! + 4),
          'they go on',
        );
        for (const node of nodes) {
          assert.deepEqual(carried(node), [height]);
          assert.equal(node.engine.evidence.pendingCount(), 0);
          assert.ok(node.network!.peers().length >= 3, 'nobody was struck for it');
        }
      });
    }
  }

  it('who connects later is told of evidence that still waits', async () => {
    await make({ nodes: 5, validators: 4, consensus: { blockTimeMs: 300 } }, '0');
    const late = nodes[4]!;
    const early = nodes.slice(0, 4);
    await Promise.all(early.map((node) => node.start()));
    await until(() => early.every(({ engine }) => engine.height() >= 2), 'they are at 2');
    const villain = nodes[VILLAIN]!;
    await heightBegins(early);
    for (const vote of votes(villain, PREVOTE)) tell(villain, vote);
    const waits = (node: ToyNode): boolean => node.engine.evidence.pendingCount() === 1;
    await until(() => early.slice(0, 3).every(waits), 'it waits on all', 30_000);
    await late.start();
    await until(() => waits(late), 'the late one has it', 30_000);
    assert.deepEqual(early.flatMap(carried), [], 'no block has room for it');
  });
});
