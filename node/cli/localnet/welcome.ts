/** What the user reads once the network runs: where everything is and what to try next. */
import { L1_PORT } from './anvil.ts';
import { nodeRpc, portsOf, LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';
import type { LocalOptions } from './options.ts';

const MAX_SHOWN = 4;

export function welcome(home: LocalHome, options: LocalOptions): string {
  const all = Array.from({ length: options.validators }, (_, i) => nodeRpc(i));
  const rpcs = all.length > MAX_SHOWN ? [all[0], '...', all.at(-1)] : all;
  const row = (label: string, text: string): string => `  ${label.padEnd(12)} ${text}`;
  const lines = [
    '',
    `The local network ${LOCAL_CHAIN_ID} is running.`,
    '',
    ...rpcs.map((url, i) => row(i === 0 ? 'RPC' : '', url ?? '')),
    row('REST', `http://127.0.0.1:${portsOf(0).api}`),
    row('gRPC', `127.0.0.1:${portsOf(0).grpc}`),
    row('metrics', `http://127.0.0.1:${portsOf(0).metrics}/metrics`),
  ];
  if (options.l1) {
    lines.push(row('L1', `http://127.0.0.1:${L1_PORT}`), row('contracts', home.deployment));
  }
  lines.push(
    row('accounts', `${options.accounts}, each with 1,000,000 SCALE, of the mnemonic`),
    row('', '"test test test test test test test test test test test junk"'),
    row('logs', home.log('*')),
    '',
    'Try next, in another terminal:',
  );
  if (options.l1) lines.push(tip('npm run demo', 'a payment, from start to end'));
  lines.push(
    tip('npx bitscale status', 'what a node says of itself'),
    tip('npx bitscale --help', 'everything else'),
    '',
    'Ctrl-C stops all of it. npm start goes on from here; with -- --fresh it begins anew.',
    '',
  );
  return lines.join('\n');
}

const tip = (command: string, what: string): string => `  ${command.padEnd(24)} ${what}`;
