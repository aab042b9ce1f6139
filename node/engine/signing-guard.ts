/**
 * Does the last-signed file fit what else is on disk? A restored old copy of the file, or a lost write-ahead
 * log, would let the key contradict what it signed. Both are refused before anything is signed.
 */
import { equal, type Bytes } from '../base/bytes.ts';
import { EXIT_CONFIG, EXIT_DATA, ExitError } from '../base/exit.ts';
import { GUARDED_COMMITS } from '../base/limits.ts';
import type { SignRequest, WalRecord } from '../consensus/effects.ts';
import { PREVOTE, type Commit } from '../consensus/types.ts';
import type { BlockStore } from './block-store.ts';
import {
  comparePlaces,
  placeText,
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSE,
  type LastSigned,
  type SignPlace,
  type SignStep,
} from './last-signed.ts';
import { SIGN_ABOVE_HINT } from './signer-files.ts';
import type { Wal } from './wal.ts';
import { decodeLogEntry } from './wal-record.ts';

const ABSENT = 1;

export interface SigningTraces {
  readonly store: BlockStore;
  readonly wal: Wal;
}

/** Throws ExitError 78 when the key signed later than `last` says, and 65 when the log of `last` is gone. */
export async function checkLastSigned(
  last: LastSigned,
  address: Bytes,
  { store, wal }: SigningTraces,
): Promise<void> {
  const asked = await askedToSign(wal, address);
  // A crash between log and signature leaves one request that was never signed: the newest.
  const signed = [...asked.slice(0, -1), ...placesInCommits(store, address)];
  const newer = signed.find((place) => comparePlaces(place, last) > 0);
  if (newer !== undefined) {
    throw new ExitError(
      EXIT_CONFIG,
      `priv_validator_state.json says ${placeText(last)} was signed last, but this key signed ` +
        `${placeText(newer)}: it is an old copy, and signing with it could sign twice; ${SIGN_ABOVE_HINT}`,
    );
  }
  const { height } = last;
  if (height === store.height() + 1 && !isAsked(last, asked)) {
    throw new ExitError(
      EXIT_DATA,
      `the key signed ${placeText(last)}, but the write-ahead log of height ${last.height} does not have ` +
        `it: the log is lost or damaged, and with it what was locked; ${SIGN_ABOVE_HINT}`,
    );
  }
}

/**
 * Is the log there that belongs to what was signed at `height`? A last-signed file that was moved to another
 * machine comes without: what the key had locked there is not known here.
 */
export function hasLog(
  last: LastSigned | undefined,
  height: number,
  records: readonly WalRecord[],
): boolean {
  if (last?.height !== height) return true;
  const asked = records.flatMap((each) =>
    'request' in each ? [placeOfRequest(each.request)] : [],
  );
  return isAsked(last, asked);
}

/** A file without a signature was written by the repair, which lets the key sign above it only. */
function isAsked(last: LastSigned, asked: readonly SignPlace[]): boolean {
  return last.signature === undefined || asked.some((place) => comparePlaces(place, last) === 0);
}

/** Everything the log says was to be signed, oldest first. */
async function askedToSign(wal: Wal, address: Bytes): Promise<SignPlace[]> {
  const places: SignPlace[] = [];
  for (const height of await wal.heights()) {
    for (const bytes of await wal.peek(height)) {
      const entry = decodeLogEntry(bytes);
      if (entry.type === 'block' || !('request' in entry.record)) continue;
      const { request } = entry.record;
      if (request.type === 'vote' && !equal(request.address, address)) continue;
      places.push(placeOfRequest(request));
    }
  }
  return places;
}

function placeOfRequest(request: SignRequest): SignPlace {
  return { height: request.height, round: request.round, step: stepOf(request) };
}

function stepOf(request: SignRequest): SignStep {
  if (request.type === 'proposal') return STEP_PROPOSE;
  return request.voteType === PREVOTE ? STEP_PREVOTE : STEP_PRECOMMIT;
}

/** Precommits of this key in the newest commits. */
function placesInCommits(store: BlockStore, address: Bytes): SignPlace[] {
  const places: SignPlace[] = [];
  const oldest = Math.max(store.base(), store.height() - GUARDED_COMMITS + 1, 1);
  for (let height = store.height(); height >= oldest; height -= 1) {
    const commit = store.commit(height)?.commit;
    if (commit !== undefined && isIn(commit, address)) {
      places.push({ height, round: commit.round, step: STEP_PRECOMMIT });
    }
  }
  return places;
}

function isIn({ signatures }: Commit, address: Bytes): boolean {
  return signatures.some((each) => each.flag !== ABSENT && equal(each.address, address));
}
