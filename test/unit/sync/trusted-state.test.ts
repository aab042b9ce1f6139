/** What peers say of a state that headers do not cover, and peers that contradict each other. */
import assert from 'node:assert/strict';
import { equal, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { ErrLightConflict } from '../../../node/consensus/light-bisection.ts';
import type { LightBlock } from '../../../node/consensus/light.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import type { LightRecord } from '../../../node/sync/expected.ts';
import { LightSource } from '../../../node/sync/light-source.ts';
import { decodeStateRequest, encodeLightRecord } from '../../../node/sync/state-messages.ts';
import { trustedState } from '../../../node/sync/trusted-state.ts';
import { chainOfBlocks, NOW_OPTIONS, signedBlock } from '../consensus/light-chain.ts';

const MEMBERS = [0, 1, 2, 3];
const blocks = chainOfBlocks(30, () => MEMBERS);
const params = utf8('parameters');
const at = (height: number): LightBlock => blocks.get(height)!;
const HEIGHT = 20;

/** What a peer answers for a height; undefined: it has none. */
type Peer = (height: number) => LightRecord | undefined;

const honest: Peer = (height) => {
  const block = blocks.get(height);
  return block && { block, params };
};

function run(peers: Record<string, Peer>) {
  const struck = new Map<string, number>();
  const network = {
    peers: () => Object.keys(peers),
    peersOf: () => [],
    strike: (peerId: string, points: number) => {
      struck.set(peerId, (struck.get(peerId) ?? 0) + points);
    },
    ask: async (peerId: string, question: Bytes) => {
      const request = decodeStateRequest(question);
      assert.equal(request.type, 'light');
      const record = request.type === 'light' ? peers[peerId]!(request.height) : undefined;
      return record === undefined ? [] : [encodeLightRecord(record)];
    },
  };
  const chain = {
    chainId: at(1).header.chainId,
    paramsHash: (bytes: Bytes) => (equal(bytes, params) ? at(1).header.consensusHash : bytes),
    offer: () => 'reject' as const,
    apply: async () => 'reject' as const,
    begin: async () => undefined,
  };
  const source = new LightSource(network, chain.chainId);
  const deps = { source, chain, logger: silentLogger };
  return { struck, state: trustedState(deps, at(1), HEIGHT, NOW_OPTIONS) };
}

const rotated = (turns: number): Peer => {
  return (height) => {
    const record = honest(height);
    if (record === undefined || height < HEIGHT) return record;
    const validators = record.block.validators.advance(turns);
    return { ...record, block: { ...record.block, validators } };
  };
};

describe('the state that is trusted', () => {
  it('is that of three headers in a row', async () => {
    const { state, struck } = run({ a: honest, b: honest });
    const found = await state;
    const hashes = [found?.at, found?.next, found?.afterNext].map((one) => one?.header.height);
    assert.deepEqual(hashes, [HEIGHT, HEIGHT + 1, HEIGHT + 2]);
    assert.deepEqual(found?.params, params);
    assert.equal(struck.size, 0);
  });

  it('is not there before the headers after it are', async () => {
    const short: Peer = (height) => (height <= HEIGHT + 1 ? honest(height) : undefined);
    assert.equal(await run({ a: short }).state, undefined);
  });

  it('is found past peers that lie or have nothing', async () => {
    const silent: Peer = () => undefined;
    const forged: Peer = (height) => {
      const record = honest(height)!;
      const header = { ...record.block.header, appHash: new Uint8Array(32) };
      return { ...record, block: { ...record.block, header } };
    };
    const { state, struck } = run({ forged, silent, good: honest, bad: forged });
    assert.ok(await state);
    assert.equal(struck.get('good'), undefined);
    assert.equal(struck.get('silent'), undefined);
  });

  it('a fork signed by strangers bans who gives it', async () => {
    const strangers = chainOfBlocks(30, (height) => (height === 1 ? MEMBERS : [5, 6, 7, 8]));
    const fork: Peer = (height) => ({ block: strangers.get(height)!, params });
    const { state, struck } = run({ fork, good: honest });
    assert.equal((await state)?.at.header.height, HEIGHT);
    assert.ok((struck.get('fork') ?? 100) >= 100);
    assert.equal(struck.get('good'), undefined);
  });

  it('a rotation that gives the proposer no turn bans who tells it', async () => {
    const { state, struck } = run({ a: rotated(1), good: honest });
    const found = await state;
    assert.deepEqual(found?.next.validators.validators, at(HEIGHT + 1).validators.validators);
    assert.deepEqual([...struck], [['a', 100]]);
  });

  it('of rotations that could be, the one most peers tell is taken', async () => {
    // A whole circle: the same one is next, with other priorities.
    const shifted: Peer = (height) => {
      const record = honest(height);
      if (record === undefined) return undefined;
      const { validators, proposer } = record.block.validators;
      const others = validators.filter((one) => one !== proposer);
      const moved = others.map((one, index) => ({
        ...one,
        priority: one.priority - BigInt(index),
      }));
      const set = ValidatorSet.restore([proposer, ...moved], proposer);
      return { ...record, block: { ...record.block, validators: set } };
    };
    const { state, struck } = run({ liar: shifted, a: honest, b: honest });
    const found = await state;
    assert.deepEqual(found?.next.validators.validators, at(HEIGHT + 1).validators.validators);
    assert.equal(struck.size, 0);
  });

  it('parameters that do not fit the header ban who tells them', async () => {
    const other: Peer = (height) => {
      const record = honest(height);
      return record && { ...record, params: utf8('others') };
    };
    const { state, struck } = run({ other, good: honest });
    assert.deepEqual((await state)?.params, params);
    assert.deepEqual([...struck], [['other', 100]]);
  });

  it('two headers of one height, both signed by the validators, stop it', async () => {
    const twice: Peer = (height) => {
      const record = honest(height);
      if (record === undefined || height !== HEIGHT + 1) return record;
      const header = { ...record.block.header, appHash: new Uint8Array(32) };
      return { ...record, block: signedBlock(header, record.block.validators, MEMBERS) };
    };
    const { state } = run({ twice, good: honest });
    await assert.rejects(state, (error) => {
      return error instanceof BitscaleError && error.kind === ErrLightConflict;
    });
  });
});
