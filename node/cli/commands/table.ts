/** All commands of the program, in the order of the help text. */
import type { Command } from '../command.ts';
import { exportCommand } from './export.ts';
import { initCommand } from './init.ts';
import { keyCommands } from './keys.ts';
import { queryCommands } from './query.ts';
import { statusCommand } from './status.ts';
import { txCommands } from './tx.ts';
import { versionCommand } from './version.ts';

export const COMMANDS: readonly Command[] = [
  initCommand,
  ...keyCommands,
  ...txCommands,
  ...queryCommands,
  statusCommand,
  exportCommand,
  versionCommand,
];
