/** The node's settings: `config/config.json`, every key optional, unknown keys refused. */
import { readFile } from 'node:fs/promises';
import { EXIT_CONFIG, ExitError, systemCode } from './base/exit.ts';
import { LOG_LEVELS } from './metrics/log.ts';

const LOOPBACK = '127.0.0.1';

/** Every setting with its default; a setting has the type of its default. */
export const DEFAULT_CONFIG = {
  moniker: 'node',
  logLevel: 'info',
  /** False: follow the chain without voting even if a validator key is there. */
  validator: true,
  p2p: {
    host: '0.0.0.0',
    port: 26656,
    /** Multiaddress others can dial, for example /ip4/203.0.113.7/tcp/26656. */
    externalAddress: '',
    /** Multiaddresses with peer id that this node keeps connections to. */
    persistentPeers: [] as readonly string[],
    /** Multiaddresses to find the network by. */
    bootstrapPeers: [] as readonly string[],
    /** Peer ids that always have a place and are never banned. */
    unconditionalPeers: [] as readonly string[],
    /** Peer ids that are never told to other peers. */
    privatePeers: [] as readonly string[],
    /** Talk to persistent and unconditional peers only, and tell nobody where this node is. */
    privateNode: false,
    /** Ask peers for addresses of others and answer when asked. */
    peerExchange: true,
    /** Places for peers that dial this node. */
    maxInboundPeers: 80,
    /** Connections to peers of the address book, made besides those to persistent peers. */
    outboundPeers: 10,
  },
  rpc: {
    host: LOOPBACK,
    port: 26657,
    corsOrigins: [] as readonly string[],
    /** Names under which clients may call; empty: only loopback's. */
    allowedHosts: [] as readonly string[],
    /** WebSocket clients that may have subscriptions at once. */
    maxSubscriptionClients: 100,
  },
  /** REST in the shape of the Cosmos SDK's gateway. */
  api: {
    enabled: true,
    host: LOOPBACK,
    port: 1317,
    corsOrigins: [] as readonly string[],
    /** As for rpc. */
    allowedHosts: [] as readonly string[],
    /** Of one address; 0: as many as it likes where only this machine can call, else 100. */
    requestsPerSecond: 0,
  },
  grpc: { enabled: true, host: LOOPBACK, port: 9090, requestsPerSecond: 0 },
  /** For the files that wallets and directories read. */
  public: {
    /** Where clients reach this node; empty: the addresses above. */
    rpc: '',
    rest: '',
    grpc: '',
    /** What people call the chain; empty: its id. */
    name: '',
    website: '',
    /** mainnet, testnet or devnet; empty: nothing is said. */
    networkType: '',
    /** Addresses of block explorers. */
    explorers: [] as readonly string[],
  },
  metrics: { enabled: true, host: LOOPBACK, port: 26660 },
  l1: {
    enabled: false,
    /** Path of the contracts' deployment.json. */
    deployment: '',
    /** JSON-RPC of this node's own L1 node; empty: the one in deployment.json. */
    rpc: '',
    pollMs: 500,
  },
  consensus: {
    /** auto, star or clique. */
    mode: 'auto',
    /** Least time from block to block; 0 is as fast as consensus goes. */
    blockTimeMs: 1000,
    roundMs: 2000,
    roundDeltaMs: 500,
    roundMaxMs: 30_000,
    newRoundMs: 500,
    graceMs: 50,
    resendMs: 1000,
    /** The node stops, without an error, once it has committed this block; 0: never. */
    haltHeight: 0,
    /** The same for the first block at or after this second since 1970. */
    haltTime: 0,
  },
  app: {
    /** Lowest gas prices this node accepts, for example 0.001uscale. */
    minGasPrices: '',
    /** Gas after which a trial run of a transaction is given up; 0: what a block may hold. */
    simulationGasLimit: 30_000_000,
    /** Versions of the state to keep; 0 keeps all. */
    keepRecent: 0,
    /** Heights from one snapshot of the state to the next; 0 takes none. */
    snapshotInterval: 0,
    snapshotKeepRecent: 2,
  },
  blocks: {
    /** Newest blocks to keep; older ones go when nobody can need them any more. 0 keeps all. */
    keepRecent: 0,
    /** Younger blocks stay, for light clients that trust a header for so long. */
    keepHours: 336,
  },
  /** Joining by a snapshot of the state; only a node without blocks does. */
  statesync: {
    enabled: false,
    /** A height and the hash of its header, from somebody the operator trusts. */
    trustHeight: 0,
    trustHash: '',
    /** How old the trusted header may be; shorter than the time unbonding takes. */
    trustPeriodHours: 168,
    /** How long peers are listened to before the best snapshot is taken. */
    discoveryMs: 5000,
  },
};

