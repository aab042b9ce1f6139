import assert from 'node:assert/strict';
import { compare, concat, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import {
  MAX_KNOWN_SNAPSHOTS,
  MAX_OFFERED_SNAPSHOTS,
  MAX_SNAPSHOT_CHUNKS,
  MAX_VALIDATORS,
} from '../../../node/base/limits.ts';
import { ProtoWriter } from '../../../node/base/proto-writer.ts';
import type { Snapshot } from '../../../node/app/abci.ts';
import { encodeCommit, encodeHeader } from '../../../node/consensus/encoding.ts';
import { SnapshotOffers } from '../../../node/sync/snapshot-offers.ts';
import {
  decodeLightRecord,
  decodeSnapshot,
  decodeStateRequest,
  encodeLightRecord,
  encodeSnapshot,
  encodeStateRequest,
  type StateRequest,
} from '../../../node/sync/state-messages.ts';
import { answerState } from '../../../node/sync/state-serve.ts';
import { chainOfBlocks } from '../consensus/light-chain.ts';

function snapshot(height: number, chunks = 1, salt = 0): Snapshot {
  const metadata = new Uint8Array(32 * chunks).fill(salt);
  return { height, format: 1, chunks, hash: sha256(metadata), metadata };
}

const refused = (work: () => unknown): void => assert.throws(work, BitscaleError);

describe('state sync messages', () => {
  const REQUESTS: StateRequest[] = [
    { type: 'light', height: 7 },
    { type: 'snapshots' },
    { type: 'chunk', height: 7, format: 1, index: 0 },
    { type: 'chunk', height: 7, format: 1, index: MAX_SNAPSHOT_CHUNKS - 1 },
  ];
  for (const request of REQUESTS) {
    it(`a question is read as it was written: ${JSON.stringify(request)}`, () => {
      assert.deepEqual(decodeStateRequest(encodeStateRequest(request)), request);
    });
  }

  it('questions that are none, several, or out of bounds are refused', () => {
    const both = concat(
      encodeStateRequest({ type: 'light', height: 7 }),
      encodeStateRequest({ type: 'snapshots' }),
    );
    const beyond: StateRequest = {
      type: 'chunk',
      height: 7,
      format: 1,
      index: MAX_SNAPSHOT_CHUNKS,
    };
    for (const bytes of [new Uint8Array(0), both, utf8('garbage'), encodeStateRequest(beyond)]) {
      refused(() => decodeStateRequest(bytes));
    }
    refused(() => decodeStateRequest(new ProtoWriter().int64(1, -1).finish()));
  });

  it('an offer is read as it was written, up to the most chunks', () => {
    const largest = snapshot(9, MAX_SNAPSHOT_CHUNKS);
    assert.deepEqual(decodeSnapshot(encodeSnapshot(largest)), largest);
    refused(() => decodeSnapshot(encodeSnapshot(snapshot(9, MAX_SNAPSHOT_CHUNKS + 1))));
  });

  const OFFERS: [string, Partial<Snapshot>][] = [
    ['of no height', { height: 0 }],
    ['of no chunks', { chunks: 0 }],
    ['of more chunks than it lists', { chunks: 2 }],
    ['whose hash is another', { hash: new Uint8Array(32) }],
  ];
  for (const [what, change] of OFFERS) {
    it(`an offer ${what} is refused`, () => {
      refused(() => decodeSnapshot(encodeSnapshot({ ...snapshot(9), ...change })));
    });
  }

  it('a light block keeps its rotation over the wire', () => {
    const block = chainOfBlocks(3, () => [0, 1, 2, 3]).get(3)!;
    const record = {
      block: { ...block, validators: block.validators.advance(3) },
      params: utf8('p'),
    };
    const read = decodeLightRecord(encodeLightRecord(record));
    assert.deepEqual(read.block.validators.validators, record.block.validators.validators);
    assert.deepEqual(read.block.validators.proposer, record.block.validators.proposer);
    assert.deepEqual(read.block.header, block.header);
    assert.deepEqual(read.params, record.params);
  });

  it('a light block with a foreign proposer or too many validators is refused', () => {
    const { header, commit } = chainOfBlocks(1, () => [0]).get(1)!;
    const record = (count: number, proposer: number): Bytes => {
      const writer = new ProtoWriter()
        .bytes(1, encodeHeader(header))
        .bytes(2, encodeCommit(commit));
      const keys = Array.from({ length: count }, (_, index) => sha256(utf8(`key ${index}`)));
      keys.sort((a, b) => compare(sha256(a), sha256(b)));
      for (const pubKey of keys) {
        const one = new ProtoWriter().bytes(1, pubKey).int64(2, 1).int64(3, 0).finish();
        writer.message(3, one, { always: true });
      }
      return writer.int64(4, proposer).finish();
    };
    assert.equal(
      decodeLightRecord(record(MAX_VALIDATORS, 0)).block.validators.size,
      MAX_VALIDATORS,
    );
    refused(() => decodeLightRecord(record(MAX_VALIDATORS + 1, 0)));
    refused(() => decodeLightRecord(record(2, 2)));
    refused(() => decodeLightRecord(record(0, 0)));
  });

  it('no more snapshots are told than may be', async () => {
    const many = Array.from({ length: MAX_OFFERED_SNAPSHOTS + 1 }, (_, index) =>
      snapshot(99 - index),
    );
    const supply = { light: () => undefined, snapshots: () => many, chunk: async () => undefined };
    const told = await answerState(supply, encodeStateRequest({ type: 'snapshots' }));
    assert.deepEqual(told.map(decodeSnapshot), many.slice(0, MAX_OFFERED_SNAPSHOTS));
    assert.deepEqual(
      await answerState(supply, encodeStateRequest({ type: 'light', height: 1 })),
      [],
    );
  });
});

describe('offers of snapshots', () => {
  it('the newest comes first, then what most peers have', () => {
    const offers = new SnapshotOffers();
    offers.add('a', snapshot(5));
    offers.add('a', snapshot(9, 1, 1));
    offers.add('a', snapshot(9, 1, 2));
    offers.add('b', snapshot(9, 1, 2));
    const ranked = offers.ranked();
    assert.deepEqual(
      ranked.map((one) => [one.snapshot.height, one.peers.size]),
      [
        [9, 2],
        [9, 1],
        [5, 1],
      ],
    );
  });

  it('what was no state, and formats nobody reads, are not offered again', () => {
    const offers = new SnapshotOffers();
    offers.add('a', snapshot(5));
    offers.reject(offers.ranked()[0]!);
    offers.add('b', snapshot(5));
    offers.add('b', { ...snapshot(6), format: 2 });
    offers.rejectFormat(2);
    offers.add('c', { ...snapshot(7), format: 2 });
    assert.deepEqual(offers.ranked(), []);
  });

  it('are bounded: the lowest goes', () => {
    const offers = new SnapshotOffers();
    for (let height = 1; height <= MAX_KNOWN_SNAPSHOTS + 1; height += 1) {
      offers.add('a', snapshot(height));
    }
    const heights = offers.ranked().map((one) => one.snapshot.height);
    assert.equal(heights.length, MAX_KNOWN_SNAPSHOTS);
    assert.equal(heights.at(-1), 2);
  });
});
