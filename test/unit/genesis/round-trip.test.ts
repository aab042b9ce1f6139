/**
 * The whole application: a state with something in every module, exported and taken as the genesis of another chain,
 * is the same state: the same pairs in every store, the same export, and the same answers to the next transactions.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MsgGrant } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { MsgSetSendEnabled } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { MsgGrantAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import { MsgSoftwareUpgrade } from 'cosmjs-types/cosmos/upgrade/v1beta1/tx';
import { Plan } from 'cosmjs-types/cosmos/upgrade/v1beta1/upgrade';
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreateVestingAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import { readGenesis } from '../../../genesis/validate.ts';
import { createApplication } from '../../../node/chain.ts';
import type { Application } from '../../../node/app/application.ts';
import { accountText } from '../../../node/app/address-text.ts';
import { parseCoins } from '../../../node/base/coin.ts';
import { toHex, type Bytes } from '../../../node/base/bytes.ts';
import { addNanos, ZERO_TIME, type Time } from '../../../node/base/time.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { encodeAuthorization } from '../../../modules/authz/authorization.ts';
import { encodeAllowance } from '../../../modules/feegrant/allowance-codec.ts';
import { blockAt, sendMessage, signTx, testKey, type TestKey } from '../../support/application.ts';
import { sampleGenesis, type Json } from './sample.ts';

const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];
const NAMES = [alice, bob, carol];

const STORES = [
  ...['acc', 'authz', 'bank', 'consensus', 'feegrant'],
  ...['ledger', 'settlement', 'staking', 'upgrade'],
];

type Message = ReturnType<typeof sendMessage>;

class Chain {
  readonly app: Application;
  time: Time;
  readonly #first: number;

  constructor(json: Json) {
    const genesis = readGenesis(JSON.stringify(json));
    const { chainId, time, initialHeight, consensusParams, appState } = genesis;
    this.time = time;
    this.#first = initialHeight;
    const settings = { version: '0', minGasPrices: [], keepRecent: 0, initialHeight, chainId };
    this.app = createApplication({ db: new MemoryDb(), ...settings });
    this.app.initChain({ chainId, time, initialHeight, consensusParams, appState });
  }

  async block(txs: readonly Bytes[], seconds = 1) {
    this.time = addNanos(this.time, BigInt(seconds) * 1_000_000_000n);
    const height = Math.max(this.app.info().height + 1, this.#first);
    const response = this.app.finalizeBlock(blockAt(height, txs, this.time));
    await this.app.commit();
    assert.deepEqual(this.app.brokenInvariants(), []);
    return response;
  }

  /** As `bitscale export` writes it, at the time of the newest block. */
  exported(genesis: Json): Json {
    const { seconds, nanos } = this.time;
    const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
    return JSON.parse(
      JSON.stringify({
        ...genesis,
        genesis_time: `${text}.${String(nanos).padStart(9, '0')}Z`,
        initial_height: String(this.app.info().height + 1),
        app_state: this.app.exportGenesis(),
      }),
    ) as Json;
  }

  /** Everything the store holds. */
  pairs(store: string): string {
    const path = `/store/${store}/subspace`;
    const { value, code, log } = this.app.query({
      ...{ path, data: new Uint8Array(0), height: 0, prove: false },
    });
    assert.equal(code, 0, log);
    assert.ok(value.length > 0 || store === 'authz' || store === 'feegrant', store);
    return toHex(value);
  }
}

async function beginning(): Promise<Json> {
  const json = await sampleGenesis();
  const coins = [{ denom: 'uscale', amount: '1000000000' }];
  for (const { text } of NAMES) {
    json['app_state'].auth.accounts.push({
      '@type': '/cosmos.auth.v1beta1.BaseAccount',
      address: text,
    });
    json['app_state'].bank.balances.push({ address: text, coins });
  }
  json['app_state'].bank.supply = [];
  json['app_state'].bank.balances.sort((a: Json, b: Json) =>
    a['address'] < b['address'] ? -1 : 1,
  );
  json['app_state'].upgrade = { authority: alice.text, applied: [{ name: 'v0', height: '5' }] };
  json['app_state'].auth.accounts.forEach((account: Json) => delete account['account_number']);
  return json;
}

class Random {
  readonly #genesis: Json;
  readonly #chain: Chain;
  readonly #sequences = new Map<TestKey, bigint>();
  #fresh = 0;

  constructor(genesis: Json) {
    this.#genesis = genesis;
    this.#chain = new Chain(genesis);
  }

  get chain(): Chain {
    return this.#chain;
  }

  tx(key: TestKey, message: Message, body = {}): Bytes {
    const accounts = this.#genesis['app_state'].auth.accounts as Json[];
    const accountNumber = BigInt(accounts.findIndex(({ address }) => address === key.text));
    const sequence = this.#sequences.get(key) ?? 0n;
    this.#sequences.set(key, sequence + 1n);
    const chainId = this.#genesis['chain_id'] as string;
    return signTx({
      messages: [message],
      key,
      accountNumber,
      sequence,
      chainId,
      gas: 400_000n,
      body,
    });
  }

