/** What the making of transactions asks a node. */
import {
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { toBase64, toUpperHex, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { sha256 } from '../../base/hash.ts';
import { methodTable } from '../../method-table.ts';
import type { Call } from '../command.ts';
import { committedTx } from '../query/wait.ts';
import { RpcClient, type Json } from '../rpc-client.ts';

export interface AccountFacts {
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Blocks come every second; a node that is overtaxed gets more. */
const BLOCK_TIMEOUT_SECONDS = 60;

export class ChainNode {
  readonly #call: Call;
  readonly #rpc: RpcClient;

  constructor(call: Call) {
    this.#call = call;
    this.#rpc = new RpcClient(call.text('node'));
  }

  /** Throws ExitError 65 when --chain-id is of another chain. */
  async chainId(): Promise<string> {
    const { node_info: info } = (await this.#rpc.call('status')) as { node_info: Json };
    const [found, wanted] = [String(info['network']), this.#call.optional('chain-id')];
    if (wanted === undefined || wanted === found) return found;
    throw new ExitError(EXIT_DATA, `the node is of chain ${found}, not ${wanted}`);
  }

  /** Throws ExitError 65 for an account that the chain has not seen yet. */
  async account(address: string): Promise<AccountFacts> {
    const data = QueryAccountInfoRequest.encode({ address }).finish();
    const path = '/cosmos.auth.v1beta1.Query/AccountInfo';
    const { value } = await this.#rpc.abciQuery(path, data).catch((cause: unknown) => {
      if (!(cause instanceof ExitError) || !cause.message.includes('code = NotFound')) throw cause;
      const what = `the chain has no account ${address}; somebody must send it coins first`;
      throw new ExitError(EXIT_DATA, what, { cause });
    });
    const { accountNumber = 0n, sequence = 0n } = QueryAccountInfoResponse.decode(value).info ?? {};
    return { accountNumber, sequence };
  }

  /** Gas that the transaction would use now. Throws ExitError 65 with the reason when it would fail. */
  async simulate(txBytes: Bytes): Promise<bigint> {
    const data = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const { value } = await this.#rpc.abciQuery(path, data);
    return SimulateResponse.decode(value).gasInfo?.gasUsed ?? 0n;
  }

  /** The answer in the form of the Cosmos SDK. */
  async broadcast(tx: Bytes, mode: string): Promise<Json> {
    const method = mode === 'async' ? 'broadcast_tx_async' : 'broadcast_tx_sync';
    const answer = await this.#rpc.call(method, { tx: toBase64(tx) });
    const { code = 0, codespace = '', log = '', data = '' } = answer;
    return {
      height: '0',
      txhash: toUpperHex(sha256(tx)),
      codespace,
      code,
      data,
      raw_log: log,
      logs: [],
      info: '',
      gas_wanted: '0',
      gas_used: '0',
      tx: null,
      timestamp: '',
      events: [],
    };
  }

  /** The result in a block. Throws ExitError 74 when none takes it in time. */
  async committed(hash: string): Promise<Json> {
    const found = await committedTx(this.#call, methodTable(), hash, BLOCK_TIMEOUT_SECONDS);
    if (found !== undefined) return found;
    throw new ExitError(EXIT_IO, `${hash} is in no block yet; see: bitscale query tx ${hash}`);
  }
}
