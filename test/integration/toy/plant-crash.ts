/**
 * Counts the durable writes of this process and kills it at the chosen one: `node ... <home> <N> <before|after>`. What
 * each was is appended to <home>/crashed.log. To be imported first: who takes Node's calls before is not counted.
 */
import fs, { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const [root = '', crashAt = '0', when = 'before'] = process.argv.slice(2);
let count = 0;

/** Called before a durable write; what it answers is called after it. */
export function durableWrite(kind: string): () => void {
  count += 1;
  if (count !== Number(crashAt)) return () => undefined;
  const crash = (): void => {
    appendFileSync(join(root, 'crashed.log'), `${kind}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  if (when === 'before') crash();
  return crash;
}

type Sync = (file: number, done: (error: NodeJS.ErrnoException | null) => void) => void;

const calls = fs as unknown as Record<'fsync' | 'fdatasync', Sync>;
for (const name of ['fsync', 'fdatasync'] as const) {
  const original = calls[name];
  calls[name] = (file, done) => {
    const afterwards = durableWrite(name);
    original(file, (error) => {
      afterwards();
      done(error);
    });
  };
}
syncBuiltinESMExports();
