/** cosmos.tx.v1beta1: finds transactions and takes them in. (Simulate is the application's.) */
import type { Deadline } from '../../base/deadline.ts';
import { TxResponse } from 'cosmjs-types/cosmos/base/abci/v1beta1/abci';
import * as wire from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { AuthInfo, Tx, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { CheckTxResult } from '../../app/abci.ts';
import { invalidArgument, notFound } from '../../app/query-error.ts';
import { equal, fromHex, toUpperHex, type Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { DEFAULT_RPC_PAGE, MAX_PAGE_OFFSET, MAX_RPC_PAGE } from '../../base/limits.ts';
import { formatTime } from '../../base/time.ts';
import type { Blocks, CommittedTx, TxIndex, TxPool } from '../expected.ts';
import { nodeMethod, type NodeMethod } from '../node-method.ts';
import { blockAt, blockMessages } from './blocks.ts';

const SERVICE = '/cosmos.tx.v1beta1.Service';
const HASH = /^(?:0x)?([0-9a-fA-F]{64})$/;
const ORDER_DESC = 2;
const MODE_SYNC = 2;
const MODE_ASYNC = 3;

export interface TransactionDeps {
  readonly blocks: Blocks;
  readonly index: TxIndex;
  readonly pool: TxPool;
}

export function transactionMethods(deps: TransactionDeps): readonly NodeMethod[] {
  const { blocks, index, pool } = deps;
  return [
    nodeMethod(`${SERVICE}/GetTx`, [wire.GetTxRequest, wire.GetTxResponse], ({ hash }) => {
      const found = index.tx(readHash(hash));
      if (!found) throw notFound(`tx not found: ${hash}`);
      return { tx: decodeTx(found.tx), txResponse: txResponse(found) };
    }),
    nodeMethod(
      `${SERVICE}/GetTxsEvent`,
      [wire.GetTxsEventRequest, wire.GetTxsEventResponse],
      (request, deadline) => search(index, request, deadline),
    ),
    nodeMethod(
      `${SERVICE}/GetBlockWithTxs`,
      [wire.GetBlockWithTxsRequest, wire.GetBlockWithTxsResponse],
      (request) => blockWithTxs(blocks, request),
    ),
    nodeMethod(
      `${SERVICE}/BroadcastTx`,
      [wire.BroadcastTxRequest, wire.BroadcastTxResponse],
      (request) => ({ txResponse: broadcast(pool, request) }),
    ),
    nodeMethod(
      `${SERVICE}/TxDecode`,
      [wire.TxDecodeRequest, wire.TxDecodeResponse],
      ({ txBytes }) => ({ tx: readTx(txBytes) }),
    ),
    nodeMethod(`${SERVICE}/TxEncode`, [wire.TxEncodeRequest, wire.TxEncodeResponse], ({ tx }) => {
      if (!tx) throw invalidArgument('invalid empty tx');
      return { txBytes: encodeTx(tx) };
    }),
  ];
}

/** Only what would come out again: a chain takes no other bytes either. Throws QueryError. */
function readTx(bytes: Bytes): Tx {
  if (bytes.length === 0) throw invalidArgument('invalid empty tx bytes');
  const tx = decodeTx(bytes);
  if (!equal(encodeTx(tx), bytes)) throw invalidArgument('tx parse error');
  return tx;
}

function encodeTx({ body, authInfo, signatures }: Tx): Bytes {
  return TxRaw.encode({
    bodyBytes: TxBody.encode(body ?? TxBody.fromPartial({})).finish(),
    authInfoBytes: AuthInfo.encode(authInfo ?? AuthInfo.fromPartial({})).finish(),
    signatures,
  }).finish();
}

function readHash(text: string): Bytes {
  if (text === '') throw invalidArgument('tx hash cannot be empty');
  const [, digits] = HASH.exec(text) ?? [];
  if (digits === undefined) throw invalidArgument('a tx hash has 64 hexadecimal digits');
  return fromHex(digits.toLowerCase());
}

/** A block may hold bytes that are no transaction: they were refused when it was executed. */
function decodeTx(bytes: Bytes): Tx {
  try {
    const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(bytes);
    const [body, authInfo] = [TxBody.decode(bodyBytes), AuthInfo.decode(authInfoBytes)];
    return { body, authInfo, signatures };
  } catch {
    return Tx.fromPartial({});
  }
}

function txResponse({ hash, height, tx, result, time }: CommittedTx): TxResponse {
  return TxResponse.fromPartial({
    ...resultFields(hash, result),
    height: BigInt(height),
    info: result.info,
    gasWanted: result.gasWanted,
    gasUsed: result.gasUsed,
    tx: { typeUrl: Tx.typeUrl, value: tx },
    timestamp: formatTime(time),
    events: result.events.map(({ type, attributes }) => ({
      type,
      attributes: attributes.map((attribute) => ({ ...attribute })),
    })),
  });
}

function resultFields(
  hash: Bytes,
  result: Pick<CheckTxResult, 'code' | 'codespace' | 'data' | 'log'>,
) {
  return {
    txhash: toUpperHex(hash),
    codespace: result.codespace,
    code: result.code,
    data: toUpperHex(result.data),
    rawLog: result.log,
  };
}

async function search(
  index: TxIndex,
  request: wire.GetTxsEventRequest,
  deadline?: Deadline,
): Promise<wire.GetTxsEventResponse> {
  // Before 0.50 the conditions came as a list, before 0.46 the page as an offset.
  const query = request.query === '' ? request.events.join(' AND ') : request.query;
  if (query === '') throw invalidArgument('query cannot be empty');
  const { pagination, orderBy } = request;
  const limit = request.limit || (pagination?.limit ?? 0n) || BigInt(DEFAULT_RPC_PAGE);
  const perPage = limit > BigInt(MAX_RPC_PAGE) ? MAX_RPC_PAGE : Number(limit);
  const offset = pagination?.offset ?? 0n;
  const page = request.page || offset / BigInt(perPage) + 1n;
  if (page < 1n || page > BigInt(MAX_PAGE_OFFSET)) throw invalidArgument(`invalid page ${page}`);
  const descending = orderBy === ORDER_DESC;
  const { total, txs } = await index.search(
    query,
    { page: Number(page), perPage, descending },
    deadline,
  );
  return {
    txs: txs.map(({ tx }) => decodeTx(tx)),
    txResponses: txs.map(txResponse),
    pagination: undefined,
    total: BigInt(total),
  };
}

function blockWithTxs(
  blocks: Blocks,
  { height, pagination }: wire.GetBlockWithTxsRequest,
): wire.GetBlockWithTxsResponse {
  const stored = blockAt(blocks, height);
  const { txs } = stored.block;
  const offset = pagination?.offset ?? 0n;
  if (offset > BigInt(txs.length)) {
    throw invalidArgument(`offset ${offset} is past the ${txs.length} transactions of the block`);
  }
  const asked = pagination?.limit ?? 0n;
  const limit = asked === 0n || asked > BigInt(MAX_RPC_PAGE) ? MAX_RPC_PAGE : Number(asked);
  const { blockId, block } = blockMessages(stored);
  return {
    txs: txs.slice(Number(offset), Number(offset) + limit).map(decodeTx),
    blockId,
    block,
    pagination: { nextKey: new Uint8Array(0), total: BigInt(txs.length) },
  };
}

/** A refusal is an answer with its code. Throws QueryError when the request itself is wrong. */
function broadcast(pool: TxPool, { txBytes, mode }: wire.BroadcastTxRequest): TxResponse {
  if (mode !== MODE_SYNC && mode !== MODE_ASYNC) {
    throw invalidArgument('unsupported broadcast mode: BROADCAST_MODE_SYNC and _ASYNC exist');
  }
  if (txBytes.length === 0) throw invalidArgument('invalid empty tx');
  const hash = sha256(txBytes);
  try {
    return TxResponse.fromPartial(resultFields(hash, pool.add(txBytes)));
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    const { code, codespace, message } = error;
    const { txhash } = resultFields(hash, { code, codespace, data: new Uint8Array(0), log: '' });
    return TxResponse.fromPartial({ txhash, code, codespace, rawLog: message });
  }
}
