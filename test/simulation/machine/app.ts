/**
 * The application of a simulated node. Its hash covers everything the engine tells it, so that any
 * difference between two nodes shows in the next header; it changes the validators by a plan; and it can be
 * broken on purpose.
 */
import {
  EMPTY,
  concat,
  toHex,
  uint64ToBytes,
  bytesToUint64,
  utf8,
  type Bytes,
} from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { timeToNanos } from '../../../node/base/time.ts';
import type * as abci from '../../../node/app/abci.ts';
import type { Db, DbOp } from '../../../node/store/db.ts';

const TIP = utf8('tip');
/** A transaction that no block may hold. */
export const FORBIDDEN_TX = 0xff;
const RESULT: abci.TxResult = {
  code: 0,
  data: EMPTY,
  log: '',
  info: '',
  gasWanted: 1n,
  gasUsed: 1n,
  events: [],
  codespace: '',
};

/** Changes of the validators that the block of a height brings, for all nodes the same. */
export type ValidatorPlan = (height: number) => readonly abci.ValidatorUpdate[];

/** panic: throws at this height. different: computes another hash than everybody else. */
export interface AppFault {
  readonly kind: 'panic' | 'different';
  readonly height: number;
}

interface Staged {
  readonly height: number;
  readonly appHash: Bytes;
}

export class SimulatedApp implements abci.Abci {
  readonly #db: Db;
  readonly #plan: ValidatorPlan;
  #height = 0;
  #appHash: Bytes = EMPTY;
  #staged: Staged | undefined;
  fault: AppFault | undefined;
  onFault: (kind: AppFault['kind']) => void = () => undefined;

  constructor(db: Db, plan: ValidatorPlan) {
    this.#db = db;
    this.#plan = plan;
    const tip = db.get(TIP);
    if (tip === undefined) return;
    this.#height = Number(bytesToUint64(tip));
    this.#appHash = tip.slice(8);
  }

  info() {
    return { height: this.#height, appHash: this.#appHash };
  }

  initChain(): abci.InitChainResponse {
    return { validators: [], appHash: EMPTY };
  }

  checkTx(): abci.CheckTxResult {
    return { ...RESULT, priority: 0n, sender: '', sequence: 0n };
  }

  prepareProposal(request: abci.BlockRequest): readonly Bytes[] {
    return request.txs;
  }

  processProposal(request: abci.BlockRequest): boolean {
    return request.txs.every((tx) => tx[0] !== FORBIDDEN_TX);
  }

  finalizeBlock(request: abci.BlockRequest): abci.FinalizeBlockResponse {
    const { height, txs } = request;
    const { fault } = this;
    const isFaulty = fault !== undefined && height >= fault.height;
    if (isFaulty) this.onFault(fault.kind);
    if (isFaulty && fault.kind === 'panic') throw new Error('the application panics');
    const extra = isFaulty ? [utf8('different')] : [];
    const appHash = sha256(concat(this.#appHash, digest(request), ...extra));
    this.#staged = { height, appHash };
    const txResults = txs.map((tx) => ({ ...RESULT, data: tx.slice(0, 2), gasUsed: 1n }));
    return { events: [], txResults, validatorUpdates: this.#plan(height), appHash };
  }

  async commit(): Promise<{ retainHeight: number }> {
    if (this.#staged === undefined) throw new Error('nothing to commit');
    const { height, appHash } = this.#staged;
    const tip: DbOp = { type: 'put', key: TIP, value: concat(uint64ToBytes(height), appHash) };
    await this.#db.batch([tip], { sync: true });
    this.#height = height;
    this.#appHash = appHash;
    this.#staged = undefined;
    return { retainHeight: 0 };
  }

  query(request: abci.QueryRequest): abci.QueryResponse {
    const value = utf8(toHex(this.#appHash));
    const empty = { code: 0, codespace: '', log: '', info: '', index: 0n, proofOps: [] };
    return { ...empty, key: request.data, value, height: this.#height };
  }

  listSnapshots() {
    return [];
  }

  async loadSnapshotChunk() {
    return undefined;
  }

  offerSnapshot() {
    return 'reject' as const;
  }

  async applySnapshotChunk() {
    return 'reject' as const;
  }

  async forgetSnapshot() {
    return false;
  }
}

/** All that a block tells the application, in one hash. */
function digest(request: abci.BlockRequest): Bytes {
  const { height, time, hash, proposerAddress, lastCommit, misbehavior, txs } = request;
  const votes = lastCommit.votes.flatMap(({ address, power, flag }) => [
    address,
    uint64ToBytes(power),
    new Uint8Array([flag]),
  ]);
  const bad = misbehavior.flatMap((one) => [one.address, uint64ToBytes(one.height)]);
  const numbers = [height, timeToNanos(time), lastCommit.round, votes.length, bad.length];
  return sha256(
    concat(
      ...numbers.map((number) => uint64ToBytes(number)),
      hash,
      proposerAddress,
      ...votes,
      ...bad,
      ...txs.map((tx) => sha256(tx)),
    ),
  );
}
