/** The bitscale program; launch.js starts it in a Node that is new enough. */
import { COMMANDS } from './commands/table.ts';
import { runCommand } from './dispatch.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await runCommand(process.argv.slice(2), COMMANDS, processTerminal());
