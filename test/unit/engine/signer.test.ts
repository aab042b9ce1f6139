import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { verifyEd25519 } from '../../../node/base/ed25519.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { parseTime, type Time } from '../../../node/base/time.ts';
import { proposalSignBytes, voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { SignedMark } from '../../../node/engine/signed-mark.ts';
import {
  ErrSignConflict,
  ErrSignRegression,
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSE,
  FileSigner,
  type SignRequest,
  type SignStep,
} from '../../../node/engine/signer.ts';
import { encodeValidatorKey, openSigner } from '../../../node/engine/signer-files.ts';

const T1 = parseTime('2026-01-01T00:00:01Z');
const T2 = parseTime('2026-01-01T00:00:02Z');

function request(place: [number, number, SignStep], value: string, time = T1): SignRequest {
  const [height, round, step] = place;
  const hash = sha256(utf8(value));
  const blockId = { hash, parts: { total: 1, hash } };
  const shared = { height, round, blockId };
  const bytesAt = (at: Time): Bytes =>
    step === STEP_PROPOSE
      ? proposalSignBytes('test-1', { ...shared, polRound: -1, time: at })
      : voteSignBytes('test-1', { ...shared, type: step === STEP_PREVOTE ? 1 : 2, time: at });
  return { height, round, step, time, bytesAt };
}

function isKind(kind: object): (error: unknown) => boolean {
  return (error) => error instanceof BitscaleError && error.kind === kind;
}

function exits(code: number): (error: unknown) => boolean {
  return (error) => error instanceof ExitError && error.exitCode === code;
}

describe('signer', () => {
  let folder: string;
  let files: { keyFile: string; stateFile: string };
  let signer: FileSigner;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscale-signer-'));
    files = { keyFile: join(folder, 'key.json'), stateFile: join(folder, 'state.json') };
    await writeFile(files.keyFile, encodeValidatorKey(sha256(utf8('a validator'))), {
      mode: 0o600,
    });
    signer = await openSigner(files, false);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('signs what it is given', async () => {
    const asked = request([1, 0, STEP_PREVOTE], 'A');
    const { signature, time } = await signer.sign(asked);
    assert.deepEqual(time, T1);
    assert.ok(verifyEd25519(signer.pubKey, asked.bytesAt(time), signature));
  });

  it('the same request again, only later, gets the stored signature and its time', async () => {
    const first = await signer.sign(request([1, 0, STEP_PREVOTE], 'A'));
    assert.deepEqual(await signer.sign(request([1, 0, STEP_PREVOTE], 'A', T2)), first);
    const reopened = await openSigner(files, true);
    assert.deepEqual(await reopened.sign(request([1, 0, STEP_PREVOTE], 'A', T2)), first);
  });

  it('another value at the same height, round and step is refused, also after a restart', async () => {
    await signer.sign(request([1, 0, STEP_PREVOTE], 'A'));
    const other = request([1, 0, STEP_PREVOTE], 'B');
    await assert.rejects(signer.sign(other), isKind(ErrSignConflict));
    const reopened = await openSigner(files, true);
    await assert.rejects(reopened.sign(other), isKind(ErrSignConflict));
  });

  const REGRESSIONS: [string, [number, number, SignStep]][] = [
    ['height', [4, 9, STEP_PRECOMMIT]],
    ['round', [5, 2, STEP_PRECOMMIT]],
    ['step', [5, 3, STEP_PROPOSE]],
  ];
  for (const [what, place] of REGRESSIONS) {
    it(`a lower ${what} is refused`, async () => {
      await signer.sign(request([5, 3, STEP_PREVOTE], 'A'));
      await assert.rejects(signer.sign(request(place, 'A')), isKind(ErrSignRegression));
    });
  }

  it('requests at the same moment are answered one after the other', async () => {
    const places: [number, number, SignStep][] = [
      [1, 0, STEP_PREVOTE],
      [1, 0, STEP_PRECOMMIT],
      [2, 0, STEP_PREVOTE],
    ];
    await Promise.all(places.map((place) => signer.sign(request(place, 'A'))));
    await assert.rejects(
      signer.sign(request([1, 1, STEP_PREVOTE], 'A')),
      isKind(ErrSignRegression),
    );
  });

  it('the last signed step is on disk before the signature is given', async () => {
    await signer.sign(request([7, 1, STEP_PRECOMMIT], 'A'));
    const { height, round, step } = JSON.parse(await readFile(files.stateFile, 'utf8')) as Record<
      string,
      unknown
    >;
    assert.deepEqual([height, round, step], ['7', 1, 3]);
  });

  it('a missing state file is made at genesis and refused past it', async () => {
    await rm(files.stateFile);
    await assert.rejects(openSigner(files, true), exits(78));
    await openSigner(files, false);
    await openSigner(files, true);
  });

  it('a damaged state file is refused with exit code 65', async () => {
    for (const text of ['', '{', '{"height": 5}', '{"height":"05","round":0,"step":1}']) {
      await writeFile(files.stateFile, text);
      await assert.rejects(openSigner(files, true), exits(65), text);
    }
  });

  it('any changed byte of the state file is refused, or says no less than before', async () => {
    await signer.sign(request([12, 3, STEP_PREVOTE], 'A'));
    const sound = await readFile(files.stateFile);
    let refused = 0;
    for (let at = 0; at < sound.length; at += 1) {
      for (const bit of [at % 7]) {
        const changed = Buffer.from(sound);
        changed[at]! ^= 1 << bit;
        await writeFile(files.stateFile, changed);
        const opened = await openSigner(files, true).catch((error: unknown) => error);
        if (!(opened instanceof FileSigner)) {
          assert.ok(exits(65)(opened), `byte ${at}, bit ${bit}: ${String(opened)}`);
          refused += 1;
          continue;
        }
        const { height, round, step } = opened.last;
        assert.deepEqual([height, round, step], [12, 3, 2], `byte ${at}, bit ${bit}`);
        const other = opened.sign(request([12, 3, STEP_PREVOTE], 'B'));
        await assert.rejects(other, isKind(ErrSignConflict));
      }
    }
    assert.ok(refused > sound.length / 2);
  });

  it('a state file cut anywhere, zeroed or with garbage behind is refused', async () => {
    await signer.sign(request([12, 3, STEP_PREVOTE], 'A'));
    const sound = await readFile(files.stateFile);
    const broken = Array.from({ length: sound.length - 2 }, (_, size) => sound.subarray(0, size));
    broken.push(Buffer.alloc(sound.length), Buffer.concat([sound, Buffer.from('}')]));
    for (const bytes of broken) {
      await writeFile(files.stateFile, bytes);
      await assert.rejects(openSigner(files, true), exits(65), `${bytes.length} bytes`);
    }
  });

  it('an older copy of the state file is refused by the mark beside the key, and so is none', async () => {
    const marked = { ...files, markFile: join(folder, 'mark.json') };
    const old = await readFile(files.stateFile);
    const first = await openSigner(marked, false);
    await first.sign(request([6, 0, STEP_PREVOTE], 'A'));
    await openSigner(marked, true);
    const newest = await readFile(files.stateFile);
    await writeFile(files.stateFile, old);
    await assert.rejects(openSigner(marked, true), exits(78));
    await rm(files.stateFile);
    await assert.rejects(openSigner(marked, false), exits(78));
    await writeFile(files.stateFile, newest);
    const mark = await readFile(marked.markFile);
    mark[mark.indexOf('6')]! ^= 1;
    await writeFile(marked.markFile, mark);
    await assert.rejects(openSigner(marked, true), exits(65));
  });

  it('a mark that cannot be written does not keep the key from signing', async () => {
    const marked = { ...files, markFile: join(folder, 'none', 'mark.json') };
    const opened = await openSigner(marked, false);
    await opened.sign(request([2, 0, STEP_PREVOTE], 'A'));
    assert.equal((await SignedMark.open(marked.markFile)).height, 0);
  });

  it('a key file that others can read is refused with exit code 78', async () => {
    await chmod(files.keyFile, 0o644);
    await assert.rejects(openSigner(files, true), exits(78));
  });

  it('signs a peer binding and nothing else that way', () => {
    assert.throws(() => signer.bindPeer(utf8('anything')), isKind(ErrSignConflict));
    const binding = utf8('bitscale peer binding v1\nchain\npeer');
    assert.ok(verifyEd25519(signer.pubKey, binding, signer.bindPeer(binding)));
  });
});
