import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { requirePorts } from '../../../../node/cli/localnet/ports.ts';

const OPTIONS = { validators: 2, accounts: 1, blockTimeMs: 0, l1: false, provers: 0 };

describe('cli/localnet/ports', () => {
  it('a port in use is refused with exit code 74 and what to do', async () => {
    const server = createServer();
    // Somebody else may use it already; then that is the case to be refused.
    await new Promise<void>((resolve) => {
      server.once('error', () => resolve());
      server.listen(26_667, '127.0.0.1', resolve);
    });
    const message = /^port 26\d{3} is in use by another program\. Stop that program .* start again/;
    await assert.rejects(requirePorts(OPTIONS), { exitCode: 74, message });
    if (server.listening) server.close();
  });
});
