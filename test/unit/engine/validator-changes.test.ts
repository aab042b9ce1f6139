/** The set of validators may change with every block; its rotation and its commits go on without a gap. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { verifyCommit } from '../../../node/consensus/verify-commit.ts';
import { modeFor } from '../../../node/engine/height.ts';
import { CHAIN_ID, MORE_SEEDS, SEEDS, testChain } from './chain-fixture.ts';

const KEYS = [...SEEDS, ...MORE_SEEDS].slice(0, 8).map(ed25519PublicKey);

/** Powers by key, as the chain should have them; zero: not a member. */
type Powers = readonly number[];

const FIRST: Powers = KEYS.map((_, index) => (index < SEEDS.length ? 10 : 0));

/** One change per block: a key and its new power. Removing the last one would leave nobody. */
const anyChanges = fc.array(
  fc.record({ key: fc.nat({ max: KEYS.length - 1 }), power: fc.constantFrom(0, 0, 1, 7, 30) }),
  { minLength: 4, maxLength: 12 },
);

const addressOf = (key: number): string => toHex(sha256(KEYS[key]!).slice(0, 20));

describe('validators change with every block', function () {
  this.timeout(60_000);

  it('what block X changes is in force from X + 2; headers, commits and leaders follow', async () => {
    await fc.assert(
      fc.asyncProperty(anyChanges, async (changes) => {
        const chain = await testChain();
        /** Powers in force, by height. */
        const expected: Powers[] = [FIRST, FIRST, FIRST];
        for (const [block, { key, power }] of changes.entries()) {
          const newest = expected.at(-1)!;
          const changed = newest.with(key, power);
          const isGood = changed.some((one) => one > 0) && (power > 0 || newest[key]! > 0);
          chain.txs = isGood ? [utf8(`val${toHex(KEYS[key]!)}=${power}`)] : [];
          expected.push(isGood ? changed : newest);
          const { proposerAddress } = chain.make().block.header;
          assert.deepEqual(proposerAddress, chain.state().validators.proposer.address);
          await chain.grow(1);
          assert.equal(chain.state().height, block + 1);
        }
        for (let height = 1; height <= changes.length; height += 1) {
          const set = chain.store.validators(height)!;
          const members = set.validators.map(({ address, power }) => `${toHex(address)} ${power}`);
          const wanted = expected[height]!.flatMap((power, key) =>
            power > 0 ? [`${addressOf(key)} ${power}`] : [],
          );
          assert.deepEqual(members.toSorted(), wanted.toSorted(), `height ${height}`);
          const { block, blockId } = chain.store.block(height)!;
          assert.deepEqual(block.header.validatorsHash, set.hash());
          const next = chain.store.validators(height + 1)!;
          assert.deepEqual(block.header.nextValidatorsHash, next.hash());
          const { commit } = chain.store.commit(height)!;
          verifyCommit({ chainId: CHAIN_ID, validators: set, height, blockId, commit });
          assert.ok(set.byAddress(block.header.proposerAddress), 'the leader is a member');
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('star or clique', () => {
  const cases = [
    ['star', 4, 'star'],
    ['clique', 100, 'clique'],
    ['auto', 1, 'clique'],
    ['auto', 30, 'clique'],
    ['auto', 31, 'star'],
  ] as const;
  for (const [setting, size, mode] of cases) {
    it(`"${setting}" with ${size} validators is ${mode}`, () => {
      assert.equal(modeFor(setting, size), mode);
    });
  }
});
