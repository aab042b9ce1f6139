/**
 * Reads the chain out of a node's home: `config/genesis.json` and the LevelDB in `data/blocks`, whose keys are
 * one letter and the height in eight bytes, big end first. A copy of the database is read, so that nothing in
 * the home changes; the node must not be running.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ClassicLevel } from 'classic-level';
import type { StoredBlock } from './chain.ts';
import { readGenesis, type Genesis } from './genesis.ts';
import { FormatError, Fields, join as joined, type Bytes } from './proto.ts';

const CHECKSUM_BYTES = 4;

function keyOf(letter: string, height: number): Bytes {
  const key = Buffer.alloc(9, letter);
  key.writeBigUInt64BE(BigInt(height), 1);
  return key;
}

/** Results and validator sets are stored behind a CRC-32 of themselves. */
function unsealed(record: Bytes | undefined): Bytes | undefined {
  if (record === undefined) return undefined;
  const content = record.subarray(CHECKSUM_BYTES);
  if (record.length < CHECKSUM_BYTES || crc32(content) !== Buffer.from(record).readUInt32BE()) {
    throw new FormatError('a stored record does not have its checksum');
  }
  return content;
}

export interface StoredHome {
  readonly genesis: Genesis;
  /** Oldest first; heights follow each other as the store has them. */
  readonly blocks: AsyncIterable<StoredBlock>;
  close(): Promise<void>;
}

export async function openHome(home: string): Promise<StoredHome> {
  const genesis = readGenesis(await readFile(join(home, 'config', 'genesis.json'), 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'verify-chain-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const options = { keyEncoding: 'view', valueEncoding: 'view', createIfMissing: false } as const;
  try {
    const filter = (path: string): boolean => !path.endsWith('LOCK');
    await cp(join(home, 'data', 'blocks'), folder, { recursive: true, filter });
    const level = new ClassicLevel<Bytes, Bytes>(folder, options);
    await level.open();
    const close = async (): Promise<void> => {
      await level.close();
      await remove();
    };
    return { genesis, blocks: blocksOf(level), close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* blocksOf(level: ClassicLevel<Bytes, Bytes>): AsyncGenerator<StoredBlock> {
  const [gte, lt] = [keyOf('b', 0), keyOf('c', 0)];
  for await (const [key, block] of level.iterator({ gte, lt })) {
    if (key.length !== 9) continue;
    const height = Number(Buffer.from(key).readBigUInt64BE(1));
    const unreadable: string[] = [];
    const tried = <T>(what: string, read: () => T): T | undefined => {
      try {
        return read();
      } catch (error) {
        unreadable.push(`${what}: ${(error as Error).message}`);
        return undefined;
      }
    };
    const value = (letter: string): Bytes | undefined => level.getSync(keyOf(letter, height));
    yield {
      height,
      block,
      blockId: tried('meta', () => blockIdOf(value('m'))),
      seenCommit: value('c'),
      outcome: tried('results', () => resultsOf(level, height)),
      validators: tried('validators', () => setOf(level, height)),
      unreadable,
    };
  }
}

/**
 * The results of a block of many transactions lie in several records. Messages of protobuf that follow each other are
 * one message, with the lists of all.
 */
function resultsOf(level: ClassicLevel<Bytes, Bytes>, height: number): Bytes | undefined {
  const first = unsealed(level.getSync(keyOf('r', height)));
  if (first === undefined) return undefined;
  const parts = [first];
  for (let index = 1; ; index++) {
    const key = Buffer.concat([keyOf('q', height), Buffer.alloc(8)]);
    key.writeBigUInt64BE(BigInt(index), 9);
    const part = unsealed(level.getSync(key));
    if (part === undefined) return joined(parts);
    parts.push(part);
  }
}

/** A record whose first byte is 0 names the height whose set, turned on since, is in force. */
const FOLLOWS = 0;

function setOf(level: ClassicLevel<Bytes, Bytes>, height: number): Bytes | undefined {
  const record = unsealed(level.getSync(keyOf('v', height)));
  if (record === undefined || record[0] !== FOLLOWS) return record;
  return unsealed(level.getSync(keyOf('v', Number(Buffer.from(record).readBigUInt64BE(1)))));
}

function blockIdOf(meta: Bytes | undefined): Bytes | undefined {
  return meta && new Fields(meta).bytes(1);
}
