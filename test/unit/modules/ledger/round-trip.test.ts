/** A chain that goes on from the export of another goes on as if nothing had happened. */
import assert from 'node:assert/strict';
import type { L1Proven } from '../../../../proto/gen/bitscale/settlement/v1/types.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { BATCH_DATA } from '../../../../node/rollup/queries.ts';
import { ProverReplica } from '../../../../node/rollup/replica.ts';
import {
  bytesToBigInt,
  fromBase64,
  toBase64,
  toHex,
  utf8,
  type Bytes,
} from '../../../../node/base/bytes.ts';
import { InvariantError } from '../../../../node/base/errors.ts';
import { BatchHeader } from '../../../../proto/gen/bitscale/settlement/v1/types.ts';
import { LedgerChain } from './chain.ts';
import { History, SMALL } from './random-history.ts';
import { DOMAIN, wallet } from './support.ts';

const SEED = Number(process.env['SEED'] ?? 20261122);
const STORES = ['acc', 'bank', 'ledger', 'settlement', 'settlement_data', 'authz', 'feegrant'];

type Json = Record<string, unknown>;
type State = Record<string, Json>;

const OPTIONS = { shape: SMALL, maxAgeSeconds: 4n };

function goOn(chain: LedgerChain, height = chain.app.info().height + 1): LedgerChain {
  // Through text, as the file is.
  const state = JSON.parse(JSON.stringify(chain.app.exportGenesis())) as Json;
  const next = new LedgerChain({ ...OPTIONS, from: { state, height } });
  next.now = chain.now;
  return next;
}

const keysOf = (dump: string): string[] => dump.split('\n').map((line) => line.split('=')[0]!);

function assertSame(chain: LedgerChain, next: LedgerChain, isOpen: boolean): void {
  for (const store of STORES) assert.equal(next.dump(store), chain.dump(store), store);
  const [tree, again] = [chain.dump('ledger_tree'), next.dump('ledger_tree')];
  // An account that the open batch has changed is hashed as it is now: nobody reads it before the batch is sealed.
  if (isOpen) assert.deepEqual(keysOf(again), keysOf(tree));
  else assert.equal(again, tree);
}

const proven = (batch: bigint, rollingHash: Bytes): L1Proven => ({
  ...{ batch, rollingHash, txHash: sha256(utf8(`tx ${batch}`)), l1Block: 7n + batch },
});

/** Some batches attested by some, the first two final, and reports on which nobody agrees yet. */
async function settleSome(chain: LedgerChain): Promise<void> {
  const { rollingHash } = await chain.header(2n);
  await chain.report({ proven: [proven(2n, rollingHash)] });
  const [one, two] = chain.validators;
  assert.ok(one && two);
  const third = await chain.header(3n);
  const txs = [one, two].map((validator) =>
    chain.tx([chain.attestBatch(validator, 3n, third.rollingHash)], validator.key),
  );
  const deposit = { ...chain.nextDeposit(wallet(9), 1, 5n), index: 500n };
  const report = chain.attestL1(
    { deposits: [deposit], proven: [proven(3n, third.rollingHash)] },
    one.key,
  );
  const { txResults } = await chain.block([...txs, chain.tx([report], one.key)]);
  for (const { code, log } of txResults) assert.equal(code, 0, log);
}

