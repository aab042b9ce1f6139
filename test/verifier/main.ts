/** Checks chains from the outside; what it does is in HELP. */
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { verifyChains } from './several.ts';

const HELP = `npm run verify:chain -- [options]

  --home <folder>   a node's home, read as it lies there; as often as you like
  --rpc <url>       a node's RPC; as often as you like
  --from H, --to H  only these heights

Checks every block, commit and validator set anew. With several chains also: do they agree on every block, and did
a key sign two things for one step?

Exit code 0: nothing is wrong; 1: something is; 2: a chain could not be read; 64: the command line is wrong.`;

const values = commandLine(HELP, {
  home: { type: 'string', multiple: true },
  rpc: { type: 'string', multiple: true },
  from: { type: 'string' },
  to: { type: 'string' },
});
const { home: homes = [], rpc: urls = [] } = values;
const range = {
  from: values.from === undefined ? undefined : wholeNumber('from', values.from),
  to: values.to === undefined ? undefined : wholeNumber('to', values.to),
};

if (homes.length + urls.length === 0) {
  console.error('which chain? --home <folder> or --rpc <url>, as often as you like');
  process.exitCode = 64;
} else {
  try {
    const report = await verifyChains({ homes, urls }, range);
    for (const { name, height, rule, detail } of report.violations) {
      console.error(`${name}: height ${height}: ${rule}: ${detail}`);
    }
    for (const { name, from, to } of report.chains) {
      console.log(`${name}: blocks ${from} to ${to}`);
    }
    console.log(`${report.votes} votes, ${report.violations.length} violations`);
    process.exitCode = report.violations.length > 0 ? 1 : 0;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
