/**
 * A chain with many accounts on disk: its genesis, and then balances asked for and sends among them.
 * `npm run bench -- --only accounts [--keys 1000000]`
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { QueryBalanceRequest } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import type { Application } from '../../node/app/application.ts';
import type { Context } from '../../node/app/context.ts';
import type { Module } from '../../node/app/module.ts';
import { accountText } from '../../node/app/address-text.ts';
import { uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import * as kit from '../support/application.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { temporaryFolder } from './local-network.ts';
import { fact, mebibytes, micros, millis, percentile, seconds, type Row } from './report.ts';
import { anonymousBytes } from './processes.ts';

const NAME = 'accounts';
const PAYERS = 500;
/** Most accounts of the genesis file; the others come with blocks, so many in each. */
const GENESIS_ACCOUNTS = 50_000;
const OPENED_PER_BLOCK = 25_000;
const BLOCKS = 12;
const QUERIES = 20_000;
const BALANCE = '/cosmos.bank.v1beta1.Query/Balance';

const addressOf = (n: number): Bytes => sha256(uint64ToBytes(n)).slice(0, 20);
const holder = (n: number): string => accountText.write(addressOf(n));

function genesis(payers: readonly kit.TestKey[], count: number): Record<string, unknown> {
  const holders = Array.from({ length: count - payers.length }, (_, n) => holder(n));
  const texts = [...payers.map(({ text }) => text), ...holders];
  const coins = [{ denom: 'uscale', amount: '1000000000000000' }];
  return {
    auth: { accounts: texts.map((address) => ({ address })) },
    bank: { balances: texts.map((address) => ({ address, coins })) },
  };
}

/** Opens accounts at the start of each block, as payments to new addresses do. */
class Opener {
  readonly module: Module;
  #next: number;
  #left = 0;
  /** Who does it, when the modules are there. */
  open: (context: Context, first: number, count: number) => void = () => undefined;

  constructor(first: number) {
    this.#next = first;
    this.module = {
      name: 'opener',
      stores: [],
      messages: [],
      queries: [],
      initGenesis: () => undefined,
      exportGenesis: () => ({}),
      beginBlock: (context) => {
        if (this.#left === 0) return;
        this.open(context, this.#next, this.#left);
        this.#next += this.#left;
        this.#left = 0;
      },
    };
  }

  async run(app: Application, total: number): Promise<number> {
    const start = performance.now();
    while (this.#next < total) {
      this.#left = Math.min(OPENED_PER_BLOCK, total - this.#next);
      await kit.runBlock(app, []);
    }
    return performance.now() - start;
  }
}

function sends(payers: readonly kit.TestKey[], round: number, count: number) {
  return payers.map((key, i) => {
    const to = holder(Math.floor(Math.random() * (count - PAYERS)));
    const messages = [kit.sendMessage(key, to, '1')];
    return kit.signTx({ messages, key, accountNumber: BigInt(i), sequence: BigInt(round) });
  });
}

function balances(app: Application, count: number): number {
  const asked = Array.from({ length: QUERIES }, () => {
    const address = holder(Math.floor(Math.random() * (count - PAYERS)));
    return QueryBalanceRequest.encode({ address, denom: 'uscale' }).finish();
  });
  const before = process.threadCpuUsage();
  for (const data of asked) app.query({ path: BALANCE, data, height: 0, prove: false });
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / QUERIES;
}

async function largeChain(folder: string, { keys, say }: BenchOptions): Promise<Row[]> {
  const db = await LevelDb.open(join(folder, 'accounts'));
  const inGenesis = Math.min(keys, GENESIS_ACCOUNTS);
  const payers = Array.from({ length: PAYERS }, (_, i) => kit.testKey(`payer ${i}`));
  const opener = new Opener(inGenesis - PAYERS);
  const { app, bank } = kit.testApplication({ db, modules: [opener.module] });
  const from = (payers[0] as kit.TestKey).address;
  const coins = [{ denom: 'uscale', amount: 1_000n }];
  opener.open = (context, first, count) => {
    const holders = Array.from({ length: count }, (_, i) => addressOf(first + i));
    for (const to of holders) bank.keeper.send(context, from, { to, coins });
  };
  try {
    say(`genesis with ${inGenesis} accounts`);
    const start = performance.now();
    app.initChain(kit.initRequest(genesis(payers, inGenesis)));
    await kit.runBlock(app, []);
    const loaded = performance.now() - start;
    say(`${keys - inGenesis} accounts more`);
    const opened = await opener.run(app, keys - PAYERS);
    const times = { execute: [] as number[], commit: [] as number[] };
    for (let round = 0; round < BLOCKS; round++) {
      const request = kit.blockAt(app.info().height + 1, sends(payers, round, keys));
      const begun = performance.now();
      const { txResults } = app.finalizeBlock(request);
      const executed = performance.now();
      await app.commit();
      times.execute.push((executed - begun) / PAYERS);
      times.commit.push((performance.now() - executed) / PAYERS);
      const failed = txResults.filter(({ code }) => code !== 0).length;
      if (failed > 0) throw new Error(`${failed} sends failed`);
    }
    const perSend = [times.execute, times.commit].map((all) => millis(percentile(all, 0.5)));
    const what = `sends to any of ${keys} accounts`;
    return [
      fact(
        NAME,
        `genesis of ${inGenesis} accounts, executed and committed`,
        seconds(loaded / 1_000),
      ),
      fact(
        NAME,
        `opening ${keys - inGenesis} accounts in blocks of ${OPENED_PER_BLOCK}`,
        seconds(opened / 1_000),
      ),
      fact(NAME, `${what}: execution and commit of each`, perSend.join(' and ')),
      fact(NAME, `balance of any of ${keys} accounts, processor time`, micros(balances(app, keys))),
      fact(NAME, 'memory of the process', mebibytes(anonymousBytes(process.pid))),
    ];
  } finally {
    await app.stop();
    await db.close();
  }
}

export const accounts: Benchmark = {
  name: NAME,
  summary: 'a chain with a million accounts: how it grows, sends among them, balances, memory',
  run: async (options) => {
    const folder = temporaryFolder();
    try {
      return await largeChain(folder, options);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
