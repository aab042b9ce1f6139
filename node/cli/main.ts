/** The bitscale program; launch.js starts it in a Node that is new enough. */
import '../base/exact-varints.ts';
import { loadCommands } from './commands/table.ts';
import { runCommand } from './dispatch.ts';
import { processTerminal } from './terminal.ts';

const args = process.argv.slice(2);
process.exitCode = await runCommand(args, await loadCommands(args[0]), processTerminal());
