/** bitscale keys: account keys in the keyring of a home folder. */
import type { Command } from '../command.ts';
import { addCommand } from './keys-add.ts';
import {
  deleteCommand,
  exportCommand,
  importCommand,
  importHexCommand,
  renameCommand,
} from './keys-move.ts';
import { listCommand, mnemonicCommand, parseCommand, showCommand } from './keys-show.ts';

export const keyCommands: readonly Command[] = [
  addCommand,
  listCommand,
  showCommand,
  exportCommand,
  importCommand,
  importHexCommand,
  renameCommand,
  deleteCommand,
  mnemonicCommand,
  parseCommand,
];
