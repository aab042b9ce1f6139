import assert from 'node:assert/strict';
import { verifyChain, type StoredBlock } from './chain.ts';
import * as formats from './formats.ts';
import { sha256 } from './hashes.ts';
import { GENESIS, doubleVote, makeChain, member, signed, timeAt, type Plan } from './made-chain.ts';
import { join, type Bytes } from './proto.ts';
import { scanVotes } from './votes.ts';
import { Agreement, votesOf } from './several.ts';

const OTHER = sha256(new Uint8Array([1]));

function rulesOf(blocks: Iterable<StoredBlock>, genesis = GENESIS): string[] {
  return [...new Set(verifyChain(genesis, blocks).map(({ rule }) => rule))];
}

/** Changes the header of block 3 before it is signed. */
const header = (changes: Partial<formats.Header>): Plan => ({
  edit: (height, block) =>
    height === 3 ? { ...block, header: { ...block.header, ...changes } } : block,
});

/** Changes the signed commit of height 3. */
const commit = (change: (commit: formats.Commit) => formats.Commit): Plan => ({
  editCommit: (height, signedCommit) => (height === 3 ? change(signedCommit) : signedCommit),
});

const entry = (change: (sig: formats.CommitSig) => formats.CommitSig, at = 1): Plan =>
  commit((one) => ({
    ...one,
    signatures: one.signatures.map((sig, index) => (index === at ? change(sig) : sig)),
  }));

const evidence = (change: (one: formats.DuplicateVotes) => formats.DuplicateVotes): Plan => ({
  evidence: (height, setAt) => (height === 3 ? [change(doubleVote(1, 2, setAt))] : []),
});

const busy: Plan = {
  heights: 12,
  flag: (height, index) => (index !== 2 ? 2 : height % 2 === 0 ? 1 : 3),
  updates: (height) => {
    if (height === 2) return [member(4, 25n)];
    if (height === 4) return [member(0, 0n), member(1, 13n)];
    if (height === 6) return [member(5, 1n), member(4, 10n)];
    return [];
  },
  evidence: (height, setAt) => {
    if (height === 3) return [doubleVote(1, 0, setAt), doubleVote(2, 1, setAt)];
    return height === 7 ? [doubleVote(5, 3, setAt)] : [];
  },
  txs: (height) => (height === 5 ? [new Uint8Array(150_000)] : height % 3 === 0 ? [] : [OTHER]),
};

describe('verifier: a chain in order', () => {
  it('holds: absent and nil votes, changing validators, evidence, a block of three parts', () => {
    assert.deepEqual(verifyChain(GENESIS, makeChain(busy)), []);
  });

  it('holds from any block on, its validators being known', () => {
    const chain = makeChain(busy);
    for (let from = 1; from < chain.length; from += 1) {
      assert.deepEqual(verifyChain(GENESIS, chain.slice(from)), []);
    }
  });

  it('holds without results and stored validators as long as validators do not change', () => {
    const bare = (plan?: Plan): StoredBlock[] =>
      makeChain(plan).map(({ height, block, seenCommit }) => ({ height, block, seenCommit }));
    assert.deepEqual(verifyChain(GENESIS, bare()), []);
    assert.ok(rulesOf(bare(busy)).includes('validators'));
  });

  it('holds when all its signatures are make-believe, for who is told so', () => {
    const chain = makeChain(entry((sig) => ({ ...sig, signature: new Uint8Array(64) })));
    assert.deepEqual(rulesOf(chain), ['commit', 'last commit']);
    assert.deepEqual(verifyChain(GENESIS, chain, { verify: () => true }), []);
  });
});

