/** Queries and messages of the demonstration: only the node's public RPC and generated message types. */
import { toHex } from '@cosmjs/encoding';
import { calculateFee, isDeliverTxFailure, type DeliverTxResponse } from '@cosmjs/stargate';
import { Comet38Client, type CometClient } from '@cosmjs/tendermint-rpc';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import * as ledger from '../../proto/gen/bitscale/ledger/v1/query.ts';
import type { Account, Params, Token } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import * as settlement from '../../proto/gen/bitscale/settlement/v1/query.ts';
import { keyToWire, type PublicKey } from '../../modules/ledger/client.ts';
import { GAS_PRICE, type Person } from './wallets.ts';

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** Throws with the repair when nobody answers. */
export async function connect(rpc: string): Promise<CometClient> {
  try {
    const comet = await Comet38Client.connect(rpc);
    await comet.status();
    return comet;
  } catch (cause) {
    throw new Error(
      `no node answers at ${rpc}. Start the local network first, in another terminal: npm start`,
      { cause },
    );
  }
}

export class Chain {
  readonly #comet: CometClient;

  constructor(comet: CometClient) {
    this.#comet = comet;
  }

  async #query<Req, Res>(
    path: string,
    [request, response]: readonly [Codec<Req>, Codec<Res>],
    message: Req,
  ): Promise<Res> {
    const data = request.encode(message).finish();
    const answer = await this.#comet.abciQuery({ path, data });
    if (answer.code !== 0) throw new Error(`${path}: ${answer.log}`);
    return response.decode(answer.value);
  }

  async params(): Promise<Params> {
    const codecs = [ledger.QueryParamsRequest, ledger.QueryParamsResponse] as const;
    const { params } = await this.#query('/bitscale.ledger.v1.Query/Params', codecs, {});
    if (!params) throw new Error('the chain has no ledger');
    return params;
  }

  async tokens(): Promise<Token[]> {
    const codecs = [ledger.QueryTokensRequest, ledger.QueryTokensResponse] as const;
    return (await this.#query('/bitscale.ledger.v1.Query/Tokens', codecs, {})).tokens;
  }

  /** The ledger account of a key for a token, if there is one. */
  async account(key: PublicKey, token: number): Promise<Account | undefined> {
    const codecs = [ledger.QueryAccountsByKeyRequest, ledger.QueryAccountsByKeyResponse] as const;
    const path = '/bitscale.ledger.v1.Query/AccountsByKey';
    const { accounts } = await this.#query(path, codecs, { owner: keyToWire(key) });
    return accounts.find((account) => account.token === token);
  }

  async finality(intentId: string): Promise<settlement.QueryFinalityResponse> {
    const codecs = [settlement.QueryFinalityRequest, settlement.QueryFinalityResponse] as const;
    const path = '/bitscale.settlement.v1.Query/Finality';
    return this.#query(path, codecs, { txHash: new Uint8Array(0), intentId });
  }

  /** Unix seconds of a block's header. */
  async blockTime(height: number): Promise<number> {
    const { block } = await this.#comet.block(height);
    return block.header.time.getTime() / 1000;
  }

  async now(): Promise<number> {
    const { block } = await this.#comet.block();
    return block.header.time.getTime() / 1000;
  }
}

export interface Sent extends DeliverTxResponse {
  /** From handing the signed transaction to the node until it was found in a committed block. */
  readonly softMs: number;
}

const POLL_MS = 40;
const TIMEOUT_MS = 30_000;

/** Signs, sends and waits for the block. Throws unless the transaction succeeded. */
export async function send(
  sender: Person,
  messages: readonly { typeUrl: string; value: unknown }[],
  gas: number,
): Promise<Sent> {
  const fee = calculateFee(gas, GAS_PRICE);
  const signed = await sender.client.sign(sender.address, [...messages], fee, '');
  const bytes = TxRaw.encode(signed).finish();
  const started = performance.now();
  const result = await sender.client.broadcastTx(bytes, TIMEOUT_MS, POLL_MS);
  const softMs = performance.now() - started;
  if (isDeliverTxFailure(result)) {
    throw new Error(`transaction ${result.transactionHash} failed: ${result.rawLog}`);
  }
  return { ...result, softMs };
}

export const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
