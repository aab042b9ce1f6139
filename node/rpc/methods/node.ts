/** Methods about the node itself: health, status, network, genesis. */
import { ZERO_TIME } from '../../base/time.ts';
import { GENESIS_CHUNK_BYTES } from '../../base/limits.ts';
import { sha256 } from '../../base/hash.ts';
import { equal } from '../../base/bytes.ts';
import { tipOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import { pubKeyJson } from '../json/block.ts';
import { nodeInfoJson, peerJson } from '../json/node-info.ts';
import { hex, int64, JsonText, time, type JsonObject } from '../json/scalars.ts';
import { method, type Methods } from '../method.ts';
import { optionalInt } from '../params.ts';

export function nodeMethods(backend: Backend): Methods {
  const { node } = backend;
  return {
    health: method({}, () => ({})),
    status: method({}, () => ({
      node_info: nodeInfoJson(node.nodeInfo),
      sync_info: syncInfo(backend),
      validator_info: validatorInfo(backend),
    })),
    net_info: method({}, () => {
      const peers = node.peers();
      return {
        listening: true,
        listeners: [`Listener(@${node.nodeInfo.listenAddr})`],
        n_peers: int64(peers.length),
        peers: peers.map((peer) => peerJson(node.nodeInfo, peer)),
      };
    }),
    ...genesisMethods(node.genesis),
  };
}

function syncInfo(backend: Backend): JsonObject {
  const { blocks, node } = backend;
  const tip = tipOf(backend);
  return {
    ...blockSummary(backend, 'latest', tip),
    ...blockSummary(backend, 'earliest', tip === 0 ? 0 : blocks.base()),
    catching_up: node.status.catchingUp,
  };
}

/** Before the first block: CosmJS cannot decode the empty hash that CometBFT shows then. */
const NO_HASH = new Uint8Array(32);

function blockSummary({ blocks }: Backend, which: string, height: number): JsonObject {
  const stored = height === 0 ? undefined : blocks.block(height);
  return {
    [`${which}_block_hash`]: hex(stored?.blockId.hash ?? NO_HASH),
    [`${which}_app_hash`]: hex(stored?.block.header.appHash ?? NO_HASH),
    [`${which}_block_height`]: int64(height),
    [`${which}_block_time`]: time(stored ? stored.block.header.time : ZERO_TIME),
  };
}

const ADDRESS_BYTES = 20;
const KEY_BYTES = 32;

function validatorInfo(backend: Backend): JsonObject {
  const own = backend.node.validatorPubKey;
  // Clients must be able to decode a key, also of a node that has none and never validates.
  const key = own.length === KEY_BYTES ? own : new Uint8Array(KEY_BYTES);
  const address = sha256(key).subarray(0, ADDRESS_BYTES);
  const set = backend.blocks.validators(Math.max(tipOf(backend), 1));
  const seat = set?.validators.find((validator) => equal(validator.address, address));
  return {
    address: hex(address),
    pub_key: pubKeyJson(key),
    voting_power: int64(seat?.power ?? 0n),
  };
}

function genesisMethods(genesis: unknown): Methods {
  const lasts = (): boolean => true;
  const text = JSON.stringify(genesis);
  const bytes = Buffer.from(text);
  const total = Math.max(Math.ceil(bytes.length / GENESIS_CHUNK_BYTES), 1);
  const whole = new JsonText(`{"genesis":${text}}`);
  return {
    genesis: method({}, () => answer(), lasts),
    genesis_chunked: method({ chunk: optionalInt() }, ({ chunk = 0 }) => part(chunk), lasts),
  };

  function answer(): JsonText {
    if (total === 1) return whole;
    throw refused('genesis response is large, please use the genesis_chunked API instead');
  }

  function part(chunk: number): JsonObject {
    if (chunk < 0 || chunk >= total) {
      throw refused(`there are ${total - 1} chunks, ${chunk} is invalid`);
    }
    const start = chunk * GENESIS_CHUNK_BYTES;
    const data = bytes.subarray(start, start + GENESIS_CHUNK_BYTES).toString('base64');
    return { chunk: int64(chunk), total: int64(total), data };
  }
}
