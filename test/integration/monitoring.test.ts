/** The page for operators names only measurements that a node really has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';

/** Measured only with peers, whom a node alone has not. */
const WITH_PEERS = new Set([
  'bitscale_p2p_refused_connections_total',
  'cometbft_p2p_peer_send_queue_size',
  'cometbft_p2p_message_send_bytes_total',
]);

function namedInPage(): string[] {
  const page = readFileSync(
    new URL('../../docs/operations/monitoring.md', import.meta.url),
    'utf8',
  );
  const names = page.match(/`(?:cometbft|bitscale)_[a-z0-9_]*[a-z0-9](?=[`{])/g) ?? [];
  return [...new Set(names.map((name) => name.slice(1)))];
}

describe('monitoring', () => {
  let solo: SoloNode;
  before(async () => {
    solo = await startSoloNode();
    // Rounds are measured from the second height on.
    let blocks = 0;
    await new Promise<void>((resolve) => {
      solo.node.engine.onCommit(() => {
        blocks += 1;
        if (blocks === 3) resolve();
      });
    });
  });
  after(() => solo.remove());

  it('every measurement that the page names is served', async () => {
    const { host, port } = solo.node.config.metrics;
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    const served = new Set([...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name));
    const named = namedInPage();
    assert.ok(named.length > 15, `the page names ${named.length}`);
    const absent = named.filter((name) => !served.has(name) && !WITH_PEERS.has(name));
    assert.deepEqual(absent, []);
    assert.match(text, /cometbft_consensus_height\{[^}]*chain_id="solo-1"/);
  });
});
