/** Decoders of what stands on disk or in snapshots: logs, results, states, trees, proofs. */
import { concat, equal, toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { InvariantError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { PREVOTE } from '../../../node/consensus/types.ts';
import { decodeResults, encodeResults } from '../../../node/engine/results-codec.ts';
import {
  decodeChainState,
  decodeValidatorSet,
  encodeChainState,
  encodeValidatorSet,
} from '../../../node/engine/state-codec.ts';
import { encodeFrame, scanFrames } from '../../../node/engine/wal-frame.ts';
import { decodeLogEntry, encodeLogEntry, type LogEntry } from '../../../node/engine/wal-record.ts';
import type { FinalizeBlockResponse } from '../../../node/app/abci.ts';
import { decodeCommitRecord, encodeCommitRecord } from '../../../node/store/commit-record.ts';
import { DamagedStoreError } from '../../../node/store/errors.ts';
import { decodePlaces, encodePlaces } from '../../../node/store/iavl/codec.ts';
import { leafNode, stubOf, type TreeNode } from '../../../node/store/iavl/node.ts';
import { decodeContent, PageWriter } from '../../../node/store/iavl/page.ts';
import { decodeProof, encodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC } from '../../../node/store/ics23/types.ts';
import { verifyMembership, verifyNonMembership } from '../../../node/store/ics23/verify.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { BadSnapshot } from '../../../node/store/snapshot/bad-snapshot.ts';
import { ItemReader, type Item } from '../../../node/store/snapshot/items.ts';
import { bytesOf } from '../../unit/store/snapshot/fixture.ts';
import { bendBytes, bendMessage } from '../bend-proto.ts';
import { codec, TAKEN, verdictOf, type Decoder, type NamedDecoder } from '../decoder.ts';
import { canonical } from './consensus.ts';
import { BLOCK_ID, COMMIT, STATE, VOTE } from './consensus-values.ts';

const HASH = sha256(utf8('record'));
const { address, index } = VOTE;
const place = { height: 1, round: 3, blockId: BLOCK_ID };
const ENTRIES: readonly LogEntry[] = [
  { type: 'block', block: utf8('bytes of a block') },
  { type: 'record', record: { type: 'lock', qc: COMMIT } },
  {
    type: 'record',
    record: {
      type: 'vote',
      request: { type: 'vote', voteType: PREVOTE, ...place, address, index },
    },
  },
  {
    type: 'record',
    record: { type: 'proposal', request: { type: 'proposal', ...place, polRound: -1 } },
  },
];

const event = { type: 'begin', attributes: [{ key: 'k', value: 'v', index: true }] };
const RESULTS: FinalizeBlockResponse = {
  events: [event],
  txResults: [
    {
      code: 5,
      data: utf8('data'),
      log: 'log',
      info: 'info',
      gasWanted: 10n,
      gasUsed: 9n,
      events: [event, { type: 'tx', attributes: [] }],
      codespace: 'sdk',
    },
  ],
  validatorUpdates: [{ pubKey: HASH, power: 7n }],
  consensusParamUpdates: STATE.params,
  appHash: HASH,
};

const ref = { version: 300, page: 301, nonce: 7, height: 1, size: 2, hash: 'h'.repeat(32) };
const ROOTS = {
  version: 300,
  stores: [
    { name: 'acc', kind: 'iavl' as const, root: ref },
    { name: 'index', kind: 'plain' as const, root: undefined },
  ],
};
const withoutSum = (record: Bytes): Bytes => record.slice(0, -32);
const withSum = (body: Bytes): Bytes => concat(body, sha256(body));

const LEAF = leafNode('key', utf8('value'), 300);
LEAF.hash = ref.hash;
const INNER = { ...stubOf(ref), key: 'key', left: LEAF, right: stubOf(ref) };
const TOP = { ...stubOf({ ...ref, height: 2 }), key: 'key', left: { ...INNER, nonce: 0 } };

function writtenPage(root: TreeNode): Bytes {
  const op = new PageWriter(utf8('n')).put(root);
  if (op.type !== 'put') throw new TypeError('a page is put');
  return op.value.slice();
}

/** The first byte says whether it is the page of a leaf. */
const PAGE_SEEDS = [
  concat(Uint8Array.of(0), writtenPage(LEAF)),
  concat(Uint8Array.of(1), writtenPage(INNER)),
  concat(Uint8Array.of(1), writtenPage({ ...TOP, right: INNER })),
];

/** Every node of the page is read. */
function pageOf(input: Bytes): Bytes {
  const root = stubOf({ ...ref, height: (input[0] ?? 0) & 1 });
  root.record = input.slice(1);
  root.end = root.record.length;
  decodeWhole(root);
  return concat(input.subarray(0, 1), writtenPage(root));
}

function decodeWhole(node: TreeNode): void {
  decodeContent(node);
  const { record } = node;
  node.record = undefined;
  if (record === undefined) return;
  for (const child of [node.left, node.right]) {
    if (child?.record !== undefined) decodeWhole(child);
  }
}

const ITEMS: readonly Item[] = [
  { kind: 'head', height: 300, chainId: 'test-1' },
  { kind: 'tree', name: 'acc' },
  { kind: 'leaf', version: 300, key: utf8('key'), value: utf8('value') },
  { kind: 'inner', version: 300 },
  { kind: 'plain', name: 'data' },
  { kind: 'pair', key: utf8('key'), value: HASH },
  { kind: 'end' },
];

/** Whole and byte by byte, the same items must come out, and be written as they stood. */
function judgeItems(input: Bytes): string {
  return verdictOf(() => {
    const [whole, parts] = [new ItemReader(), new ItemReader()];
    whole.push(input);
    const items: Item[] = [];
    for (let item = whole.next(); item; item = whole.next()) items.push(item);
    let found = 0;
    for (const byte of input) {
      parts.push(Uint8Array.of(byte));
      while (parts.next()) found += 1;
    }
    if (found !== items.length) throw new TypeError('other items in parts');
    const written = items.length === 0 ? new Uint8Array(0) : bytesOf(items);
    if (!equal(written, input.subarray(0, written.length))) {
      throw new TypeError(`not canonical: written as ${toHex(written)}`);
    }
  }, BadSnapshot);
}

const SEED = 7;
const FRAMES = [concat(encodeFrame(SEED, utf8('one')), encodeFrame(SEED, utf8('two')))];

function judgeLogFile(input: Bytes): string {
  return verdictOf(() => {
    const { payloads, intactBytes } = scanFrames(SEED, input, 0);
    const again = concat(...payloads.map((payload) => encodeFrame(SEED, payload)));
    if (!equal(again, input.subarray(0, intactBytes))) throw new TypeError('not canonical');
  });
}

/** Proofs over one tree; what a bent proof proves must be what the tree holds. */
async function proofs(): Promise<Decoder> {
  const stores = MultiStore.open(new MemoryDb(), { iavl: ['acc'], plain: [] });
  for (let i = 0; i < 40; i++) stores.store('acc').set(utf8(`key ${i}`), utf8(`value ${i}`));
  // Proofs begin at the second version.
  for (let version = 0; version < 2; version++) await stores.commit();
  const proofOf = (key: string): Bytes =>
    stores.query({ store: 'acc', key: utf8(key), height: 0, prove: true }).proofOps[0]!.data;
  const seeds = ['key 1', 'key 20', 'key 39', 'a', 'key 5x', 'z'].map(proofOf);
  const root = stores.query({ store: 'acc', key: utf8('a'), height: 0, prove: true });
  const simple = decodeProof(root.proofOps[1]!.data);
  const hash = (simple.exist ?? { value: new Uint8Array(0) }).value;
  const strict = codec(decodeProof, encodeProof);
  const judge = (input: Bytes): string => {
    const verdict = strict(input);
    if (verdict !== TAKEN) return verdict;
    const proof = decodeProof(input);
    const membership = verdictOf(() => {
      const { key, value } = proof.exist ?? { key: utf8('key 1'), value: utf8('value 1') };
      verifyMembership(IAVL_SPEC, proof, { root: hash, key, value });
      if (!equal(stores.query({ store: 'acc', key, height: 0, prove: false }).value!, value)) {
        throw new TypeError('a proof of what is not there');
      }
    });
    const absence = verdictOf(() => {
      const key = proof.nonexist?.key ?? utf8('key 1');
      verifyNonMembership(IAVL_SPEC, proof, { root: hash, key });
      if (stores.query({ store: 'acc', key, height: 0, prove: false }).value !== undefined) {
        throw new TypeError('a proof that what is there is not');
      }
    });
    return membership === TAKEN || absence === TAKEN ? TAKEN : membership;
  };
  return { name: 'proof', seeds, bend: bendMessage, judge };
}

const plain = (
  name: string,
  seeds: readonly Bytes[],
  judge: Decoder['judge'],
  bend = bendBytes,
): NamedDecoder => ({ name, make: () => ({ name, seeds, bend, judge }) });

/** A checksum stands before these, so that only what this program wrote is decoded: no second encoding comes. */
const sealed = (name: string, decode: (bytes: Bytes) => unknown, seed: Bytes): NamedDecoder =>
  plain(
    name,
    [seed],
    (input) => verdictOf(() => void decode(input), RangeError, InvariantError),
    bendMessage,
  );

export const RECORDS: readonly NamedDecoder[] = [
  canonical('log entry', [decodeLogEntry, encodeLogEntry], ENTRIES),
  plain('log file', FRAMES, judgeLogFile),
  sealed('results', decodeResults, encodeResults(RESULTS)),
  sealed('validator set', decodeValidatorSet, encodeValidatorSet(STATE.validators)),
  sealed('chain state', decodeChainState, encodeChainState(STATE)),
  plain(
    'commit record',
    [withoutSum(encodeCommitRecord(ROOTS))],
    codec(
      (body) => decodeCommitRecord(withSum(body)),
      (record) => withoutSum(encodeCommitRecord(record)),
      DamagedStoreError,
    ),
  ),
  plain(
    'page of tree nodes',
    PAGE_SEEDS,
    codec(pageOf, (bytes) => bytes, DamagedStoreError),
  ),
  plain(
    'orphans',
    [encodePlaces([ref, { page: 5, nonce: 300 }])],
    codec(decodePlaces, encodePlaces, DamagedStoreError),
  ),
  plain('snapshot items', [bytesOf(ITEMS)], judgeItems),
  { name: 'proof', make: proofs },
];
