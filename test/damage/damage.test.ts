/**
 * The damage matrix: after any damage to any file of a home, the node is as it was, refuses with the command that
 * repairs, and never answers wrongly. Here a part of it; `npm run test:damage -- --all` goes through everything.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { homeAt, type Home } from '../../node/home.ts';
import { Random } from '../unit/store/random.ts';
import { bitscale, Command } from './command.ts';
import { Examiner } from './examiner.ts';
import { allCases, judge, nameOf, verdictOn, type Verdict } from './matrix.ts';
import { mutate } from './mutations.ts';
import { copyHome, makeSoundHome, type SoundHome } from './sound-home.ts';

/** Every so many cases of the whole matrix. */
const EVERY = 31;

interface Folder {
  readonly name: string;
  readonly lonely?: boolean;
  readonly damage: (home: Home, older: Home) => Promise<void>;
  readonly verdicts: readonly Verdict[];
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true });

async function restore(from: string, to: string): Promise<void> {
  await remove(to);
  await cp(from, to, { recursive: true });
}

const FOLDERS: readonly Folder[] = [
  {
    name: 'an older copy of all data is not signed with',
    damage: (home, older) => restore(older.data, home.data),
    verdicts: ['repaired'],
  },
  {
    name: 'an older last-signed file is not signed with',
    lonely: true,
    damage: (home, older) => restore(older.validatorStateFile, home.validatorStateFile),
    verdicts: ['repaired'],
  },
  {
    name: 'a deleted data folder is not signed with',
    damage: (home) => remove(home.data),
    verdicts: ['repaired'],
  },
  {
    name: 'a lost write-ahead log is not signed without',
    lonely: true,
    damage: (home) => remove(home.wal),
    // Harmless when nothing was signed yet at the height at hand.
    verdicts: ['repaired', 'harmless'],
  },
  {
    name: 'an older copy of the blocks is repaired from a peer: the state is ahead of them',
    damage: (home, older) => restore(older.blocks, home.blocks),
    verdicts: ['repaired'],
  },
  {
    name: 'lost blocks are repaired from a peer',
    damage: (home) => remove(home.blocks),
    verdicts: ['repaired'],
  },
  {
    name: 'an older copy of the state is executed again: the blocks are ahead of it',
    damage: (home, older) => restore(older.state, home.state),
    verdicts: ['harmless'],
  },
  {
    name: 'a lost state is executed again',
    damage: (home) => remove(home.state),
    verdicts: ['harmless'],
  },
  {
    name: 'a lost index is made again',
    damage: (home) => remove(home.index),
    verdicts: ['harmless'],
  },
  {
    name: 'an older copy of the index catches up',
    damage: (home, older) => restore(older.index, home.index),
    verdicts: ['harmless'],
  },
  {
    name: 'lost blocks and a lost state come from a peer',
    damage: async (home) => {
      await remove(home.blocks);
      await remove(home.state);
    },
    verdicts: ['harmless'],
  },
];

describe('damage to a home', function () {
  this.timeout(180_000);
  let sound: SoundHome;
  const examiner = new Examiner();
  before(async () => {
    sound = await makeSoundHome();
  });
  after(async () => {
    examiner.stop();
    await sound.remove();
  });

  for (const { name, lonely = false, damage, verdicts } of FOLDERS) {
    it(name, async () => {
      const folder = await copyHome(sound, 'folder', lonely);
      const older = { ...homeAt(folder), ...olderHome(sound.olderData) };
      await damage(homeAt(folder), older);
      const verdict = await verdictOn(sound, examiner, { folder, lonely, file: 'data' });
      await remove(folder);
      assert.ok(verdicts.includes(verdict), verdict);
    });
  }

  it('in any file is of no consequence, or refused and repaired: a part of the matrix', async () => {
    const { seed } = Random.announced('damage matrix');
    const counts: Partial<Record<Verdict, number>> = {};
    const cases = allCases(10, seed).filter((_, index) => (index + seed) % EVERY === 0);
    for (const each of cases) {
      const verdict = await judge(sound, examiner, each).catch((error: unknown) => {
        assert.fail(`${nameOf(each)}: ${String(error)}`);
      });
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    console.log(`      ${cases.length} cases: ${JSON.stringify(counts)}`);
    assert.ok((counts.repaired ?? 0) > 0 && cases.length >= 12);
  });

  it('is told by bitscale start with exit code 65 and a command that, as it stands, repairs', async () => {
    const folder = await copyHome(sound, 'cli', false);
    const { blocks } = homeAt(folder);
    const table = readdirSync(blocks).find((name) => name.endsWith('.ldb'))!;
    mutate(join(blocks, table), 'bit flip', 0.4, new Random(1));
    const [checked, refused] = [
      await bitscale('check', '--home', folder),
      await bitscale('start', '--home', folder),
    ];
    for (const { code, text } of [checked, refused]) {
      assert.equal(code, 65, text);
      assert.ok(text.includes(table), text);
    }
    const command = /bitscale (repair --home \S+)/.exec(refused.text)?.[1];
    assert.ok(command, refused.text);
    const repaired = await bitscale(...command.split(' '));
    assert.equal(repaired.code, 0, repaired.text);
    const running = new Command(['start', '--deep-check', '--home', folder]);
    await running.shows(folder, sound.answers.height);
    const second = await bitscale('start', '--home', folder);
    assert.equal(second.code, 74, 'one home, one process');
    assert.match(second.text, /is using .*; stop it first/);
    assert.equal((await running.stop()).code, 0);
    const sane = await bitscale('check', '--home', folder);
    assert.equal(sane.code, 0, sane.text);
    await remove(folder);
  });
});

type Data = 'data' | 'blocks' | 'state' | 'index' | 'validatorStateFile';

/** Where the older copy keeps what a home keeps in its data folder. */
function olderHome(data: string): Pick<Home, Data> {
  const home = homeAt('');
  const at = (path: string): string => join(data, relative(home.data, path));
  return {
    data,
    blocks: at(home.blocks),
    state: at(home.state),
    index: at(home.index),
    validatorStateFile: at(home.validatorStateFile),
  };
}
