/** Checks chains from the outside; what it does is in HELP. */
import { parseArgs } from 'node:util';
import { verifyChains } from './several.ts';

const HELP = `npm run verify:chain -- [options]

  --home <folder>   a node's home, read as it lies there; as often as you like
  --rpc <url>       a node's RPC; as often as you like
  --from H, --to H  only these heights

Checks every block, commit and validator set anew. With several chains also: do they agree on every block, and did
a key sign two things for one step?

Exit code 0: nothing is wrong; 1: something is; 2: a chain could not be read; 64: the command line is wrong.`;

const WRONG_USE = 64;

function refuse(why: string): never {
  console.error(`${why}\n\n${HELP}`);
  process.exit(WRONG_USE);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        home: { type: 'string', multiple: true },
        rpc: { type: 'string', multiple: true },
        from: { type: 'string' },
        to: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function heightIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : refuse(`${text} is not a height`);
}

const values = readOptions();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const { home: homes = [], rpc: urls = [] } = values;
const range = {
  from: heightIn(values.from),
  to: heightIn(values.to),
};

if (homes.length + urls.length === 0) refuse('which chain?');
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
