/** A node of fakes behind a real RPC server: the recorded chain and a mempool that says what it is told. */
import type { CheckTxResult, FinalizeBlockResponse } from '../../../node/app/abci.ts';
import type { QueryRequest, QueryResponse } from '../../../node/app/abci.ts';
import { equal, fromBase64, fromHex, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { MEMPOOL_FULL, TX_IN_MEMPOOL, TX_TOO_LARGE } from '../../../node/base/sdk-errors.ts';
import { parseTime } from '../../../node/base/time.ts';
import type { BlockReader, ConsensusStateView, NodeView } from '../../../node/rpc/expected.ts';
import type { StoredBlock, TxPool, ValidatorSetView } from '../../../node/rpc/expected.ts';
import { Indexer } from '../../../node/rpc/index/indexer.ts';
import { EMPTY_TX_RESULT } from '../../../node/rpc/json/abci.ts';
import { RpcServer, type RpcDeps, type RpcOptions } from '../../../node/rpc/server.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { recorded, recordedChain, type RecordedHeight } from './recorded.ts';

const STATUS = recorded('incoming', 'status').result;
const VALIDATOR_KEY = fromBase64(STATUS.validator_info.pub_key.value);
const PROPOSER = {
  address: fromHex(STATUS.validator_info.address),
  pubKey: VALIDATOR_KEY,
  power: 10n,
  priority: 0n,
};
const SET: ValidatorSetView = { validators: [PROPOSER], proposer: PROPOSER, totalPower: 10n };
const EMPTY = new Uint8Array(0);

/** Holds the recorded chain; `add` appends to it. */
export class FakeBlocks implements BlockReader {
  readonly #heights: RecordedHeight[];

  constructor(heights: readonly RecordedHeight[]) {
    this.#heights = [...heights];
  }

  add(stored: StoredBlock, results: FinalizeBlockResponse): void {
    this.#heights.push({ stored, results });
  }

  height(): number {
    return this.#heights.length;
  }

  base(): number {
    return 1;
  }

  block(height: number): StoredBlock | undefined {
    return this.#heights[height - 1]?.stored;
  }

  commit(height: number): ReturnType<BlockReader['commit']> {
    const stored = this.block(height);
    const commit = (this.block(height + 1) ?? stored)?.block.lastCommit;
    return (
      stored && commit && { header: stored.block.header, commit, canonical: height < this.height() }
    );
  }

  heightByHash(hash: Bytes): number | undefined {
    const at = this.#heights.findIndex(({ stored }) => equal(stored.blockId.hash, hash));
    return at < 0 ? undefined : at + 1;
  }

  validators(height: number): ValidatorSetView | undefined {
    return height >= 1 && height <= this.height() + 1 ? SET : undefined;
  }

  results(height: number): FinalizeBlockResponse | undefined {
    return this.#heights[height - 1]?.results;
  }

  blockPart(height: number, positions: readonly number[]): ReturnType<BlockReader['blockPart']> {
    const block = this.block(height)?.block;
    return block && { header: block.header, txs: positions.flatMap((at) => block.txs[at] ?? []) };
  }

  txResults(height: number, positions: readonly number[]): ReturnType<BlockReader['txResults']> {
    const results = this.results(height)?.txResults;
    return results && positions.flatMap((at) => results[at] ?? []);
  }

  blockEvents(height: number): ReturnType<BlockReader['blockEvents']> {
    return this.results(height)?.events;
  }

  consensusParams(): ReturnType<BlockReader['consensusParams']> {
    return {
      block: { maxBytes: 22_020_096n, maxGas: -1n },
      evidence: {
        maxAgeNumBlocks: 100_000n,
        maxAgeDurationNanos: 172_800_000_000_000n,
        maxBytes: 1_048_576n,
      },
      validator: { pubKeyTypes: ['ed25519'] },
      version: { app: 0n },
    };
  }
}

/** Refuses what it knows, and by the first byte: 'F' is full, 'S' of one sender, 'L' too large, 'X' fails CheckTx. */
export class FakePool implements TxPool {
  readonly #txs = new Map<string, Bytes>();
  onAdd: (tx: Bytes) => void = () => undefined;

  add(tx: Bytes): CheckTxResult {
    const first = String.fromCharCode(tx[0] ?? 0);
    const key = toHex(sha256(tx));
    if (first === 'F') throw new BitscaleError(MEMPOOL_FULL);
    if (first === 'S') throw new BitscaleError(MEMPOOL_FULL, 'alice has too many pending txs');
    if (first === 'L') throw new BitscaleError(TX_TOO_LARGE);
    if (this.#txs.has(key)) throw new BitscaleError(TX_IN_MEMPOOL);
    const refused = first === 'X' ? { code: 5, codespace: 'sdk', log: 'insufficient funds' } : {};
    if (first !== 'X') this.#txs.set(key, tx);
    this.onAdd(tx);
    return {
      ...EMPTY_TX_RESULT,
      gasWanted: 1n,
      ...refused,
      priority: 0n,
      sender: '',
      sequence: 0n,
    };
  }

  size(): number {
    return this.#txs.size;
  }

  sizeBytes(): number {
    return [...this.#txs.values()].reduce((sum, tx) => sum + tx.length, 0);
  }

  txs(limit: number): readonly Bytes[] {
    return [...this.#txs.values()].slice(0, limit);
  }
}

/** A key-value application: it knows the key "tx0". */
function query({ data, height }: QueryRequest): QueryResponse {
  const known = Buffer.from(data).toString() === 'tx0';
  return {
    code: 0,
    codespace: '',
    log: known ? 'exists' : 'does not exist',
    info: '',
    index: 0n,
    key: data,
    value: known ? new Uint8Array(Buffer.from('value')) : EMPTY,
    proofOps: [],
    height: height || 254,
  };
}

function consensusState(): ConsensusStateView {
  const time = parseTime('2023-05-17T14:14:43.338360213Z');
  return {
    height: 221,
    round: 0,
    step: 1,
    startTime: time,
    commitTime: time,
    proposer: SET.proposer.address,
    lockedHash: EMPTY,
    validHash: EMPTY,
    lockedRound: -1,
    validRound: -1,
    commitRound: -1,
    validators: SET,
    votes: [{ round: 0, prevotes: [undefined], precommits: [undefined] }],
    timedOut: false,
  };
}

export function fakeView(): NodeView {
  const info = STATUS.node_info;
  return {
    nodeInfo: {
      id: fromHex(info.id),
      moniker: info.moniker,
      network: info.network,
      version: '0.38.17',
      listenAddr: info.listen_addr,
      rpcAddr: info.other.rpc_address,
      appVersion: 1n,
      software: 'bitscale',
      softwareVersion: '0.1.0',
    },
    genesis: recorded('incoming', 'genesis').result.genesis,
    validatorPubKey: VALIDATOR_KEY,
    status: { catchingUp: false },
    peers: () => [],
    consensusState,
  };
}

export interface FakeNode {
  readonly server: RpcServer;
  readonly url: string;
  readonly port: number;
  readonly blocks: FakeBlocks;
  readonly pool: FakePool;
  readonly indexer: Indexer;
}

export const fakeApp: RpcDeps['app'] = {
  info: () => ({ height: 254, appHash: fromHex('00'.repeat(8)) }),
  query,
  checkTx,
};

/** Starts a server on a free port; `deps` replaces fakes. */
export async function startFakeNode(
  options: Partial<RpcOptions> = {},
  deps: Partial<RpcDeps> = {},
): Promise<FakeNode> {
  const blocks = (deps.blocks as FakeBlocks | undefined) ?? new FakeBlocks(recordedChain());
  const pool = new FakePool();
  const indexer = deps.indexer ?? new Indexer(new MemoryDb());
  await indexer.catchUp(blocks);
  const server = new RpcServer(
    { port: 0, ...options },
    {
      blocks,
      node: fakeView(),
      app: fakeApp,
      pool,
      evidence: { add: (evidence) => sha256(evidence.voteA.signature) },
      indexer,
      ...deps,
    },
  );
  const port = await server.start();
  return { server, url: `http://127.0.0.1:${port}`, port, blocks, pool, indexer };
}

function checkTx(): CheckTxResult {
  return { ...EMPTY_TX_RESULT, gasWanted: 1n, priority: 0n, sender: '', sequence: 0n };
}

/** Commits the next block with these transactions, as the engine would: store, index, announce. */
export async function commitBlock(
  node: FakeNode,
  txs: readonly Bytes[],
  results: Partial<FinalizeBlockResponse> = {},
): Promise<number> {
  const last = node.blocks.block(node.blocks.height()) as StoredBlock;
  const height = node.blocks.height() + 1;
  const header = { ...last.block.header, height };
  const block = { ...last.block, header, txs };
  const events = recorded('incoming', 'tx_search_no_prove').result.txs[0].tx_result.events;
  const full: FinalizeBlockResponse = {
    events: [],
    txResults: txs.map(() => ({ ...EMPTY_TX_RESULT, events })),
    validatorUpdates: [],
    appHash: fromHex('0600000000000000'),
    ...results,
  };
  node.blocks.add({ ...last, block }, full);
  await node.indexer.index(block, full);
  const { validatorUpdates } = full;
  node.server.bus.publishBlock({ block, blockId: last.blockId, results: full, validatorUpdates });
  return height;
}
