/**
 * A long chain of bank sends on disk: blocks with the results that the application gave to one such send, written
 * by the block store and the indexer as a node writes them. Nothing is signed or executed again.
 */
import { join } from 'node:path';
import type { FinalizeBlockResponse, TxResult } from '../../node/app/abci.ts';
import { concat, uint64ToBytes, utf8, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { timeFromNanos, timeToNanos } from '../../node/base/time.ts';
import { encodeBlock } from '../../node/consensus/encoding.ts';
import { blockIdOf, dataHash } from '../../node/consensus/hashing.ts';
import type { Block } from '../../node/consensus/types.ts';
import { BlockStore } from '../../node/engine/block-store.ts';
import { damaged } from '../../node/engine/block-store-check.ts';
import {
  genesisChainState,
  nextChainState,
  type ChainState,
} from '../../node/engine/chain-state.ts';
import { blockReader } from '../../node/node-view.ts';
import type { BlockReader } from '../../node/rpc/expected.ts';
import { Indexer } from '../../node/rpc/index/indexer.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import * as kit from '../support/application.ts';

export const TXS_PER_BLOCK = 500;
const ACCOUNTS = 1_000;
const SECOND = 1_000_000_000n;

export interface SearchChain {
  readonly store: BlockStore;
  readonly reader: BlockReader;
  readonly indexer: Indexer;
  close(): Promise<void>;
}

export async function openChain(folder: string): Promise<SearchChain> {
  const blockDb = await LevelDb.open(join(folder, 'blocks'));
  const indexDb = await LevelDb.open(join(folder, 'index'));
  const store = BlockStore.open(blockDb, damaged);
  return {
    store,
    reader: blockReader({ store }),
    indexer: new Indexer(indexDb),
    close: async () => {
      await blockDb.close();
      await indexDb.close();
    },
  };
}

/** What a send leaves behind, with places for its accounts, its amount and its number. */
class Template {
  readonly #sample: TxResult;
  readonly #tx: Bytes;
  readonly #words: readonly [from: string, to: string];

  private constructor(sample: TxResult, tx: Bytes, words: readonly [string, string]) {
    this.#sample = sample;
    this.#tx = tx;
    this.#words = words;
  }

  static async make(): Promise<Template> {
    const [from, to] = [kit.testKey('from'), kit.testKey('to')];
    const { app } = kit.testApplication();
    app.initChain(kit.initRequest(kit.genesisFor([from])));
    await kit.runBlock(app, []);
    const messages = [kit.sendMessage(from, to.text, '77')];
    const tx = kit.signTx({ messages, key: from, accountNumber: 0n, sequence: 0n });
    const { txResults } = await kit.runBlock(app, [tx]);
    const [sample] = txResults;
    if (sample?.code !== 0) throw new Error(`the sample was refused: ${sample?.log}`);
    return new Template(sample, tx, [from.text, to.text]);
  }

  /** As long as a real one, and another for each number. */
  tx(number: number): Bytes {
    const seed = sha256(uint64ToBytes(number));
    return concat(this.#tx.subarray(0, this.#tx.length - 2 * seed.length), seed, sha256(seed));
  }

  result(number: number): TxResult {
    const [from, to] = placesOf(number).map((account) => addressOf(account));
    const words = new Map([
      [this.#words[0], from as string],
      [this.#words[1], to as string],
      ['77uscale', `${amountOf(number)}uscale`],
      [`${this.#words[0]}/0`, `${from}/${number}`],
    ]);
    const events = this.#sample.events.map(({ type, attributes }) => ({
      type,
      attributes: attributes.map(({ key, value, index }) => {
        const own = key === 'signature' ? `${value.slice(0, 70)}${number}==` : words.get(value);
        return { key, value: own ?? value, index };
      }),
    }));
    return { ...this.#sample, events };
  }
}

/** Accounts of sender and recipient: spread, but the same in every run. */
export function placesOf(number: number): [from: number, to: number] {
  const mixed = Math.imul(number, 0x9e37_79b1) >>> 0;
  return [mixed % ACCOUNTS, Math.floor(mixed / ACCOUNTS) % ACCOUNTS];
}

export const amountOf = (number: number): number => (number % 10_000) + 1;

const texts = new Map<number, string>();

export function addressOf(account: number): string {
  const known = texts.get(account);
  if (known !== undefined) return known;
  const { text } = kit.testKey(`searched ${account}`);
  texts.set(account, text);
  return text;
}

export const txOf = async (): Promise<(number: number) => Bytes> => {
  const template = await Template.make();
  return (number) => template.tx(number);
};

function firstState(): ChainState {
  return genesisChainState({
    chainId: kit.CHAIN_ID,
    initialHeight: 1,
    time: kit.GENESIS_TIME,
    params: kit.CONSENSUS_PARAMS,
    validators: [{ pubKey: sha256(utf8('validator')), power: 1n }],
    appHash: sha256(utf8('app')),
  });
}

/** The next block of the chain, not signed by anybody: nobody here asks. */
function blockOn(state: ChainState, txs: readonly Bytes[]): Block {
  const height = state.height + 1;
  const proposer = state.validators.proposer.address;
  const empty = sha256(new Uint8Array(0));
  return {
    header: {
      version: { block: 11n, app: 0n },
      chainId: state.chainId,
      height,
      time: timeFromNanos(timeToNanos(state.time) + SECOND),
      lastBlockId: state.blockId,
      lastCommitHash: empty,
      dataHash: dataHash(txs),
      validatorsHash: state.validators.hash(),
      nextValidatorsHash: state.nextValidators.hash(),
      consensusHash: empty,
      appHash: state.appHash,
      lastResultsHash: state.resultsHash,
      evidenceHash: empty,
      proposerAddress: proposer,
    },
    txs,
    evidence: [],
    lastCommit: { height: height - 1, round: 0, blockId: state.blockId, signatures: [] },
  };
}

/** Answers how many seconds the indexer's own writes took, without those of blocks. */
export async function writeChain(
  folder: string,
  count: number,
  say: (text: string) => void,
): Promise<number> {
  const chain = await openChain(folder);
  const { store, indexer } = chain;
  const template = await Template.make();
  let state = firstState();
  let indexMs = 0;
  await store.begin(state);
  for (let first = 0; first < count; first += TXS_PER_BLOCK) {
    const numbers = Array.from(
      { length: Math.min(TXS_PER_BLOCK, count - first) },
      (_, i) => first + i,
    );
    const block = blockOn(
      state,
      numbers.map((number) => template.tx(number)),
    );
    const bytes = encodeBlock(block);
    const blockId = blockIdOf(block, bytes);
    const results: FinalizeBlockResponse = {
      events: [],
      txResults: numbers.map((number) => template.result(number)),
      validatorUpdates: [],
      appHash: state.appHash,
    };
    const { height } = block.header;
    const seenCommit = { height, round: 0, blockId, signatures: [] };
    const next = nextChainState(state, block, blockId, results);
    await store.save({ block, bytes, blockId, seenCommit, results, next });
    const began = performance.now();
    await indexer.index(block, results);
    indexMs += performance.now() - began;
    state = next;
    if (height % 200 === 0) say(`${first + numbers.length} transactions in ${height} blocks`);
  }
  await chain.close();
  return indexMs / 1000;
}
