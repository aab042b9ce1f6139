/** bitscale snapshot: the snapshots of the state in a home. */
import type { Command } from '../command.ts';
import { homeFolder, HOME_OPTION } from '../shared-options.ts';

export const snapshotCommands: readonly Command[] = [
  {
    name: 'snapshot list',
    summary: 'Show the snapshots of the state, newest first; the node may run',
    options: HOME_OPTION,
    examples: ['bitscale snapshot list --home ~/.bitscale'],
    run: async (call, terminal) => {
      const { listSnapshots } = await import('../../home-snapshots.ts');
      const snapshots = await listSnapshots(homeFolder(call, terminal));
      if (snapshots.length === 0) terminal.print('There is no snapshot.');
      for (const { height, chunks, hash } of snapshots) {
        const text = Buffer.from(hash).toString('hex');
        terminal.print(`height ${height}, ${chunks} chunks, hash ${text}`);
      }
    },
  },
  {
    name: 'snapshot create',
    summary: 'Take a snapshot of the newest state of a stopped node',
    options: HOME_OPTION,
    examples: ['bitscale snapshot create --home ~/.bitscale'],
    run: async (call, terminal) => {
      const { createSnapshot } = await import('../../home-snapshots.ts');
      const { height, chunks } = await createSnapshot(homeFolder(call, terminal));
      terminal.print(`The state of height ${height} is kept in ${chunks} chunks.`);
    },
  },
  {
    name: 'snapshot restore',
    summary: 'Put a snapshot in place of the state of a stopped node',
    options: {
      ...HOME_OPTION,
      height: { value: '<height>', help: 'that of the snapshot; else the newest is taken' },
    },
    examples: ['bitscale snapshot restore --home ~/.bitscale'],
    run: async (call, terminal) => {
      const { restoreSnapshot } = await import('../../home-snapshots.ts');
      const wanted = call.optional('height') === undefined ? undefined : call.integer('height');
      const restored = await restoreSnapshot(homeFolder(call, terminal), wanted, Date.now());
      terminal.print(
        `The state is that of height ${restored.height} now; the next start executes the blocks ` +
          `since. The old state is in ${restored.aside}.`,
      );
    },
  },
];
