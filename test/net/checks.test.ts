/** The checks of the campaign find what they are there for: each is given a planted fault. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64, toHex, toUpperHex, utf8 } from '../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../node/base/ed25519.ts';
import { sha256 } from '../../node/base/hash.ts';
import { encodeFrame } from '../../node/engine/wal-frame.ts';
import { encodeLogEntry } from '../../node/engine/wal-record.ts';
import { addressOf, voteSignBytes } from '../verifier/hashes.ts';
import { voteOfJson } from '../verifier/json.ts';
import { History } from './history.ts';
import { Random } from './random.ts';
import { strangerConnections } from './sockets.ts';
import { nanosOfTime } from './times.ts';
import { scanAllVotes, scanSignatures, votesOfWal } from './vote-scan.ts';

const CHAIN = 'checks-1';
const SEED = sha256(utf8('a validator'));
const KEY = ed25519PublicKey(SEED);
const TIME = '2026-01-02T03:04:05.000000006Z';

function voteJson(block: string, round = 0): Record<string, unknown> {
  const hash = block === '' ? '' : toUpperHex(sha256(utf8(block)));
  const json = {
    type: 2,
    height: '7',
    round,
    block_id: { hash, parts: { total: block === '' ? 0 : 1, hash } },
    timestamp: TIME,
    validator_address: toUpperHex(addressOf(KEY)),
    validator_index: 0,
    signature: toBase64(new Uint8Array(64)),
  };
  const signature = signEd25519(SEED, voteSignBytes(CHAIN, voteOfJson(json)));
  return { ...json, signature: toBase64(signature) };
}

describe('checks of the network tests', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-net-checks-'))));
  after(() => rmSync(folder, { recursive: true }));

  const scan = (observed: object[], walFolder = join(folder, 'none')): string[] =>
    scanAllVotes({ chainId: CHAIN, pubKeys: [KEY], observed, logged: votesOfWal(walFolder) })
      .problems;

  it('two votes of one key for one round are found, also when one is nil', () => {
    assert.deepEqual(scan([voteJson('a'), voteJson('a'), voteJson('b', 1)]), []);
    for (const other of ['b', '']) {
      assert.match(
        scan([voteJson('a'), voteJson(other)]).join(),
        /signed two votes of type 2 at 7\/0/,
      );
    }
  });

  it('a vote in a write-ahead log counts like one that was seen', () => {
    const hash = sha256(utf8('b'));
    const request = {
      type: 'vote',
      voteType: 2,
      height: 7,
      round: 0,
      blockId: { hash, parts: { total: 1, hash } },
      address: addressOf(KEY),
      index: 0,
    } as const;
    const seed = 5;
    const entry = encodeLogEntry({ type: 'record', record: { type: 'vote', request } });
    const head = Buffer.alloc(4);
    head.writeUInt32BE(seed);
    const walFolder = mkdtempSync(join(folder, 'wal-'));
    const content = Buffer.concat([head, encodeFrame(seed, entry)]);
    writeFileSync(join(walFolder, '0000000000000007.wal'), content);
    assert.deepEqual(scan([voteJson('b')], walFolder), []);
    assert.match(scan([voteJson('a')], walFolder).join(), /signed two votes/);
  });

  it('a vote that its validator did not sign, and one of a stranger, are found', () => {
    const forged = { ...voteJson('a'), signature: toBase64(new Uint8Array(64)) };
    assert.match(scan([forged]).join(), /wrong signature/);
    const stranger = { ...voteJson('a'), validator_address: '00'.repeat(20) };
    assert.match(scan([stranger]).join(), /stranger/);
  });

  it('a signer that signs two texts for one step, or anything wrongly, is found', () => {
    const line = (text: string, signature = signEd25519(SEED, utf8(text))): string =>
      ['7 0 3', toHex(KEY), toHex(utf8(text)), toHex(signature)].join(' ');
    const check = (...lines: string[]): string => {
      const file = join(folder, 'signatures');
      writeFileSync(file, `${lines.join('\n')}\n`);
      return scanSignatures([file]).problems.join();
    };
    assert.equal(check(line('a'), line('a')), '');
    assert.match(check(line('a'), line('b')), /two signatures at 7\/0\/3/);
    assert.match(check(line('a', new Uint8Array(64))), /a wrong signature/);
  });

  it('two blocks at one height, and a time far from the clock, are found', () => {
    const seen = (...blocks: [number, string, string][]): readonly string[] => {
      const history = new History(join(folder, 'history'));
      for (const [height, hash, time] of blocks) history.saw(0, { height, hash, time }, true);
      return history.violations;
    };
    const now = new Date().toISOString();
    const later = new Date(Date.now() + 60_000).toISOString();
    assert.deepEqual(seen([1, 'A', now], [2, 'B', now], [1, 'A', now]), []);
    assert.equal(seen([1, 'A', now], [1, 'B', now]).length, 1);
    assert.equal(seen([1, 'A', later]).length, 1);
  });

  it('a connection that goes around the proxy is found', async function () {
    if (process.platform !== 'linux') return;
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const own = new Set([socket.localPort ?? 0]);
    assert.deepEqual(
      strangerConnections([port], () => own),
      [],
    );
    assert.equal(strangerConnections([port], () => new Set()).length, 1);
    socket.destroy();
    server.close();
  });

  it('times are compared to the nanosecond', () => {
    assert.equal(nanosOfTime(TIME) - nanosOfTime('2026-01-02T03:04:05Z'), 6n);
    assert.throws(() => nanosOfTime('yesterday'), /is not a time/);
  });

  it('the same seed chooses the same', () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return [random.below(1000), random.fork().below(1000), ...random.shuffled([1, 2, 3, 4, 5])];
    };
    assert.deepEqual(draw(9), draw(9));
    assert.notDeepEqual(draw(9), draw(10));
  });
});
