/**
 * Crashes of a real validator process at every call that changes a file: first one undisturbed run is traced and its
 * calls are counted, then the node is killed at call k of a copy, for each k, and must recover.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Examiner } from '../damage/examiner.ts';
import { newHome } from '../damage/sound-home.ts';
import { requireRecovery } from './recovery.ts';
import { filesLike, runTraced, type FileCall } from './strace.ts';

/** Further blocks a run may make when its call does not come, because something else was faster. */
const SPARE_BLOCKS = 4;

/** A home, and the calls of a run that takes it some blocks further. */
export interface Stretch {
  readonly home: string;
  readonly from: number;
  readonly to: number;
  readonly calls: readonly FileCall[];
}

export class Campaign {
  readonly root: string;
  readonly examiner = new Examiner();
  /** How many crashes hit each kind of call, by name and file. */
  readonly hits = new Map<string, number>();

  private constructor(root: string) {
    this.root = root;
  }

  static async begin(): Promise<Campaign> {
    const campaign = new Campaign(await mkdtemp(join(tmpdir(), 'bitscale-crash-')));
    await newHome(campaign.home);
    return campaign;
  }

  get home(): string {
    return join(this.root, 'home');
  }

  /** Takes the home to `height`, undisturbed. */
  async advance(height: number): Promise<void> {
    const ask = { folder: this.home, last: 0, atLeast: height, timeoutMs: 60_000 };
    const outcome = await this.examiner.examine(ask);
    if (outcome.type !== 'started') throw new Error(JSON.stringify(outcome));
  }

  /** Counts the calls of the next blocks on a copy; the home stays as it is. */
  async stretch(from: number, to: number): Promise<Stretch> {
    const home = await this.copy('counted');
    const { calls, ended } = await runTraced(home, to);
    await this.drop(home);
    if (calls.length === 0) throw new Error(`nothing was traced: ${ended.text}`);
    return { home: this.home, from, to, calls };
  }

  /**
   * Kills the node at each of the calls, one after the other on the same home, starts it again, and checks what
   * must hold. Throws when it does not.
   */
  async crashAt(stretch: Stretch, ...calls: readonly FileCall[]): Promise<void> {
    const folder = await this.copy('crashed');
    const acknowledged = new Map<number, string>();
    const signed = new Map<string, Set<string>>();
    for (const call of calls) {
      const paths = filesLike(call, stretch.calls, folder);
      const injection = { call: call.name, when: call.number, fault: 'KILL', paths } as const;
      const traced = await runTraced(folder, stretch.to + SPARE_BLOCKS, injection);
      const hit = traced.calls.findLast(({ name }) => name === call.name);
      this.#count(traced.ended.signal === 'SIGKILL' ? hit : undefined);
      for (const [height, hash] of traced.acknowledged) {
        if ((acknowledged.get(height) ?? hash) !== hash) throw new Error(`block ${height} changed`);
        acknowledged.set(height, hash);
      }
      for (const [place, bytes] of traced.signed) {
        signed.set(place, new Set([...(signed.get(place) ?? []), ...bytes]));
      }
    }
    await requireRecovery(this.examiner, folder, { acknowledged, signed });
    await this.drop(folder);
  }

  #count(call: FileCall | undefined): void {
    const file = call?.path.replace(/[0-9]{6,}/, 'N');
    const what = call === undefined ? 'not reached' : `${call.name} ${file}`;
    this.hits.set(what, (this.hits.get(what) ?? 0) + 1);
  }

  async copy(name: string): Promise<string> {
    const folder = join(this.root, name);
    await cp(this.home, folder, { recursive: true });
    return folder;
  }

  async drop(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.strace`, { force: true });
  }

  async end(): Promise<void> {
    this.examiner.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** `count` of them, evenly, beginning somewhere in the first gap. */
export function spread<T>(all: readonly T[], count: number, seed: number): T[] {
  const gap = all.length / count;
  const start = seed % Math.max(1, Math.floor(gap));
  return Array.from({ length: count }, (_, index) => all[Math.floor(start + index * gap)]!);
}
