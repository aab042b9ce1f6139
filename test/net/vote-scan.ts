/**
 * All votes of a run, from everywhere: what observers saw on the nodes, what the signers' recorders wrote
 * down, what the nodes' write-ahead logs hold. Two votes of one key for one height, round and type must be for
 * the same block.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../../node/base/bytes.ts';
import { scanFrames } from '../../node/engine/wal-frame.ts';
import { decodeLogEntry } from '../../node/engine/wal-record.ts';
import { isSignedBy } from '../verifier/commit.ts';
import { NO_TIME, type Vote } from '../verifier/formats.ts';
import { addressOf, verifySignature } from '../verifier/hashes.ts';
import { voteOfJson } from '../verifier/json.ts';
import { VoteScan } from '../verifier/votes.ts';

const WAL_SEED_BYTES = 4;

export interface SignatureFile {
  readonly seen: number;
  readonly problems: readonly string[];
}

/**
 * Every signature that left a signer: one height, round and step is one text, to the last bit (a repeat has
 * the time of the first), and what was signed is what the key says.
 */
export function scanSignatures(files: readonly string[]): SignatureFile {
  const signed = new Map<string, string>();
  const problems: string[] = [];
  for (const file of files.filter((name) => existsSync(name))) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [height, round, step, key, bytes, signature] = line.split(' ');
      if (bytes === undefined || key === undefined || signature === undefined) continue;
      const place = `${height}/${round}/${step} of ${toHex(addressOf(fromHex(key)))}`;
      if ((signed.get(place) ?? bytes) !== bytes) problems.push(`two signatures at ${place}`);
      signed.set(place, bytes);
      if (!verifySignature(fromHex(key), fromHex(bytes), fromHex(signature))) {
        problems.push(`a wrong signature at ${place}`);
      }
    }
  }
  return { seen: signed.size, problems };
}

/** Votes that a node has logged before it asked its signer; the signature is not in there. */
export function votesOfWal(folder: string): Vote[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const data = readFileSync(join(folder, name));
    if (data.length < WAL_SEED_BYTES) return [];
    const { payloads } = scanFrames(data.readUInt32BE(0), data, WAL_SEED_BYTES);
    return payloads.map(decodeLogEntry).flatMap((entry) => {
      if (entry.type !== 'record' || entry.record.type !== 'vote') return [];
      const { voteType, height, round, blockId, address, index } = entry.record.request;
      const { hash, parts } = blockId;
      const id = { hash, total: parts.total, partsHash: parts.hash };
      const rest = { address, index, time: NO_TIME, signature: new Uint8Array(0) };
      return [{ type: voteType, height: BigInt(height), round, blockId: id, ...rest }];
    });
  });
}

export interface VoteSources {
  readonly chainId: string;
  readonly pubKeys: readonly Uint8Array[];
  /** CometBFT's JSON of votes, as observers were told. */
  readonly observed: Iterable<object>;
  readonly logged: Iterable<Vote>;
}

/** What is wrong with the votes; an observed one must carry a signature of its validator. */
export function scanAllVotes(sources: VoteSources): { seen: number; problems: string[] } {
  const scan = new VoteScan();
  const keys = new Map(sources.pubKeys.map((key) => [toHex(addressOf(key)), key]));
  const context = { chainId: sources.chainId, verify: verifySignature };
  const problems: string[] = [];
  let seen = 0;
  for (const json of sources.observed) {
    const vote = voteOfJson(json);
    const key = keys.get(toHex(vote.address));
    seen += 1;
    if (key === undefined) problems.push(`a vote of a stranger at height ${vote.height}`);
    else if (isSignedBy(key, vote, context)) scan.add(vote);
    else problems.push(`a vote with a wrong signature at height ${vote.height}`);
  }
  for (const vote of sources.logged) {
    seen += 1;
    scan.add(vote);
  }
  for (const { address, height, round, type } of scan.conflicts) {
    problems.push(`${address} signed two votes of type ${type} at ${height}/${round}`);
  }
  return { seen, problems };
}
