/** bitscale version */
import { SOFTWARE, VERSION } from '../../version.ts';
import type { Command } from '../command.ts';
import { printJson } from '../shared-options.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: 'Show the version of this program and of what runs it',
  options: { json: { help: 'print JSON' } },
  run(call, terminal) {
    const node = process.versions.node;
    const platform = `${process.platform}-${process.arch}`;
    const facts = { name: SOFTWARE, version: VERSION, node, platform };
    if (call.flag('json')) printJson(terminal, facts);
    else terminal.print(`${SOFTWARE} ${VERSION} (Node.js ${node}, ${platform})`);
  },
};