  /** One of the things that users do, by number. */
  message(kind: number, key: TestKey, size: number): Message {
    const now = this.#chain.time.seconds;
    const other = NAMES[(NAMES.indexOf(key) + 1) % NAMES.length]!;
    const expiration = { seconds: now + BigInt(size), nanos: size };
    const toAddress = accountText.write(new Uint8Array(20).fill(10 + this.#fresh++));
    const amount = [{ denom: 'uscale', amount: String(size) }];
    switch (kind) {
      case 0:
        return sendMessage(key, toAddress, String(size));
      case 1: {
        const spendLimit = parseCoins(`${size}uscale`);
        const authorization = encodeAuthorization({ kind: 'send', spendLimit, allowList: [] });
        const grant = { authorization, expiration };
        return as(MsgGrant, { granter: key.text, grantee: other.text, grant });
      }
      case 2: {
        const msg = ['/cosmos.bank.v1beta1.MsgMultiSend', '/cosmos.bank.v1beta1.MsgSend'][
          size % 2
        ]!;
        const authorization = encodeAuthorization({ kind: 'generic', msg });
        return as(MsgGrant, { granter: key.text, grantee: toAddress, grant: { authorization } });
      }
      case 3: {
        const allowance = encodeAllowance({
          ...{ kind: 'basic', spendLimit: parseCoins(`${size}uscale`), expiration },
        });
        return as(MsgGrantAllowance, { granter: key.text, grantee: toAddress, allowance });
      }
      case 4: {
        const endTime = now + BigInt(size);
        const delayed = size % 2 === 0;
        return as(MsgCreateVestingAccount, {
          ...{ fromAddress: key.text, toAddress, amount, endTime, delayed },
        });
      }
      case 5: {
        const vestingPeriods = [{ length: BigInt(size), amount }];
        return as(MsgCreatePeriodicVestingAccount, {
          ...{ fromAddress: key.text, toAddress, startTime: now, vestingPeriods },
        });
      }
      case 6: {
        const sendEnabled = [{ denom: `coin${size}`, enabled: size % 2 === 0 }];
        return as(MsgSetSendEnabled, { authority: alice.text, sendEnabled, useDefaultFor: [] });
      }
      default: {
        const height = BigInt(this.#chain.app.info().height + 1_000 + size);
        const plan = Plan.fromPartial({ name: `v${size}`, height, info: 'x', time: ZERO_TIME });
        return as(MsgSoftwareUpgrade, { authority: alice.text, plan });
      }
    }
  }
}

function as<T>(
  codec: { readonly typeUrl: string; encode(message: T): { finish(): Bytes } },
  message: T,
): Message {
  return { typeUrl: codec.typeUrl, value: codec.encode(message).finish() };
}

const step = fc.record({
  kind: fc.integer({ min: 0, max: 7 }),
  who: fc.integer({ min: 0, max: 2 }),
  size: fc.integer({ min: 1, max: 5_000 }),
  seconds: fc.integer({ min: 1, max: 40 }),
});

describe('genesis/import of an export', () => {
  it('is the state that was exported, and goes on with the same results', async () => {
    const genesis = await beginning();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 25 }),
        fc.array(step, { minLength: 1, maxLength: 6 }),
        async (before, after) => {
          const history = new Random(genesis);
          const { chain } = history;
          await chain.block([]);
          let good = 0;
          const run = async ({ kind, who, size, seconds }: (typeof before)[0], next?: Chain) => {
            const key = kind >= 6 ? alice : NAMES[who]!;
            const tx = history.tx(key, history.message(kind, key, size));
            const { txResults } = await chain.block([tx], seconds);
            if (txResults[0]?.code === 0) good += 1;
            if (next) assert.deepEqual((await next.block([tx], seconds)).txResults, txResults);
          };
          for (const one of before) await run(one);
          assert.ok(good > 0);

          const exported = chain.exported(genesis);
          const next = new Chain(exported);
          assert.deepEqual(next.app.exportGenesis(), chain.app.exportGenesis());
          // The first block clears what has ended; the other chain has cleared it with its newest one.
          await Promise.all([chain, next].map((one) => one.block([])));
          for (const store of STORES)
            assert.deepEqual(next.pairs(store), chain.pairs(store), store);
          for (const one of after) await run(one, next);
          for (const store of STORES)
            assert.deepEqual(next.pairs(store), chain.pairs(store), store);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('has vesting that ended before it began, as a message may open it', async () => {
    const genesis = await beginning();
    const history = new Random(genesis);
    const { chain } = history;
    await chain.block([]);
    const [ENDS_AFTER, BEGINS_AFTER] = [1, 2];
    const opens = history.tx(alice, history.message(4, alice, ENDS_AFTER));
    const { txResults } = await chain.block([opens], BEGINS_AFTER);
    assert.equal(txResults[0]?.code, 0);
    const next = new Chain(chain.exported(genesis));
    assert.deepEqual(next.app.exportGenesis(), chain.app.exportGenesis());
  });

  it('gives one application hash, however often it is done', async () => {
    const genesis = await beginning();
    const history = new Random(genesis);
    await history.chain.block([]);
    for (let kind = 0; kind < 8; kind++) {
      const key = kind >= 6 ? alice : bob;
      const [result] = (
        await history.chain.block([history.tx(key, history.message(kind, key, 77))])
      ).txResults;
      assert.equal(result?.code, 0, result?.log);
    }
    const exported = history.chain.exported(genesis);
    const first = new Chain(exported);
    const again = new Chain({ ...exported, app_state: first.app.exportGenesis() });
    const hashes = await Promise.all([first, again].map((chain) => chain.block([])));
    assert.equal(toHex(hashes[0]!.appHash), toHex(hashes[1]!.appHash));
  });
});
