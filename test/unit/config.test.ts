import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ExitError } from '../../node/base/exit.ts';
import { DEFAULT_CONFIG, loadConfig, parseConfig } from '../../node/config.ts';
import { VERSION } from '../../node/version.ts';

const parse = (json: unknown) => parseConfig(JSON.stringify(json));

function refuses(json: unknown, words: RegExp): void {
  assert.throws(
    () => parse(json),
    (error) => error instanceof ExitError && error.exitCode === 78 && words.test(error.message),
  );
}

describe('settings', () => {
  it('are the defaults unless the file says otherwise', async () => {
    assert.deepEqual(parse({}), DEFAULT_CONFIG);
    assert.deepEqual(await loadConfig('/nonexistent/config.json'), DEFAULT_CONFIG);
    const config = parse({ moniker: 'me', p2p: { port: 1 } });
    assert.equal(config.moniker, 'me');
    assert.deepEqual(config.p2p, { ...DEFAULT_CONFIG.p2p, port: 1 });
  });

  it('what clients talk to listens on loopback by default', () => {
    for (const { host } of [DEFAULT_CONFIG.rpc, DEFAULT_CONFIG.api, DEFAULT_CONFIG.grpc]) {
      assert.equal(host, '127.0.0.1');
    }
  });

  const WRONG: [unknown, RegExp][] = [
    [{ monicker: 'x' }, /unknown key "monicker"/],
    [{ api: { swagger: true } }, /unknown key "api.swagger"/],
    [{ grpc: { tls: true } }, /unknown key "grpc.tls"/],
    [{ p2p: { ports: 1 } }, /unknown key "p2p.ports"/],
    [{ p2p: { port: 65_536 } }, /"p2p.port" must be at most 65535/],
    [{ p2p: { port: -1 } }, /"p2p.port" must be a whole number/],
    [{ p2p: { port: '1' } }, /"p2p.port" must be a number/],
    [{ p2p: [] }, /"p2p" must be an object/],
    [{ p2p: { persistentPeers: [1] } }, /list of texts/],
    [{ consensus: { mode: 'ring' } }, /consensus.mode/],
    [{ statesync: { enabled: true, trustHash: 'ab'.repeat(32) } }, /statesync.trustHeight/],
    [{ statesync: { enabled: true, trustHeight: 1, trustHash: 'ab' } }, /statesync.trustHash/],
    [{ logLevel: 'loud' }, /logLevel/],
    [{ validator: 1 }, /"validator" must be a boolean/],
    [[], /must be an object/],
  ];
  for (const [json, words] of WRONG) {
    it(`refuses ${JSON.stringify(json)} by name`, () => refuses(json, words));
  }

  it('refuses what is not JSON', () => {
    assert.throws(() => parseConfig('{'), ExitError);
  });

  it('a key named __proto__ is unknown like any other', () => {
    assert.throws(() => parseConfig('{"__proto__": {"x": 1}}'), /unknown key "__proto__"/);
  });

  it('the version is the one of package.json', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    assert.equal((JSON.parse(text) as { version: string }).version, VERSION);
  });
});
