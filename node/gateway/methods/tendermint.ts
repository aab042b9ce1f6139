/** cosmos.base.tendermint.v1beta1: the node, its blocks and validators. */
import * as wire from 'cosmjs-types/cosmos/base/tendermint/v1beta1/query';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { PubKey } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import type { QueryRequest, QueryResponse } from '../../app/abci.ts';
import { paginateList } from '../../app/pagination.ts';
import { invalidArgument, notFound } from '../../app/query-error.ts';
import { valconsText } from '../../base/address.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Blocks, NodeFacts, RankedValidator } from '../expected.ts';
import { nodeMethod, type NodeMethod } from '../node-method.ts';
import { blockAt, blockMessages, checkHeight } from './blocks.ts';

const SERVICE = '/cosmos.base.tendermint.v1beta1.Service';
const P2P_PROTOCOL = 8n;
const BLOCK_PROTOCOL = 11n;
const CHANNELS = fromHex('40202122233038606100');

/**
 * The Go modules whose interfaces this node speaks, by which relayers choose how to talk to it. They are a
 * level of compatibility: no Go code is in here.
 */
const SDK_LEVEL = 'v0.53.4';
const API_LEVELS = [
  { path: 'github.com/cosmos/cosmos-sdk', version: SDK_LEVEL, sum: '' },
  { path: 'github.com/cosmos/ibc-go/v10', version: 'v10.7.0', sum: '' },
];

export interface TendermintDeps {
  readonly node: NodeFacts;
  readonly blocks: Blocks;
  /** The application's own abci_query. */
  readonly query: (request: QueryRequest) => QueryResponse;
}

export function tendermintMethods(deps: TendermintDeps): readonly NodeMethod[] {
  return [...nodeMethods(deps), ...blockMethods(deps), ...validatorMethods(deps), abciQuery(deps)];
}

function nodeMethods({ node }: TendermintDeps): readonly NodeMethod[] {
  return [
    nodeMethod(`${SERVICE}/GetNodeInfo`, [wire.GetNodeInfoRequest, wire.GetNodeInfoResponse], () =>
      nodeInfo(node),
    ),
    nodeMethod(`${SERVICE}/GetSyncing`, [wire.GetSyncingRequest, wire.GetSyncingResponse], () => ({
      syncing: node.status.catchingUp,
    })),
  ];
}

function nodeInfo({ nodeInfo: info }: NodeFacts): wire.GetNodeInfoResponse {
  return wire.GetNodeInfoResponse.fromPartial({
    defaultNodeInfo: {
      protocolVersion: { p2p: P2P_PROTOCOL, block: BLOCK_PROTOCOL, app: info.appVersion },
      defaultNodeId: toHex(info.id),
      listenAddr: info.listenAddr,
      network: info.network,
      version: info.version,
      channels: CHANNELS,
      moniker: info.moniker,
      other: { txIndex: 'on', rpcAddress: info.rpcAddr },
    },
    applicationVersion: {
      name: info.software,
      appName: info.software,
      version: info.softwareVersion,
      cosmosSdkVersion: SDK_LEVEL,
      buildDeps: [
        ...API_LEVELS,
        { path: 'github.com/cometbft/cometbft', version: `v${info.version}`, sum: '' },
      ],
    },
  });
}

function blockMethods({ blocks }: TendermintDeps): readonly NodeMethod[] {
  return [
    nodeMethod(
      `${SERVICE}/GetLatestBlock`,
      [wire.GetLatestBlockRequest, wire.GetLatestBlockResponse],
      () => blockMessages(blockAt(blocks, BigInt(blocks.tip()))),
    ),
    nodeMethod(
      `${SERVICE}/GetBlockByHeight`,
      [wire.GetBlockByHeightRequest, wire.GetBlockByHeightResponse],
      ({ height }) => blockMessages(blockAt(blocks, height)),
    ),
  ];
}

function validatorMethods({ blocks }: TendermintDeps): readonly NodeMethod[] {
  const page = (asked: bigint, request: PageRequest | undefined) => {
    checkHeight(blocks, asked);
    const set = blocks.validators(Number(asked));
    if (!set) throw notFound(`the validators of height ${asked} are not here: pruned`);
    const { entries, pagination } = paginateList(set.validators, request);
    return { blockHeight: asked, validators: entries.map(validatorMessage), pagination };
  };
  return [
    nodeMethod(
      `${SERVICE}/GetLatestValidatorSet`,
      [wire.GetLatestValidatorSetRequest, wire.GetLatestValidatorSetResponse],
      ({ pagination }) => page(BigInt(blocks.tip()), pagination),
    ),
    nodeMethod(
      `${SERVICE}/GetValidatorSetByHeight`,
      [wire.GetValidatorSetByHeightRequest, wire.GetValidatorSetByHeightResponse],
      ({ height, pagination }) => page(height, pagination),
    ),
  ];
}

function validatorMessage({ address, pubKey, power, priority }: RankedValidator): wire.Validator {
  return {
    address: valconsText(address),
    pubKey: { typeUrl: PubKey.typeUrl, value: PubKey.encode({ key: pubKey }).finish() },
    votingPower: power,
    proposerPriority: priority,
  };
}

/** Raw state and facts of the program; services have paths of their own. */
function abciQuery({ query }: TendermintDeps): NodeMethod {
  return nodeMethod(
    `${SERVICE}/ABCIQuery`,
    [wire.ABCIQueryRequest, wire.ABCIQueryResponse],
    ({ path, data, height, prove }) => {
      if (!/^\/?(?:app|store)\//.test(path)) {
        throw invalidArgument(`unsupported ABCI query path ${path.slice(0, 200)}`);
      }
      if (height < 0n || height > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw invalidArgument(`invalid height ${height}`);
      }
      const answer = query({ path, data, height: Number(height), prove });
      const { proofOps, ...rest } = answer;
      return {
        ...rest,
        height: BigInt(answer.height),
        proofOps: proofOps.length === 0 ? undefined : { ops: proofOps.map((op) => ({ ...op })) },
      };
    },
  );
}
