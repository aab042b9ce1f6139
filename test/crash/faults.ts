/** A disk that refuses one call: the node must end, not try again, and go on from what is stored. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { homeAt, type Home } from '../../node/home.ts';
import type { Campaign } from './campaign.ts';
import { requireRecovery } from './recovery.ts';
import { runTraced, type Injection } from './strace.ts';

/** Files by what they guard. Of a log of LevelDB, the next start will write to one of the next numbers. */
const FILES: Readonly<Record<string, (home: Home) => string[]>> = {
  'write-ahead log': (home) => numbered(home.wal, /^0*(\d+)\.wal$/, 16, 'wal'),
  'last-signed file': (home) => [`${home.validatorStateFile}.tmp`],
  'data folder': (home) => [home.data],
  'blocks log': (home) => numbered(home.blocks, /^0*(\d+)\.log$/, 6, 'log'),
  'state log': (home) => numbered(home.state, /^0*(\d+)\.log$/, 6, 'log'),
  'index log': (home) => numbered(home.index, /^0*(\d+)\.log$/, 6, 'log'),
};

function numbered(folder: string, pattern: RegExp, digits: number, ending: string): string[] {
  const newest = Math.max(
    ...readdirSync(folder).map((name) => Number(pattern.exec(name)?.[1] ?? 0)),
  );
  return Array.from({ length: 8 }, (_, index) => {
    return join(folder, `${String(newest + index).padStart(digits, '0')}.${ending}`);
  });
}

export interface Fault {
  readonly file: string;
  readonly call: string;
  readonly error: 'EIO' | 'ENOSPC';
  /** Part of npm test. */
  readonly isQuick: boolean;
}

const SYNCS: readonly (readonly [file: string, call: string, isQuick: boolean])[] = [
  ['write-ahead log', 'fdatasync', true],
  ['last-signed file', 'fsync', true],
  ['data folder', 'fsync', false],
  ['blocks log', 'fdatasync', true],
  ['state log', 'fdatasync', true],
];

/** Every sync fails with EIO; every write with EIO and with a full disk. */
export const FAULTS: readonly Fault[] = [
  ...SYNCS.map(([file, call, isQuick]): Fault => ({ file, call, error: 'EIO', isQuick })),
  ...['write-ahead log', 'last-signed file', 'blocks log', 'state log', 'index log'].flatMap(
    (file): Fault[] => [
      { file, call: 'write', error: 'EIO', isQuick: false },
      { file, call: 'write', error: 'ENOSPC', isQuick: /signed|blocks/.test(file) },
    ],
  ),
];

export function faultName({ file, call, error }: Fault): string {
  return `${error} at ${call} of the ${file}`;
}

/** Which of the calls on the file fails: the first ones belong to the start. */
const WHEN = 3;
/** The fault comes long before. */
const MANY_BLOCKS = 200;

export async function requireOrderlyEnd(campaign: Campaign, fault: Fault): Promise<void> {
  const folder = await campaign.copy('faulty');
  const paths = FILES[fault.file]!(homeAt(folder));
  const injection: Injection = { call: fault.call, fault: fault.error, when: WHEN, paths };
  const traced = await runTraced(folder, MANY_BLOCKS, injection);
  const { code, text } = traced.ended;
  assert.equal(code, 74, text);
  assert.ok(text.includes(`the disk refuses (${fault.error})`), text);
  const at = traced.lines.findIndex((line) => line.includes('(INJECTED)'));
  assert.ok(at > 0);
  const later = traced.lines.slice(at + 1).filter((line) => /\b(write|f(data)?sync)\(/.test(line));
  assert.deepEqual(later, []);
  await requireRecovery(campaign.examiner, folder, traced);
  await campaign.drop(folder);
}
