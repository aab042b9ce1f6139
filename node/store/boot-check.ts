/**
 * What is checked before a state database is used. LevelDB can lose whole batches without an error,
 * so every commit leaves a marker of its own in the same atomic batch, and the markers of the
 * newest versions must form an unbroken row up to the tip.
 */
import { bytesToUint64, concat, equal, toHex, uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { CHECKED_VERSIONS } from '../base/limits.ts';
import { appHashOf, decodeCommitRecord, hashedStores, type CommitRecord } from './commit-record.ts';
import type { Db } from './db.ts';
import { DamagedStoreError, OtherFormatError } from './errors.ts';
import { stubOf } from './iavl/node.ts';
import { NodeStore } from './iavl/node-store.ts';
import { BASE_KEY, commitKey, markerKey, TIP_KEY } from './layout.ts';

export interface Tip {
  readonly version: number;
  /** The version of the first commit ever. */
  readonly initialVersion: number;
  readonly appHash: Bytes;
}

/** Layout of the database; another one is refused. */
const FORMAT = 2;
const TIP_BYTES = 1 + 8 + 8 + 32;

const WAY_OUT = 'restore the state folder from a copy, or remove it and start again to rebuild it';

export function damaged(why: string): never {
  throw new DamagedStoreError(`${why}; ${WAY_OUT}`);
}

export function encodeTip(tip: Tip): Bytes {
  const body = concat(
    Uint8Array.of(FORMAT),
    uint64ToBytes(tip.version),
    uint64ToBytes(tip.initialVersion),
    tip.appHash,
  );
  return concat(body, sha256(body));
}

export function readTip(db: Db): Tip | undefined {
  const bytes = db.get(TIP_KEY);
  if (!bytes) {
    if (db.get(BASE_KEY)) damaged('the tip record is missing');
    return undefined;
  }
  const body = bytes.subarray(0, TIP_BYTES);
  if (bytes.length !== TIP_BYTES + 32 || !equal(sha256(body), bytes.subarray(TIP_BYTES))) {
    damaged('the tip record does not match its checksum');
  }
  if (body[0] !== FORMAT) {
    const why = `the state database has format ${body[0]}, not ${FORMAT}`;
    throw new OtherFormatError(`${why}; ${WAY_OUT}`);
  }
  return {
    version: Number(bytesToUint64(body, 1)),
    initialVersion: Number(bytesToUint64(body, 9)),
    appHash: body.slice(17),
  };
}

export function readBase(db: Db, tip: Tip): number {
  const bytes = db.get(BASE_KEY);
  if (bytes?.length !== 8) damaged('the record of the oldest version is missing');
  const base = Number(bytesToUint64(bytes));
  if (base < tip.initialVersion || base > tip.version) damaged('the oldest version is impossible');
  return base;
}

export function readCommit(db: Db, version: number): CommitRecord {
  const bytes = db.get(commitKey(version));
  if (!bytes) damaged(`the commit record of version ${version} is missing`);
  const record = decodeCommitRecord(bytes);
  if (record.version !== version) damaged(`the commit record of version ${version} is another's`);
  return record;
}

/** Throws when the database is damaged; returns the newest commit record. */
export function checkDatabase(db: Db, tip: Tip, base: number): CommitRecord {
  const first = Math.max(tip.initialVersion, tip.version - CHECKED_VERSIONS + 1);
  for (let version = tip.version; version >= first; version--) checkMarker(db, version, base);
  const record = readCommit(db, tip.version);
  if (!equal(db.get(markerKey(tip.version)) as Bytes, tip.appHash)) {
    damaged(`the app hash of version ${tip.version} is recorded twice, differently`);
  }
  for (const store of record.stores) {
    if (store.root) new NodeStore(db, store.name).load(stubOf(store.root));
  }
  return record;
}

function checkMarker(db: Db, version: number, base: number): void {
  const marker = db.get(markerKey(version));
  if (!marker) damaged(`the commit of version ${version} is missing`);
  if (version < base) return;
  const computed = appHashOf(hashedStores(readCommit(db, version)));
  if (!equal(computed, marker)) {
    damaged(`version ${version} has app hash ${toHex(computed)}, recorded was ${toHex(marker)}`);
  }
}