type Widened<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly (infer U)[]
        ? readonly U[]
        : { readonly [K in keyof T]: Widened<T[K]> };

export type NodeConfig = Widened<typeof DEFAULT_CONFIG>;
type StateSyncConfig = NodeConfig['statesync'];

type Json = Readonly<Record<string, unknown>>;

const NETWORK_TYPES = ['', 'mainnet', 'testnet', 'devnet'];
const MODES = ['auto', 'star', 'clique'];
const MAX_PORT = 65_535;

function fault(why: string): ExitError {
  return new ExitError(EXIT_CONFIG, `config.json: ${why}`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The defaults with what `given` says instead. Throws ExitError 78 naming the key. */
function merged(defaults: Json, given: unknown, place: string): Json {
  if (!isObject(given)) throw fault(`"${place}" must be an object`);
  const result: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    const key = place === '' ? name : `${place}.${name}`;
    if (!Object.hasOwn(defaults, name)) throw fault(`unknown key "${key}"`);
    const standard = defaults[name];
    if (isObject(standard)) result[name] = merged(standard, value, key);
    else result[name] = checked(standard, value, key);
  }
  return result;
}

function checked(standard: unknown, value: unknown, key: string): unknown {
  if (Array.isArray(standard)) {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw fault(`"${key}" must be a list of texts`);
  }
  if (typeof value !== typeof standard) throw fault(`"${key}" must be a ${typeof standard}`);
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || value < 0)) {
    throw fault(`"${key}" must be a whole number, not negative`);
  }
  if (/(^|\.)port$/.test(key) && (value as number) > MAX_PORT) {
    throw fault(`"${key}" must be at most ${MAX_PORT}`);
  }
  return value;
}

/** Throws ExitError 78 naming what is wrong. */
export function parseConfig(text: string): NodeConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fault(`not JSON: ${String(error)}`);
  }
  const config = merged(DEFAULT_CONFIG, json, '') as unknown as NodeConfig;
  if (!MODES.includes(config.consensus.mode)) {
    throw fault(`"consensus.mode" must be one of ${MODES.join(', ')}`);
  }
  const { networkType } = config.public;
  if (!NETWORK_TYPES.includes(networkType)) {
    throw fault('"public.networkType" must be mainnet, testnet, devnet or empty');
  }
  checkTrust(config.statesync);
  if (!(LOG_LEVELS as readonly string[]).includes(config.logLevel)) {
    throw fault(`"logLevel" must be one of ${LOG_LEVELS.join(', ')}`);
  }
  return config;
}

function checkTrust({ enabled, trustHeight, trustHash, trustPeriodHours }: StateSyncConfig): void {
  if (!enabled) return;
  if (trustHeight < 1) throw fault('"statesync.trustHeight" must be a height of the chain');
  if (!/^[0-9a-fA-F]{64}$/.test(trustHash)) {
    throw fault('"statesync.trustHash" must be the hash of that header, 64 hexadecimal digits');
  }
  if (trustPeriodHours < 1) throw fault('"statesync.trustPeriodHours" must be at least 1');
}

/** The settings of a file, or the defaults when there is none. */
export async function loadConfig(path: string): Promise<NodeConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return DEFAULT_CONFIG;
    throw error;
  }
  return parseConfig(text);
}
