/** What is searched for in the chain of search-chain.ts; a sample is the number of a transaction. */
import { toUpperHex } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { addressOf, amountOf, placesOf, TXS_PER_BLOCK, txOf } from './search-chain.ts';

const CONNECTIONS = 16;
/** By hash, as wallets do that wait for a transaction. */
const HASHES_A_SECOND = 200;
const MOST_HASH_P99_MS = 5;

export interface Kind {
  readonly what: string;
  readonly connections: number;
  /** Paced, so that the latency is that of a search and not of those before it. */
  readonly rate?: number;
  readonly mostP99Ms?: number;
  readonly query: (sample: number) => string;
  /** Members besides the query. */
  readonly params?: object;
  readonly expected?: string;
}

const from = (sample: number): string => addressOf(placesOf(sample)[0]);
const to = (sample: number): string => addressOf(placesOf(sample)[1]);

export async function kindsOf(count: number): Promise<Kind[]> {
  const tx = await txOf();
  const byHash = (sample: number): string => `tx.hash='${toUpperHex(sha256(tx(sample)))}'`;
  const newest = { order_by: 'desc', per_page: '30' };
  return [
    // First, so that the next one meets a server that has been asked for a while.
    {
      what: 'by hash, as many as are answered',
      connections: CONNECTIONS,
      query: byHash,
      expected: '"total_count":"1"',
    },
    {
      what: `by hash, ${HASHES_A_SECOND} a second`,
      connections: CONNECTIONS,
      rate: HASHES_A_SECOND,
      mostP99Ms: MOST_HASH_P99_MS,
      query: byHash,
      expected: '"total_count":"1"',
    },
    {
      what: 'all of a sender, newest 30',
      connections: 1,
      query: (sample) => `message.sender='${from(sample)}'`,
      params: newest,
    },
    {
      what: 'sender and recipient in one event, 30',
      connections: 1,
      query: (sample) => `transfer.sender='${from(sample)}' AND transfer.recipient='${to(sample)}'`,
    },
    {
      what: 'sender in one event, amount in another, page 2 of 30',
      connections: 1,
      query: (sample) =>
        `message.sender='${from(sample)}' AND transfer.amount='${amountOf(sample)}uscale'`,
    },
    {
      what: 'sender in one event, amount compared in another, 30',
      connections: 1,
      query: (sample) => `message.sender='${from(sample)}' AND transfer.amount > 9000`,
    },
    ...byHeight(count),
  ];
}

function byHeight(count: number): Kind[] {
  const heightOf = (sample: number): number => Math.floor(sample / TXS_PER_BLOCK) + 1;
  const last = Math.ceil(count / TXS_PER_BLOCK);
  return [
    {
      what: 'one block, page of 100',
      connections: 1,
      query: (sample) => `tx.height=${heightOf(sample)}`,
      params: { per_page: '100' },
    },
    {
      what: 'all blocks, last page of 100',
      connections: 1,
      query: () => 'tx.height>0',
      params: { per_page: '100', order_by: 'desc' },
    },
    {
      what: 'CONTAINS within 10 blocks, 30',
      connections: 1,
      query: (sample) => {
        const height = Math.min(heightOf(sample), last - 9);
        const range = `tx.height>=${height} AND tx.height<${height + 10}`;
        return `${range} AND transfer.recipient CONTAINS '${to(sample).slice(-6)}'`;
      },
    },
    {
      what: 'EXISTS over everything, refused where it is too much',
      connections: 1,
      query: () => 'transfer.amount EXISTS',
      expected: '"jsonrpc"',
    },
  ];
}