describe('ledger and settlement/going on from an export', () => {
  it(`gives the same state, and the same answers ever after (seed ${SEED})`, async () => {
    const history = new History(SEED);
    const { chain } = history;
    await history.begin();
    for (let i = 0; i < 12; i++) await history.step();
    await settleSome(chain);
    let opened = 0;
    for (let round = 0; round < 5; round++) {
      await history.step();
      const isOpen = (await chain.status()).openOperations > 0;
      if (isOpen) opened += 1;
      const next = goOn(chain);
      const before = history.blocks.length;
      for (let i = 0; i < 4; i++) await history.step();
      for (const { txs, seconds, results } of history.blocks.slice(before)) {
        const response = await next.block(txs, seconds);
        assert.deepEqual(response.txResults, results);
      }
      assert.deepEqual(await next.status(), await chain.status());
      assertSame(chain, next, (await chain.status()).openOperations > 0);
    }
    assert.ok(opened > 0 && opened < 5, `${opened} of 5 exports had an open batch`);
  });

  it('the state is there before the first block, and exports as it was', async () => {
    const history = new History(SEED + 1);
    await history.begin();
    for (let i = 0; i < 8; i++) await history.step();
    await settleSome(history.chain);
    const exported = history.chain.app.exportGenesis();
    const next = goOn(history.chain);
    assert.deepEqual(next.app.exportGenesis(), exported);
    const height = history.chain.app.info().height + 1;
    const [one, two] = [goOn(history.chain), goOn(next, height)];
    const [first, second] = [await one.block(), await two.block()];
    assert.equal(toHex(first.appHash), toHex(second.appHash));

    // Provers find every batch of the old chain in the new one.
    const replica = new ProverReplica(DOMAIN, SMALL);
    const { sealed } = await one.status();
    assert.ok(sealed >= 3n);
    for (let number = 1n; number <= sealed; number++) {
      const { batch } = await one.ask.query(BATCH_DATA, { number });
      assert.ok(batch?.header);
      replica.advance(batch);
      assert.equal(replica.root, bytesToBigInt(batch.header.newRoot));
    }
  });

  it('an export of a chain without payments says nothing of them', async () => {
    const chain = new LedgerChain();
    await chain.block();
    const { ledger, settlement } = chain.app.exportGenesis() as State;
    assert.deepEqual([ledger?.['state'], settlement?.['state']], [undefined, undefined]);
  });

  describe('refuses', () => {
    let text: string;
    let height: number;

    before(async () => {
      const history = new History(SEED + 2);
      await history.begin();
      for (let i = 0; i < 8; i++) await history.step();
      // The newest batch is sealed by age.
      await history.chain.block([], 10n);
      text = JSON.stringify(history.chain.app.exportGenesis());
      height = history.chain.app.info().height + 1;
    });

    const ledger = (state: State) => state['ledger']!['state'] as Json;
    const settlement = (state: State) => state['settlement']!['state'] as Json;
    const items = (state: Json, name: string) => state[name] as Json[];
    const changeHeader = (state: State, place: number, change: Partial<BatchHeader>): void => {
      const batch = items(settlement(state), 'batches')[place]!;
      const header = BatchHeader.decode(fromBase64(batch['header'] as string));
      batch['header'] = toBase64(BatchHeader.encode({ ...header, ...change }).finish());
    };

    const WRONG: [string, (state: State) => void, RegExp][] = [
      [
        'an account with more than there is',
        (state) => (items(ledger(state), 'accounts')[0]!['balance'] = '999999'),
        /the accounts hold/,
      ],
      [
        'another nonce: it does not give the root',
        (state) => (items(ledger(state), 'accounts')[0]!['nonce'] = '77'),
        /root \d+, the accounts give/,
      ],
      [
        'an account twice',
        (state) => items(ledger(state), 'accounts').push(items(ledger(state), 'accounts')[0]!),
        /account 1 twice/,
      ],
      [
        'an account past the next free one',
        (state) => (items(ledger(state), 'accounts')[0]!['index'] = 4000),
        /index must be a whole number/,
      ],
      [
        'a key off the curve',
        (state) => (items(ledger(state), 'accounts')[0]!['ax'] = '0'.repeat(63) + '5'),
        /off the curve/,
      ],
      [
        'an unlisted token',
        (state) => (items(ledger(state), 'accounts')[0]!['token'] = 9),
        /unlisted token/,
      ],
      [
        'an intent of a batch to come',
        (state) => (items(ledger(state), 'intents')[0]!['batch'] = '4000'),
        /an intent in batch 4000/,
      ],
      [
        'batches without a root',
        (state) => (ledger(state)['root'] = null),
        /a root is given when a batch was sealed/,
      ],
      [
        'fewer batches than the ledger has sealed',
        (state) => (settlement(state)['sealed'] = '1'),
        /1 batches, the ledger has sealed/,
      ],
      [
        'a ledger without its settlement',
        (state) => delete state['settlement']!['state'],
        /0 batches, the ledger has sealed/,
      ],
      [
        'more final batches than sealed ones',
        (state) => (settlement(state)['final'] = '4000'),
        /final is 4000/,
      ],
      [
        'a batch left out',
        (state) => items(settlement(state), 'batches').splice(1, 1),
        /batch 3 at place 2/,
      ],
      [
        'a content that is not of the header',
        (state) => (items(settlement(state), 'batches')[1]!['content'] = ''),
        /batch 2 has another content/,
      ],
      [
        'a batch that begins elsewhere',
        (state) => changeHeader(state, 1, { oldRoot: new Uint8Array(32) }),
        /batch 2 begins elsewhere/,
      ],
      [
        'a newest batch that leads elsewhere',
        (state) =>
          changeHeader(state, items(settlement(state), 'batches').length - 1, {
            newRoot: new Uint8Array(32),
          }),
        /does not lead to the root of the ledger/,
      ],
      [
        'a report of an unknown kind',
        (state) => (settlement(state)['reports'] = [{ kind: 'rumour', number: '1', content: '' }]),
        /a fact of kind rumour/,
      ],
      [
        'an attestation of no batch',
        (state) => (settlement(state)['attestations'] = [{ batch: '4000', operator: '' }]),
        /an attestation of batch 4000/,
      ],
    ];
    for (const [name, change, reason] of WRONG) {
      it(name, () => {
        const state = JSON.parse(text) as State;
        change(state);
        assert.throws(
          () => new LedgerChain({ ...OPTIONS, from: { state, height } }),
          (error: Error) => reason.test(error.message) && !(error instanceof InvariantError),
        );
      });
    }
  });
});
