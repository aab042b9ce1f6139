/**
 * Checks chains from the outside. Exit code 0: nothing wrong; 1: something is; 2: it could not be read.
 *
 *   node test/verifier/main.ts --home <node home> [--home ...] [--rpc <url> ...] [--from H] [--to H]
 *
 * With several chains also: do they agree on every block, and did a key sign two things for one step?
 */
import { parseArgs } from 'node:util';
import { verifyChains } from './several.ts';

const { values } = parseArgs({
  options: {
    home: { type: 'string', multiple: true },
    rpc: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
  },
});
const { home: homes = [], rpc: urls = [] } = values;
const range = {
  from: values.from === undefined ? undefined : Number(values.from),
  to: values.to === undefined ? undefined : Number(values.to),
};

if (homes.length + urls.length === 0) {
  console.error('which chain? --home <folder> or --rpc <url>, as often as you like');
  process.exitCode = 2;
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
