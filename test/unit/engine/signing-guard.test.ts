/** Whatever of the three memories (last-signed file, log, blocks) is older than the others, the key is not used. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519PublicKey, signEd25519 } from '../../../node/base/ed25519.ts';
import { ExitError } from '../../../node/base/exit.ts';
import type { WalRecord } from '../../../node/consensus/effects.ts';
import { voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';
import {
  comparePlaces,
  NOTHING_SIGNED,
  placeOf,
  placeText,
  type LastSigned,
} from '../../../node/engine/last-signed.ts';
import { checkLastSigned, hasLog } from '../../../node/engine/signing-guard.ts';
import { Wal } from '../../../node/engine/wal.ts';
import { encodeLogEntry } from '../../../node/engine/wal-record.ts';
import { CHAIN_ID, GENESIS_TIME, SEEDS, testChain, type TestChain } from './chain-fixture.ts';

const BLOCKS = 3;
const SEED = SEEDS[0]!;
type Place = readonly [height: number, round: number, step: number];

/** A file as the signer writes it after signing a vote there. */
function signedAt([height, round, step]: Place): LastSigned {
  const place = { type: step === 2 ? 1 : 2, height, round, blockId: NIL_BLOCK_ID } as const;
  const signBytes = voteSignBytes(CHAIN_ID, { ...place, time: GENESIS_TIME });
  const signature = signEd25519(SEED, signBytes);
  return { height, round, step, signBytes, signature, time: GENESIS_TIME };
}

describe('guard of the last-signed file', () => {
  let folder: string;
  let chain: TestChain;
  let wal: Wal;
  let address: Uint8Array;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscale-guard-'));
    chain = await testChain();
    await chain.grow(BLOCKS);
    const { validators } = chain.state().validators;
    const key = Buffer.from(ed25519PublicKey(SEED));
    address = validators.find(({ pubKey }) => key.equals(pubKey))!.address;
    wal = await Wal.open(folder);
  });
  afterEach(async () => {
    await wal.close();
    await rm(folder, { recursive: true });
  });

  async function log(places: readonly Place[], by = address): Promise<void> {
    let open = 0;
    for (const [height, round, step] of places) {
      if (height !== open) await wal.begin(height);
      open = height;
      const shared = { height, round, blockId: NIL_BLOCK_ID };
      const record: WalRecord =
        step === 1
          ? { type: 'proposal', request: { type: 'proposal', polRound: -1, ...shared } }
          : {
              type: 'vote',
              request: {
                type: 'vote',
                voteType: step === 2 ? 1 : 2,
                address: by,
                index: 0,
                ...shared,
              },
            };
      await wal.append(encodeLogEntry({ type: 'record', record }));
    }
  }

  const check = (last: LastSigned): Promise<void> =>
    checkLastSigned(last, address, { store: chain.store, wal });

  const isRefused = (code: number) => (error: unknown) =>
    error instanceof ExitError &&
    error.exitCode === code &&
    error.message.includes('bitscale repair --sign-above');

  /** Places in the log, place in the file, exit code of the refusal. Block 3 is decided at 3/0. */
  const CASES: readonly (readonly [string, readonly Place[], Place, number | undefined])[] = [
    [
      'the file is where the log is',
      [
        [4, 0, 1],
        [4, 0, 2],
      ],
      [4, 0, 2],
      undefined,
    ],
    [
      'the newest request of the log was never signed',
      [
        [4, 0, 2],
        [4, 0, 3],
      ],
      [4, 0, 2],
      undefined,
    ],
    ['the only request of the log was never signed', [[4, 0, 1]], [3, 0, 3], undefined],
    ['nothing was signed at the height at hand', [], [3, 0, 3], undefined],
    [
      'the file lacks two steps of the log',
      [
        [4, 0, 1],
        [4, 0, 2],
        [4, 0, 3],
      ],
      [4, 0, 1],
      78,
    ],
    [
      'the file lacks a round of the log',
      [
        [4, 0, 2],
        [4, 1, 2],
        [4, 1, 3],
      ],
      [4, 0, 2],
      78,
    ],
    ['the file is older than the newest block', [], [3, 0, 2], 78],
    ['the file is much older than the blocks', [], [1, 0, 2], 78],
    ['the log of the height at hand is gone', [], [4, 0, 2], 65],
    ['the log lost its end', [[4, 0, 1]], [4, 0, 3], 65],
    ['blocks were lost: the key waits for them', [[9, 0, 2]], [9, 0, 2], undefined],
  ];
  for (const [name, places, [height, round, step], code] of CASES) {
    it(`${name}: ${code === undefined ? 'it may sign' : `exit code ${code}`}`, async () => {
      await log(places);
      const checked = check(signedAt([height, round, step]));
      if (code === undefined) await checked;
      else await assert.rejects(checked, isRefused(code));
    });
  }

  it('a file that the repair wrote, above everything, passes without a log', async () => {
    await check({ height: 4, round: 0x7fff_ffff, step: 3 });
    await assert.rejects(check(NOTHING_SIGNED), isRefused(78));
  });

  it('a file moved here without its log keeps the key silent at that height, and at no other', () => {
    const last = signedAt([4, 0, 2]);
    const shared = { type: 'vote', height: 4, round: 0, blockId: NIL_BLOCK_ID } as const;
    const request = { ...shared, voteType: 1, address, index: 0 } as const;
    assert.equal(hasLog(last, 4, []), false);
    assert.equal(hasLog(last, 4, [{ type: 'vote', request }]), true);
    assert.equal(hasLog(last, 4, [{ type: 'vote', request: { ...request, round: 1 } }]), false);
    assert.equal(hasLog(last, 3, []), true);
    assert.equal(hasLog(last, 5, []), true);
    assert.equal(hasLog(undefined, 4, []), true);
  });

  it('votes of another key in the log do not count', async () => {
    await log(
      [
        [4, 0, 2],
        [4, 0, 3],
        [4, 1, 2],
      ],
      new Uint8Array(20),
    );
    await check(signedAt([3, 0, 3]));
  });

  it('any flipped bit or cut of the log is refused, or loses only what was not signed', async () => {
    await log([
      [4, 0, 1],
      [4, 0, 2],
      [4, 0, 3],
    ]);
    await wal.close();
    const path = join(folder, readdirSync(folder)[0]!);
    const sound = readFileSync(path);
    const last = signedAt([4, 0, 3]);
    const broken: Buffer[] = [];
    for (let at = 0; at < sound.length; at += 1) {
      const flipped = Buffer.from(sound);
      flipped[at]! ^= 1 << (at % 8);
      broken.push(flipped, sound.subarray(0, at));
    }
    broken.push(Buffer.alloc(sound.length));
    for (const bytes of broken) {
      writeFileSync(path, bytes);
      await assert.rejects(check(last), isRefused(65));
    }
    writeFileSync(path, Buffer.concat([sound, Buffer.alloc(50, 0xab)]));
    await check(last);
    rmSync(path);
    await assert.rejects(check(last), isRefused(65));
  });

  it('knows the place of what was signed from its bytes', () => {
    for (const place of [
      [1, 0, 2],
      [7, 3, 3],
      [2 ** 40, 2 ** 30, 2],
    ] as const) {
      const last = signedAt(place);
      assert.equal(placeText(placeOf(last.signBytes!)), place.join('/'));
      assert.equal(comparePlaces(placeOf(last.signBytes!), last), 0);
    }
    assert.throws(() => placeOf(new Uint8Array([2, 8, 9])));
  });
});
