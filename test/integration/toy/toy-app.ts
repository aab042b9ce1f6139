/** The smallest application: transactions `key=value`, the state is the list of all pairs ever set. */
import {
  concat,
  EMPTY,
  fromUtf8,
  uint64ToBytes,
  utf8,
  type Bytes,
} from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import type * as abci from '../../../node/app/abci.ts';
import type { Db } from '../../../node/store/db.ts';

export const TIP = utf8('tip');
const NO_RESULT: abci.TxResult = {
  code: 0,
  data: EMPTY,
  log: '',
  info: '',
  gasWanted: 1n,
  gasUsed: 1n,
  events: [],
  codespace: '',
};

function isValid(tx: Bytes): boolean {
  return /^[a-z0-9]+=[a-z0-9]*$/.test(Buffer.from(tx).toString('latin1'));
}

/** `val<32 bytes of key in hex>=<power>` changes a validator. */
function validatorUpdate(tx: Bytes): abci.ValidatorUpdate[] {
  const match = /^val([0-9a-f]{64})=([0-9]+)$/.exec(fromUtf8(tx));
  if (!match) return [];
  return [{ pubKey: new Uint8Array(Buffer.from(match[1]!, 'hex')), power: BigInt(match[2]!) }];
}

export class ToyApp implements abci.Abci {
  readonly #db: Db;
  #height = 0;
  #appHash: Bytes = EMPTY;
  #staged: { height: number; appHash: Bytes; txs: readonly Bytes[] } | undefined;
  finalized = 0;

  haltReason: () => string | undefined = () => undefined;

  constructor(db: Db) {
    this.#db = db;
    this.reload();
  }

  /** Reads height and hash from the database again. */
  reload(): void {
    const tip = this.#db.get(TIP);
    this.#height = 0;
    this.#appHash = EMPTY;
    if (tip === undefined) return;
    this.#height = Number(new DataView(tip.buffer, tip.byteOffset).getBigUint64(0));
    this.#appHash = tip.slice(8);
  }

  info() {
    return { height: this.#height, appHash: this.#appHash };
  }

  initChain(): abci.InitChainResponse {
    return { validators: [], appHash: EMPTY };
  }

  checkTx(tx: Bytes): abci.CheckTxResult {
    return { ...NO_RESULT, code: isValid(tx) ? 0 : 1, priority: 0n, sender: '', sequence: 0n };
  }

  prepareProposal(request: abci.BlockRequest): readonly Bytes[] {
    return request.txs.filter(isValid);
  }

  processProposal(request: abci.BlockRequest): boolean {
    return request.txs.every(isValid);
  }

  finalizeBlock(request: abci.BlockRequest): abci.FinalizeBlockResponse {
    this.finalized += 1;
    const { height, txs } = request;
    const appHash = sha256(concat(this.#appHash, uint64ToBytes(height), ...txs.map(sha256)));
    this.#staged = { height, appHash, txs };
    const validatorUpdates = txs.flatMap(validatorUpdate);
    return { events: [], txResults: txs.map(() => NO_RESULT), validatorUpdates, appHash };
  }

  async commit(): Promise<{ retainHeight: number }> {
    if (this.#staged === undefined) throw new Error('nothing to commit');
    const { height, appHash, txs } = this.#staged;
    const puts = txs.map((tx) => {
      const [key = '', value = ''] = fromUtf8(tx).split('=');
      return { type: 'put' as const, key: utf8(`kv/${key}`), value: utf8(`${value} `) };
    });
    const tip = { type: 'put' as const, key: TIP, value: concat(uint64ToBytes(height), appHash) };
    await this.#db.batch([...puts, tip], { sync: true });
    this.#height = height;
    this.#appHash = appHash;
    this.#staged = undefined;
    return { retainHeight: 0 };
  }

  listSnapshots(): readonly abci.Snapshot[] {
    return [];
  }

  async loadSnapshotChunk(
    _height: number,
    _format: number,
    _index: number,
  ): Promise<Bytes | undefined> {
    return undefined;
  }

  offerSnapshot(_snapshot: abci.Snapshot, _appHash: Bytes): abci.OfferVerdict {
    return 'reject-format';
  }

  async applySnapshotChunk(_index: number, _chunk: Bytes): Promise<abci.ChunkVerdict> {
    return 'reject';
  }

  async forgetSnapshot(): Promise<boolean> {
    return false;
  }

  query(request: abci.QueryRequest): abci.QueryResponse {
    const value = this.#db.get(concat(utf8('kv/'), request.data)) ?? EMPTY;
    return {
      code: 0,
      codespace: '',
      log: '',
      info: '',
      index: 0n,
      key: request.data,
      value,
      proofOps: [],
      height: this.#height,
    };
  }
}
