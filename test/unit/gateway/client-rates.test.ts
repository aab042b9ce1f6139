import assert from 'node:assert/strict';
import {
  MAX_RATED_CLIENTS,
  REQUEST_BURST_SECONDS,
  REQUESTS_PER_SECOND,
} from '../../../node/base/limits.ts';
import { addressOfPeer, ClientRates } from '../../../node/gateway/client-rates.ts';
import { GatewayError, RESOURCE_EXHAUSTED } from '../../../node/gateway/status.ts';

/** How many requests of an address pass until one is refused. */
function passing(rates: ClientRates, address: string, most = 10_000): number {
  for (let count = 0; count < most; count++) {
    const error = rates.refusal(address);
    if (error === undefined) continue;
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.code, error.retrySeconds], [RESOURCE_EXHAUSTED, 1]);
    return count;
  }
  return most;
}

describe('rates of clients', () => {
  let now = 0;
  const rates = (listen: string, chosen = 0): ClientRates =>
    new ClientRates(listen, chosen, () => now);

  it('have no bound where only this machine can call, unless the operator sets one', () => {
    for (const listen of ['127.0.0.1', 'localhost', '::1']) {
      assert.equal(passing(rates(listen), '127.0.0.1'), 10_000);
      assert.equal(passing(rates(listen, 3), '127.0.0.1'), 3 * REQUEST_BURST_SECONDS);
    }
  });

  it('have one behind a public address, which comes back with time', () => {
    const limited = rates('0.0.0.0');
    const burst = REQUESTS_PER_SECOND * REQUEST_BURST_SECONDS;
    assert.equal(passing(limited, '203.0.113.7'), burst);
    assert.equal(passing(limited, '203.0.113.7'), 0);
    assert.equal(passing(limited, '203.0.113.8'), burst);
    now += 1_000;
    assert.equal(passing(limited, '203.0.113.7'), REQUESTS_PER_SECOND);
  });

  it('count an IPv4 address once, and of IPv6 the network of its owner', () => {
    const SAME: [string, string][] = [
      ['203.0.113.7', '::ffff:203.0.113.7'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::1'],
      ['2001:db8::1', '2001:db8:0:0:ffff::'],
    ];
    for (const [one, other] of SAME) {
      const limited = rates('::', 1);
      assert.equal(passing(limited, one), REQUEST_BURST_SECONDS);
      assert.equal(passing(limited, other), 0, other);
    }
    const limited = rates('::', 1);
    passing(limited, '2001:db8:1:2::1');
    assert.equal(passing(limited, '2001:db8:1:3::1'), REQUEST_BURST_SECONDS);
  });

  it('are kept of so many addresses and no more', () => {
    const limited = rates('::', 1);
    for (let i = 0; i <= MAX_RATED_CLIENTS; i++) {
      limited.refusal(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    }
    assert.equal(limited.size, MAX_RATED_CLIENTS);
  });

  it('know an address by what gRPC says of a peer', () => {
    assert.equal(addressOfPeer('203.0.113.7:50000'), '203.0.113.7');
    assert.equal(addressOfPeer('[2001:db8::1]:50000'), '2001:db8::1');
    assert.equal(addressOfPeer('unknown'), 'unknown');
  });
});
