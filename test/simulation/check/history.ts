/** At the end of a run: the chain once more, as somebody would who was not there and has other code. */
import { toHex, type Bytes } from '../../../node/base/bytes.ts';
import { encodeCommit } from '../../../node/consensus/encoding.ts';
import type { BlockStore } from '../../../node/engine/block-store.ts';
import { encodeResults } from '../../../node/engine/results-codec.ts';
import { ChainVerifier, type StoredBlock } from '../../verifier/chain.ts';
import { addressOf, inOrder, verifySignature } from '../../verifier/hashes.ts';
import type { Surroundings } from '../machine/surroundings.ts';
import { PARAMS, type World } from '../machine/world.ts';
import { Violation, hold } from './violation.ts';
import type { WatchedNode } from './watched-node.ts';

/** Signatures cost time: the verifier reads so many blocks of one node. */
const MOST_VERIFIED = 40;
const MOST_KNOWN = 50_000;

export function checkHistory(around: Surroundings, honest: readonly WatchedNode[]): void {
  const { watch, world, random } = around;
  watch.checkPunished();
  for (const node of honest) checkStored(node, watch.appHashes);
  if (honest.length > 0) verify(random.pick(honest), world);
}

/** What is stored is what was decided, and each header carries the hash of the application before it. */
function checkStored(node: WatchedNode, appHashes: ReadonlyMap<number, string>): void {
  const { store } = node.engine!;
  for (let height = Math.max(1, store.base()); height <= store.height(); height += 1) {
    const stored = store.block(height);
    const before = appHashes.get(height - 1);
    hold('I2', stored !== undefined, () => `${node.name} has lost block ${height}`);
    if (before === undefined) continue;
    const { appHash } = stored!.block.header;
    hold('I7', toHex(appHash) === before, () => `header ${height} of ${node.name}`);
  }
}

const known = new Map<string, boolean>();

/** The verifier's own check, once for each signature of a thread. */
function verifyOnce(pubKey: Bytes, message: Bytes, signature: Bytes): boolean {
  const name = Buffer.concat([pubKey, signature, message]).toString('latin1');
  let holds = known.get(name);
  if (holds === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, (holds = verifySignature(pubKey, message, signature)));
  }
  return holds;
}

/** The independent verifier reads what the node has stored, from the first block on. */
function verify(node: WatchedNode, world: World): void {
  const { store } = node.engine!;
  const { chainId, initialHeight, time, validators } = world.genesis;
  const { block, evidence } = PARAMS;
  const verifier = new ChainVerifier(
    {
      chainId,
      initialHeight,
      time,
      validators: inOrder(
        validators.map(({ pubKey, power }) => ({ address: addressOf(pubKey), pubKey, power })),
      ),
      params: {
        maxBytes: block.maxBytes,
        maxGas: block.maxGas,
        maxAgeBlocks: evidence.maxAgeNumBlocks,
        maxAgeNanos: evidence.maxAgeDurationNanos,
      },
    },
    { verify: verifyOnce },
  );
  const last = Math.min(store.height(), MOST_VERIFIED);
  for (let height = initialHeight; height <= last; height += 1) {
    verifier.add(storedBlock(store, height, height === last));
  }
  const [first] = verifier.finish();
  if (!first) return;
  const invariant = first.rule.includes('commit') ? 'I3' : 'I2';
  const what = `${first.rule}: ${first.detail}`;
  throw new Violation(invariant, `the verifier, height ${first.height} of ${node.name}: ${what}`);
}

function storedBlock(store: BlockStore, height: number, isLast: boolean): StoredBlock {
  const results = store.results(height);
  return {
    height,
    block: store.blockBytes(height)!,
    outcome: results && encodeResults(results),
    ...(isLast && { seenCommit: encodeCommit(store.commit(height)!.commit) }),
  };
}
