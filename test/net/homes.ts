/** Homes of a network whose nodes know each other only by the doors of the link proxy. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountKey, localValidator, seedOf } from '../../genesis/local-keys.ts';
import { TEST_MNEMONIC, validatorKeys } from '../../genesis/local-keys.ts';
import { formatGenesis, localGenesis } from '../../genesis/local.ts';
import { fieldToBytes } from '../../modules/ledger/field.ts';
import { ledgerDomain } from '../../modules/ledger/intent.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import { timeFromMillis } from '../../node/base/time.ts';
import { encodeValidatorKey } from '../../node/engine/signer-files.ts';
import { unbuiltCircuit } from '../../node/cli/localnet/circuit.ts';
import { LOCAL_CHAIN_ID } from '../../node/cli/localnet/layout.ts';
import { homeAt, type Home } from '../../node/home.ts';
import { encodeNodeKey, nodeIdentity } from '../../node/network/node-key.ts';

/** Accounts and signatures of the local network fit; the genesis hash keeps the two apart. */
export const CHAIN_ID = LOCAL_CHAIN_ID;

const SNAPSHOT_INTERVAL = 20;
const DISCOVERY_MS = 2_000;

export interface NodePorts {
  readonly p2p: number;
  readonly rpc: number;
  readonly metrics: number;
}

export interface NetworkPlan {
  readonly root: string;
  readonly ports: readonly NodePorts[];
  /** The first so many are validators of the genesis; the others only follow. */
  readonly validators: number;
  readonly accounts: number;
  readonly blockTimeMs: number;
  readonly mode: string;
  /** The port at which `from` reaches `to`. */
  readonly door: (from: number, to: number) => number;
  /** What nodes say they can be reached at: nobody gets in there. */
  readonly shutDoor: number;
}

const PRIVATE = { mode: 0o600 };
const NO_L1 = { l1ChainId: 31_337n, rollup: new Uint8Array(20) };
const DOMAIN = ledgerDomain(CHAIN_ID, NO_L1.l1ChainId, NO_L1.rollup);
const LEDGER = { shape: unbuiltCircuit('dev').shape, domain: fieldToBytes(DOMAIN), tokens: [] };
const SETTLEMENT = {
  ...NO_L1,
  maxBatchAgeSeconds: 60,
  provingIntervalSeconds: 384,
  stakePrice: 1n,
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function genesisText(plan: NetworkPlan, seed: Bytes): string {
  return formatGenesis(
    localGenesis({
      chainId: CHAIN_ID,
      time: timeFromMillis(Date.now()),
      validators: upTo(plan.validators).map((i) => localValidator(validatorKeys(seed, i), i)),
      accounts: upTo(plan.accounts).map((i) => accountKey(seed, i).address),
      ledger: LEDGER,
      settlement: SETTLEMENT,
    }),
  );
}

function settings(plan: NetworkPlan, seed: Bytes, index: number): object {
  const { p2p, rpc, metrics } = plan.ports[index] as NodePorts;
  const others = plan.ports.map((_, i) => i).filter((i) => i !== index);
  return {
    moniker: `node${index}`,
    logLevel: 'debug',
    p2p: {
      host: '127.0.0.1',
      port: p2p,
      externalAddress: `/ip4/127.0.0.1/tcp/${plan.shutDoor}`,
      persistentPeers: others.map((i) => {
        const { peerId } = nodeIdentity(validatorKeys(seed, i).nodeSeed);
        return `/ip4/127.0.0.1/tcp/${plan.door(index, i)}/p2p/${peerId}`;
      }),
    },
    rpc: { port: rpc },
    metrics: { port: metrics },
    api: { enabled: false },
    grpc: { enabled: false },
    consensus: { blockTimeMs: plan.blockTimeMs, mode: plan.mode },
    app: { snapshotInterval: SNAPSHOT_INTERVAL },
  };
}

/** Writes every home; a node that is no validator has no validator key. */
export async function writeHomes(plan: NetworkPlan): Promise<Home[]> {
  const seed = await seedOf(TEST_MNEMONIC);
  const genesis = genesisText(plan, seed);
  return plan.ports.map((_, index) => {
    const home = homeAt(join(plan.root, `node${index}`));
    mkdirSync(home.config, { recursive: true });
    mkdirSync(home.data, { recursive: true });
    const own = validatorKeys(seed, index);
    writeFileSync(home.genesisFile, genesis);
    writeFileSync(home.nodeKeyFile, encodeNodeKey(own.nodeSeed), PRIVATE);
    if (index < plan.validators) {
      writeFileSync(home.validatorKeyFile, encodeValidatorKey(own.consensusSeed), PRIVATE);
    }
    writeFileSync(home.configFile, json(settings(plan, seed, index)));
    return home;
  });
}

/** The validators' public keys, by node. */
export async function validatorPubKeys(count: number): Promise<Bytes[]> {
  const seed = await seedOf(TEST_MNEMONIC);
  return upTo(count).map((index) => localValidator(validatorKeys(seed, index), index).pubKey);
}

/** From its next start on the node joins by a snapshot of the state, if it has no blocks. */
export function joinByState(
  home: Home,
  trust: { readonly height: number; readonly hash: string },
): void {
  const config = JSON.parse(readFileSync(home.configFile, 'utf8')) as object;
  const { height: trustHeight, hash: trustHash } = trust;
  const statesync = { enabled: true, trustHeight, trustHash, discoveryMs: DISCOVERY_MS };
  writeFileSync(home.configFile, json({ ...config, statesync }));
}
