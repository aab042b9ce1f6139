/** Folders and ports of the local network; fixed, so that any tool can rely on them. */
import { join, resolve } from 'node:path';

export const LOCAL_CHAIN_ID = 'bitscale-local-1';
/** Node i listens on each of these plus 10 i. */
const PORT_STEP = 10;

export interface NodePorts {
  readonly p2p: number;
  readonly rpc: number;
  readonly metrics: number;
  readonly api: number;
  readonly grpc: number;
}

export function portsOf(index: number): NodePorts {
  const add = PORT_STEP * index;
  return {
    p2p: 26656 + add,
    rpc: 26657 + add,
    metrics: 26660 + add,
    api: 1317 + add,
    grpc: 9090 + add,
  };
}

export const nodeRpc = (index: number): string => `http://127.0.0.1:${portsOf(index).rpc}`;

export interface LocalHome {
  readonly root: string;
  readonly l1State: string;
  readonly deployment: string;
  readonly genesis: string;
  readonly settings: string;
  node(index: number): string;
  prover(index: number): string;
  log(name: string): string;
}

export function localHome(folder: string): LocalHome {
  const root = resolve(folder);
  return {
    root,
    l1State: join(root, 'l1', 'anvil-state.json'),
    deployment: join(root, 'l1', 'deployment.json'),
    genesis: join(root, 'genesis.json'),
    settings: join(root, 'settings.json'),
    node: (index) => join(root, `node${index}`),
    prover: (index) => join(root, `prover${index}`),
    log: (name) => join(root, 'logs', `${name}.log`),
  };
}
