/** Programs written in Go that checks run against a node: found, or built once. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The program could not be had or reached: nothing is known about the node. */
export class NotAsked extends Error {}

/** `given`, else the one in PATH, else one that Go builds into .cache/bin. Throws NotAsked. */
export function goProgram(name: string, source: string, given: string | undefined): string {
  if (given !== undefined) return given;
  if (spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined) return name;
  const folder = join(process.cwd(), '.cache', 'bin');
  const built = join(folder, name);
  if (existsSync(built)) return built;
  console.log(`building ${source} with Go, once`);
  const env = { ...process.env, GOBIN: folder };
  const { status } = spawnSync('go', ['install', source], { env, stdio: 'inherit' });
  if (status !== 0) throw new NotAsked(`no ${name}: install it, or Go, or say --${name} <path>`);
  return built;
}
