/** What a node does with L1: watches it, attests to it when it is a validator, and answers how final a thing is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { QueryAccountRequest, QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import type { Abci } from './app/abci.ts';
import { fromHex, type Bytes } from './base/bytes.ts';
import { BitscaleError } from './base/errors.ts';
import { EXIT_CONFIG, ExitError, systemCode } from './base/exit.ts';
import type { Logger } from './base/service.ts';
import type { NodeConfig } from './config.ts';
import { refuseReadableByOthers } from './engine/signer-files.ts';
import type { Home } from './home.ts';
import { Attestor } from './rollup/attestor.ts';
import { localChain, type ChainQuery, type QueryMethod } from './rollup/chain.ts';
import type { AttestationSigner, OperatorAccount, TxPool } from './rollup/expected.ts';
import { FinalityService, type TxPlace } from './rollup/finality.ts';
import { L1Client, type Deployment } from './rollup/l1-client.ts';
import { L1Service } from './rollup/l1-service.ts';
import { L1Watcher } from './rollup/l1-watcher.ts';
import { attestationDigest, signAttestation } from '../modules/settlement/attestation.ts';
import { BASE_DENOM } from './chain.ts';

export interface L1Parts {
  readonly finality: FinalityService;
  start(): void;
  stop(): Promise<void>;
}

type FindTx = (hash: Bytes) => Promise<TxPlace | undefined>;

const ACCOUNT: QueryMethod<QueryAccountRequest, QueryAccountResponse> = {
  path: '/cosmos.auth.v1beta1.Query/Account',
  request: QueryAccountRequest,
  response: QueryAccountResponse,
};

/** Fee of attestations, in millionths of uscale per unit of gas. */
const GAS_PRICE_MICRO = 1_000n;

/** What these parts use of the node. */
interface L1Host {
  readonly app: Pick<Abci, 'query'>;
  readonly config: Pick<NodeConfig, 'l1'>;
  readonly home: Pick<Home, 'config'>;
  readonly genesis: { readonly chainId: string };
  readonly engine: { height(): number };
  readonly pool: { readonly mempool: TxPool };
  readonly deps: { readonly logger: Logger };
}

export async function createL1Parts(node: L1Host, findTx: FindTx): Promise<L1Parts> {
  const chain = localChain(node.app);
  const { enabled, rpc, deployment: path, pollMs } = node.config.l1;
  const nothing = { start: () => undefined, stop: async () => undefined };
  if (!enabled) {
    return { finality: new FinalityService({ chain, watcher: undefined, findTx }), ...nothing };
  }
  const deployment = await readJson<Deployment>(path);
  const l1 = new L1Client(deployment, rpc === '' ? deployment.rpc : rpc);
  const { logger } = node.deps;
  const watcher = new L1Watcher({ l1, logger, startBlock: 0 });
  const attestor = await createAttestor(node, chain, watcher);
  const service = new L1Service(pollMs, {
    watcher,
    ...(attestor && { attestor }),
    height: () => node.engine.height(),
    logger,
  });
  return {
    finality: new FinalityService({ chain, watcher, findTx }),
    start: () => service.start(),
    stop: async () => {
      await service.stop();
      l1.close();
    },
  };
}

interface OperatorKey {
  readonly address: string;
  readonly account: string;
  readonly attestation: string;
}

/** Only a node with an operator key attests. */
async function createAttestor(
  node: L1Host,
  chain: ChainQuery,
  watcher: L1Watcher,
): Promise<Attestor | undefined> {
  const path = join(node.home.config, 'operator_key.json');
  const key = await readOperatorKey(path);
  if (!key) return undefined;
  const attestation = fromHex(key.attestation);
  const signer: AttestationSigner = {
    sign: (l1, batch, rolling) =>
      signAttestation(attestationDigest(l1, batch, rolling), attestation),
  };
  const options = {
    chainId: node.genesis.chainId,
    address: key.address,
    accountSecret: fromHex(key.account),
    gasPriceMicro: GAS_PRICE_MICRO,
    feeDenom: BASE_DENOM,
  };
  const pool = { add: (tx: Bytes) => node.pool.mempool.add(tx) };
  const { logger } = node.deps;
  return new Attestor(options, {
    chain,
    watcher,
    pool,
    account: accountReader(chain),
    signer,
    logger,
  });
}

function accountReader(chain: ChainQuery): OperatorAccount {
  return {
    read: async (address) => {
      try {
        const { account } = await chain.query(ACCOUNT, { address });
        return account && BaseAccount.decode(account.value);
      } catch (error) {
        if (error instanceof BitscaleError) return undefined;
        throw error;
      }
    },
  };
}

async function readOperatorKey(path: string): Promise<OperatorKey | undefined> {
  try {
    await refuseReadableByOthers(path);
    return await readJson<OperatorKey>(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readJson<T>(path: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error;
    throw new ExitError(EXIT_CONFIG, `${path}: ${(error as Error).message}`, { cause: error });
  }
}