describe('verifier: one broken rule, everything else signed and hashed as it must be', () => {
  const rest = { seconds: 1n, nanos: 1 };
  const CASES: [string, Plan, string[]][] = [
    ['another block version', header({ blockVersion: 10n }), ['version']],
    ['another chain', header({ chainId: 'made-2' }), ['chain id']],
    ['another height', header({ height: 4n }), ['height']],
    ['the time of the block before', header({ time: timeAt(2) }), ['time']],
    ['time long past', header({ time: rest }), ['time']],
    ['another block before it', header({ lastBlockId: formats.NO_BLOCK }), ['last block id']],
    ['another last commit hash', header({ lastCommitHash: OTHER }), ['last commit hash']],
    ['another data hash', header({ dataHash: OTHER }), ['data hash']],
    ['another validators hash', header({ validatorsHash: OTHER }), ['validators hash']],
    ['other next validators', header({ nextValidatorsHash: OTHER }), ['next validators hash']],
    ['another consensus hash', header({ consensusHash: OTHER }), ['consensus hash']],
    ['another app hash', header({ appHash: OTHER }), ['app hash']],
    ['another results hash', header({ lastResultsHash: OTHER }), ['last results hash']],
    ['another evidence hash', header({ evidenceHash: OTHER }), ['evidence hash']],
    ['a proposer who is no validator', header({ proposer: OTHER.slice(0, 20) }), ['proposer']],
    ['too many bytes', { txs: () => [new Uint8Array(200_000)] }, ['size']],
    [
      'exactly 2/3 of the power',
      { flag: (height, index) => (height === 3 && index < 2 ? 1 : 2) },
      ['commit', 'last commit'],
    ],
    [
      'nil votes do not count',
      { flag: (height, index) => (height === 3 && index < 2 ? 3 : 2) },
      ['commit', 'last commit'],
    ],
    [
      'a commit of another height',
      commit((one) => ({ ...one, height: 2n })),
      ['commit', 'last commit'],
    ],
    [
      'a commit of another round',
      commit((one) => ({ ...one, round: 1 })),
      ['commit', 'last commit'],
    ],
    [
      'a commit for another block',
      commit((one) => ({ ...one, blockId: { ...one.blockId, total: 2 } })),
      ['commit', 'last commit'],
    ],
    [
      'an entry too few',
      commit((one) => ({ ...one, signatures: one.signatures.slice(1) })),
      ['commit', 'last commit'],
    ],
    ['a wrong signature', entry((sig) => ({ ...sig, time: rest })), ['commit', 'last commit']],
    [
      "another validator's address",
      entry((sig) => ({ ...sig, address: GENESIS.validators[0]!.address })),
      ['commit', 'last commit'],
    ],
    ['an unknown flag', entry((sig) => ({ ...sig, flag: 4 })), ['commit', 'last commit']],
    ['absent with a signature', entry((sig) => ({ ...sig, flag: 1 })), ['commit', 'last commit']],
    [
      'absent with a time',
      {
        flag: (height, index) => (height === 3 && index === 1 ? 1 : 2),
        ...entry((sig) => ({ ...sig, time: rest })),
      },
      ['commit', 'last commit'],
    ],
    [
      'evidence with its votes the wrong way round',
      evidence((one) => ({ ...one, voteA: one.voteB, voteB: one.voteA })),
      ['evidence'],
    ],
    ['evidence of one vote twice', evidence((one) => ({ ...one, voteB: one.voteA })), ['evidence']],
    [
      'evidence nobody signed',
      evidence((one) => ({ ...one, voteB: { ...one.voteB, signature: one.voteA.signature } })),
      ['evidence'],
    ],
    ['evidence with another total', evidence((one) => ({ ...one, totalPower: 41n })), ['evidence']],
    [
      'evidence with another power',
      evidence((one) => ({ ...one, validatorPower: 9n })),
      ['evidence'],
    ],
    ['evidence of another time', evidence((one) => ({ ...one, time: timeAt(2) })), ['evidence']],
    [
      'evidence of two rounds',
      evidence((one) => ({ ...one, voteB: signed({ ...one.voteB, round: 1 }) })),
      ['evidence'],
    ],
    [
      'evidence with another index',
      evidence((one) => ({ ...one, voteB: { ...one.voteB, index: 1 } })),
      ['evidence'],
    ],
    [
      'evidence of two validators',
      evidence((one) => ({
        ...one,
        voteB: { ...one.voteB, address: GENESIS.validators[1]!.address },
      })),
      ['evidence'],
    ],
    [
      'evidence that is too old',
      { evidence: (height, setAt) => (height === 6 ? [doubleVote(1, 0, setAt)] : []) },
      ['evidence'],
    ],
    [
      'evidence twice',
      {
        evidence: (height, setAt) =>
          height === 3 || height === 4 ? [doubleVote(2, 0, setAt)] : [],
      },
      ['evidence'],
    ],
    [
      'evidence of its own height',
      { evidence: (height, setAt) => (height === 3 ? [doubleVote(3, 0, setAt)] : []) },
      ['evidence'],
    ],
  ];
  for (const [name, plan, expected] of CASES) {
    it(name, () => assert.deepEqual(rulesOf(makeChain(plan)), expected));
  }

  it('a first block that follows another one, or carries a commit', () => {
    const first = (change: (block: formats.Block) => formats.Block): Plan => ({
      edit: (height, block) => (height === 1 ? change(block) : block),
    });
    const id = { hash: OTHER, total: 1, partsHash: OTHER };
    const follows = first((one) => ({ ...one, header: { ...one.header, lastBlockId: id } }));
    assert.deepEqual(rulesOf(makeChain(follows)), ['last block id']);
    const carries = first((one) => ({ ...one, lastCommit: { ...one.lastCommit, round: 1 } }));
    assert.deepEqual(rulesOf(makeChain(carries)), ['last commit']);
  });
});

