/** What the user reads once the network runs: where everything is and what to try next. */
import { L1_PORT } from './anvil.ts';
import { nodeRpc, portsOf, LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';
import type { LocalOptions } from './options.ts';

export function welcome(home: LocalHome, options: LocalOptions): string {
  const rpcs = Array.from({ length: options.validators }, (_, i) => nodeRpc(i));
  const lines = [
    '',
    `The local network ${LOCAL_CHAIN_ID} is running.`,
    '',
    `  RPC        ${rpcs.join('  ')}`,
    `  metrics    http://127.0.0.1:${portsOf(0).metrics}/metrics`,
  ];
  if (options.l1) lines.push(`  L1         http://127.0.0.1:${L1_PORT}   ${home.deployment}`);
  lines.push(
    `  accounts   ${options.accounts}, of the test mnemonic "test test ... junk", with 1,000,000 SCALE each`,
    `  logs       ${home.log('*')}`,
    '',
    'Try next, in another terminal:',
  );
  if (options.l1) lines.push('  npm run demo                       a payment, from start to end');
  lines.push(
    '  npx bitscale status                what a node says of itself',
    '  npx bitscale --help                everything else',
    '',
    'Ctrl-C stops all of it; npm start goes on from here, npm start -- --fresh begins anew.',
    '',
  );
  return lines.join('\n');
}
