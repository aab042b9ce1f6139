/** Evidence of attacks on light clients: CometBFT's form of it, its hash, and the double votes that are in it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { toUpperHex } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { ErrInvalidEvidence } from '../../../node/consensus/evidence.ts';
import { evidenceFromJson } from '../../../node/rpc/json/evidence-input.ts';
import {
  addThatHold,
  attackHash,
  doubleVotes,
  type LightClientAttack,
} from '../../../node/rpc/light-attack.ts';
import { FakeBlocks } from './fake-node.ts';
import { recordedChain, type Recorded } from './recorded.ts';

const file = new URL('../../vectors/comet-evidence/light-client-attack.json', import.meta.url);
const vector = JSON.parse(readFileSync(file, 'utf8')) as Recorded;

function attackOf(json: unknown): LightClientAttack {
  const input = evidenceFromJson(json);
  assert.ok('attack' in input);
  return input.attack;
}

describe('rpc/evidence of an attack on light clients', () => {
  const attack = attackOf(vector.evidence);
  const blocks = new FakeBlocks(recordedChain());
  const own = blocks.commit(7)!.commit;

  it('is read as CometBFT writes it', () => {
    const { commit, commonHeight } = attack;
    assert.deepEqual([commit.height, commit.round, commonHeight], [7, 0, 1]);
    assert.equal(toUpperHex(commit.blockId.hash), vector.header_hash);
    const flags = commit.signatures.map(({ flag }) => flag);
    assert.deepEqual(flags, [2, 1]);
    assert.deepEqual(commit.signatures[0]?.signature, new Uint8Array(64).fill(8));
    assert.equal(commit.signatures[1]?.signature.length, 0);
  });

  for (const { common_height: height, hash } of vector.hashes) {
    it(`has CometBFT's hash for the common height ${height}`, () => {
      assert.equal(toUpperHex(attackHash({ ...attack, commonHeight: Number(height) })), hash);
    });
  }

  it('becomes the double votes of those who signed both blocks in one round', () => {
    const [signature] = own.signatures;
    const address = signature!.address;
    const theirs = { ...attack.commit.signatures[0]!, address };
    const other = { ...attack.commit, round: own.round, signatures: [theirs] };
    const [evidence, ...more] = doubleVotes({ commonHeight: 1, commit: other }, blocks);
    assert.deepEqual(more, []);
    assert.ok(evidence);
    const votes = [evidence.voteA, evidence.voteB];
    const ids = votes.map(({ blockId }) => toUpperHex(blockId.hash));
    assert.deepEqual(ids, [...ids].sort(), 'in the order of their blocks');
    assert.deepEqual(new Set(ids), new Set([toUpperHex(own.blockId.hash), vector.header_hash]));
    for (const { type, height, round, index, address: voter } of votes) {
      assert.deepEqual([type, height, round, index, voter], [2, 7, own.round, 0, address]);
    }
    assert.deepEqual(evidence.time, blocks.block(7)!.block.header.time);
    assert.deepEqual([evidence.validatorPower, evidence.totalVotingPower], [10n, 10n]);
  });

  it('is taken for what holds in it, and refused when nothing does', () => {
    const { address } = own.signatures[0]!;
    const theirs = { ...attack.commit.signatures[0]!, address };
    const other = { ...attack.commit, round: own.round, signatures: [theirs] };
    const [good] = doubleVotes({ commonHeight: 1, commit: other }, blocks);
    assert.ok(good);
    const forged = { ...good, validatorPower: 11n };
    const added: unknown[] = [];
    const add = (votes: typeof good): void => {
      if (votes === forged) throw new BitscaleError(ErrInvalidEvidence, 'wrong signature');
      added.push(votes);
    };
    addThatHold([forged, good, forged], add);
    assert.deepEqual(added, [good]);
    assert.throws(() => addThatHold([forged, forged], add), /wrong signature/);
  });

  const signed = own.signatures[0]!;
  const NOBODY: [string, Partial<LightClientAttack['commit']>, RegExp][] = [
    ['another round', { round: own.round + 1, signatures: [signed] }, /nobody can be punished/],
    ['signatures of strangers only', {}, /nobody can be punished/],
    ['no signature', { signatures: [] }, /nobody can be punished/],
    ['nil votes', { signatures: [{ ...signed, flag: 3 }] }, /nobody can be punished/],
    ['the block of this chain', { blockId: own.blockId }, /is the one of this chain/],
    ['a height that is not here', { height: 9999 }, /could not find a commit/],
  ];
  for (const [name, change, text] of NOBODY) {
    it(`is refused with ${name}`, () => {
      const commit = { ...attack.commit, ...change };
      assert.throws(() => doubleVotes({ ...attack, commit }, blocks), { data: text });
    });
  }

  const without = (edit: (body: Recorded) => void): unknown => {
    const json = structuredClone(vector.evidence);
    edit(json.value);
    return json;
  };
  for (const [name, edit] of [
    ['no block', (body: Recorded) => delete body.ConflictingBlock],
    ['no commit', (body: Recorded) => delete body.ConflictingBlock.signed_header.commit],
    ['no signatures', (b: Recorded) => delete b.ConflictingBlock.signed_header.commit.signatures],
    ['no common height', (body: Recorded) => delete body.CommonHeight],
    ['a height that is a number', (body: Recorded) => (body.CommonHeight = 1)],
    [
      'an unknown flag',
      (b: Recorded) => (b.ConflictingBlock.signed_header.commit.signatures[0].block_id_flag = 4),
    ],
  ] as const) {
    it(`cannot be read with ${name}`, () => {
      assert.throws(() => evidenceFromJson(without(edit)), { code: -32602 });
    });
  }

  it('has no other kinds', () => {
    const other = { type: 'tendermint/NopeEvidence', value: {} };
    assert.throws(() => evidenceFromJson(other), { code: -32602 });
  });
});