describe('verifier: stores that are not whole', () => {
  const chain = makeChain();
  const changed = (at: number, changes: Partial<StoredBlock>): StoredBlock[] =>
    chain.map((one) => (one.height === at ? { ...one, ...changes } : one));

  it('a gap, a wrong id, a tip without proof, validators not in force, results not hashed', () => {
    assert.ok(rulesOf(chain.filter(({ height }) => height !== 3)).includes('order'));
    const { blockId } = chain[1]!;
    assert.deepEqual(rulesOf(changed(3, { blockId })), ['block id']);
    assert.deepEqual(rulesOf(changed(6, { seenCommit: undefined })), ['commit']);
    assert.deepEqual(rulesOf(changed(3, { validators: [member(0, 10n)] })), ['validators']);
    const outcome = { results: [], updates: [], params: undefined, appHash: OTHER };
    assert.deepEqual(rulesOf(changed(3, { outcome })), ['app hash', 'last results hash']);
    assert.deepEqual(rulesOf(changed(3, { unreadable: ['a record'] })), ['encoding']);
  });

  it('a block that means the same in other bytes', () => {
    const { block } = chain[2]!;
    // The unknown field 15 and an explicit zero change the parts, and nothing else.
    for (const extra of [Uint8Array.of(0x78, 1), Uint8Array.of(0x22, 0)]) {
      assert.ok(rulesOf(changed(3, { block: join([block, extra]) })).includes('encoding'));
    }
  });

  it('two nodes with different blocks', () => {
    const agreement = new Agreement();
    const other = makeChain({ txs: (height) => (height < 4 ? [] : [OTHER]) });
    const mine = makeChain({ txs: () => [] });
    for (const block of mine) assert.deepEqual(agreement.add('a', block), []);
    const heights = other.flatMap((block) => agreement.add('b', block)).map(({ height }) => height);
    assert.deepEqual(heights, [4, 5, 6]);
  });
});

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

describe('verifier: any flipped bit', function () {
  this.timeout(120_000);
  const SEED = Number(process.env['SEED'] ?? 1);
  const FLIPS = 600;
  const chain = makeChain({ ...busy, heights: 5, txs: () => [OTHER] });

  it(`of a stored block, block id or tip commit is found: ${FLIPS} flips, seed ${SEED}`, () => {
    const below = numbers(SEED);
    const fields = ['block', 'block', 'block', 'blockId', 'seenCommit'] as const;
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const height = 1 + below(chain.length);
      const field = fields[below(fields.length)]!;
      const bytes = chain[height - 1]![field] as Bytes;
      const [at, bit] = [below(bytes.length), below(8)];
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << bit;
      const broken = chain.map((one) =>
        one.height === height ? { ...one, [field]: flipped } : one,
      );
      const violations = verifyChain(GENESIS, broken);
      const where = `seed ${SEED}, flip ${flip}: ${field} of ${height}, byte ${at}, bit ${bit}`;
      assert.ok(violations.length > 0, where);
    }
  });
});

describe('verifier: double votes', () => {
  const chain = makeChain();
  const all = chain.flatMap(votesOf);
  const [vote] = all;

  it('a chain has every vote several times and no two against each other', () => {
    assert.ok(all.length > 40);
    assert.deepEqual(scanVotes(all), []);
    assert.deepEqual(scanVotes([...all, { ...vote!, time: timeAt(9) }]), []);
  });

  const PLACES: [string, Partial<formats.Vote>, number][] = [
    ['another block', { blockId: { ...vote!.blockId, hash: OTHER } }, 1],
    ['the same block cut otherwise', { blockId: { ...vote!.blockId, total: 2 } }, 1],
    ['nil', { blockId: formats.NO_BLOCK }, 1],
    ['another round', { blockId: formats.NO_BLOCK, round: 1 }, 0],
    ['another height', { blockId: formats.NO_BLOCK, height: 99n }, 0],
    ['another step', { blockId: formats.NO_BLOCK, type: 1 }, 0],
    ['another key', { blockId: formats.NO_BLOCK, address: OTHER.slice(0, 20) }, 0],
  ];
  for (const [name, changes, count] of PLACES) {
    it(`one more vote, for ${name}: ${count}`, () => {
      const other = { ...vote!, ...changes };
      assert.equal(scanVotes([...all, other]).length, count);
      assert.equal(scanVotes([formats.writeVote(other), ...all]).length, count);
      assert.equal(scanVotes([...all, other], (one) => one !== other).length, 0);
    });
  }
});
