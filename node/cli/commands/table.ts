/** All commands of the program, in the order of the help text. */
import type { Command } from '../command.ts';
import { exportCommand } from './export.ts';
import { initCommand } from './init.ts';
import { keyCommands } from './keys.ts';
import { localnetCommand } from './localnet.ts';
import { proverCommand } from './prover.ts';
import { queryCommands } from './query.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { txCommands } from './tx.ts';
import { versionCommand } from './version.ts';

export const COMMANDS: readonly Command[] = [
  initCommand,
  startCommand,
  localnetCommand,
  ...keyCommands,
  ...txCommands,
  ...queryCommands,
  statusCommand,
  proverCommand,
  exportCommand,
  versionCommand,
];
