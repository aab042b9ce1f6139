/** Decoders of what peers send besides consensus: greetings, transactions, addresses, blocks, snapshots. */
import { concat, equal, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { MAX_GOSSIP_RPC_BYTES, MAX_STREAM_MESSAGE_BYTES } from '../../../node/base/limits.ts';
import { encodeVarint } from '../../../node/base/proto-writer.ts';
import { encodeCommit } from '../../../node/consensus/encoding.ts';
import { frame, FrameReader } from '../../../node/network/frames.ts';
import {
  decodeAddresses,
  decodeDirectMessage,
  decodeTxBatch,
  encodeAddresses,
  encodeDirectMessage,
  encodeTxBatch,
  type DirectMessage,
} from '../../../node/network/messages.ts';
import { ownAddress, toldAddress } from '../../../node/network/peer-address.ts';
import { RpcLengths } from '../../../node/network/rpc-lengths.ts';
import * as sync from '../../../node/sync/messages.ts';
import * as states from '../../../node/sync/state-messages.ts';
import { bendBytes } from '../bend-proto.ts';
import { bendWords, textOf } from '../bend-text.ts';
import { TAKEN, verdictOf, type NamedDecoder } from '../decoder.ts';
import { canonical } from './consensus.ts';
import { BLOCK_BYTES, COMMIT, LIGHT_BLOCKS, VOTE } from './consensus-values.ts';

const HASH = sha256(utf8('peer'));
const PEER_ID = '12D3KooWBhV9dp6FDvvbhXZ8sJaB3hCwS9gzTXmHJDPrqMFqzwFZ';
const ADDRESSES = [
  `/ip4/203.0.113.7/tcp/26656/p2p/${PEER_ID}`,
  `/ip6/2001:db8::1/tcp/26656/p2p/${PEER_ID}`,
];

const MESSAGES: readonly DirectMessage[] = [
  {
    type: 'hello',
    hello: {
      genesisHash: HASH,
      moniker: 'node',
      version: '0.1.0',
      listenAddress: '/ip4/203.0.113.7/tcp/26656',
      rpcAddress: 'tcp://127.0.0.1:26657',
      validatorPubKey: ed25519PublicKey(HASH),
      validatorSignature: VOTE.signature,
    },
  },
  { type: 'status', status: { height: 300, base: 1, neighbours: [PEER_ID, PEER_ID] } },
  { type: 'consensus', payload: utf8('payload') },
  { type: 'tx', tx: utf8('tx') },
];

const STATE_REQUESTS: readonly states.StateRequest[] = [
  { type: 'light', height: 7 },
  { type: 'snapshots' },
  { type: 'chunk', height: 7, format: 1, index: 3 },
];

const metadata = concat(HASH, sha256(HASH));
const OFFER = { height: 9, format: 1, chunks: 2, hash: sha256(metadata), metadata };
const SYNC_BLOCK = { height: 3, block: BLOCK_BYTES[1]!, commit: encodeCommit(COMMIT) };
const LIGHT_RECORD = { block: LIGHT_BLOCKS[0]!, params: utf8('parameters') };

/** A stream cut into parts must give the messages that it gives as a whole. */
function judgeFrames(input: Bytes): string {
  return verdictOf(() => {
    const whole = new FrameReader(MAX_STREAM_MESSAGE_BYTES).push(input);
    const parts = new FrameReader(MAX_STREAM_MESSAGE_BYTES);
    const step = 1 + (input.length % 7);
    let found = 0;
    for (let at = 0; at < input.length; at += step) {
      for (const message of parts.push(input.slice(at, at + step))) {
        if (!equal(message, whole[found]!)) throw new TypeError('cut otherwise in parts');
        found += 1;
      }
    }
    if (found !== whole.length) throw new TypeError('fewer messages in parts');
  });
}

function judgeLengths(input: Bytes): string {
  return verdictOf(() => {
    const whole = new RpcLengths(MAX_GOSSIP_RPC_BYTES).push(input);
    const parts = new RpcLengths(MAX_GOSSIP_RPC_BYTES);
    let started = 0;
    for (let at = 0; at < input.length; at += 3) started += parts.push(input.slice(at, at + 3));
    if (whole !== started) throw new TypeError('counted otherwise in parts');
  });
}

function judgeAddress(input: Bytes): string {
  const text = textOf(input);
  const told = toldAddress(text, '198.51.100.1');
  const own = ownAddress(text, PEER_ID, '198.51.100.1');
  return told !== undefined || own !== undefined ? TAKEN : 'undefined';
}

const FRAMES = [frame(utf8('one')), concat(frame(utf8('one')), frame(utf8('two')), utf8('thr'))];
const RPCS = [concat(encodeVarint(3), utf8('one'), encodeVarint(300), new Uint8Array(300))];
const ADDRESS_WORDS = ['/ip4/', '/ip6/', '/tcp/', '/p2p/', '/dns4/a.b', '/udp/1', '/quic', '/ws']
  .concat(['0.0.0.0', '127.0.0.1', '::', '65536', '-1', '/', '//', '%2f', PEER_ID, '\u0000'])
  .concat([
    '/unix/%2ftmp',
    '/p2p-circuit',
    '/http-path/a',
    '/certhash/u',
    '/garlic64/',
    '/onion3/',
  ]);

export const PEERS: readonly NamedDecoder[] = [
  canonical('direct message', [decodeDirectMessage, encodeDirectMessage], MESSAGES),
  canonical('transactions of gossip', [decodeTxBatch, encodeTxBatch], [[HASH, utf8('tx')]]),
  canonical('addresses of peers', [decodeAddresses, encodeAddresses], [ADDRESSES, []]),
  canonical(
    'block request',
    [sync.decodeSyncRequest, sync.encodeSyncRequest],
    [{ fromHeight: 5, count: 2, hash: HASH, maxBytes: 70_000 }],
  ),
  canonical('block answer', [sync.decodeSyncBlock, sync.encodeSyncBlock], [SYNC_BLOCK]),
  canonical(
    'state request',
    [states.decodeStateRequest, states.encodeStateRequest],
    STATE_REQUESTS,
  ),
  canonical('snapshot offer', [states.decodeSnapshot, states.encodeSnapshot], [OFFER]),
  canonical('light record', [states.decodeLightRecord, states.encodeLightRecord], [LIGHT_RECORD]),
  {
    name: 'frames of a stream',
    make: () => ({
      name: 'frames of a stream',
      seeds: FRAMES,
      bend: bendBytes,
      judge: judgeFrames,
    }),
  },
  {
    name: 'lengths of gossip',
    make: () => ({ name: 'lengths of gossip', seeds: RPCS, bend: bendBytes, judge: judgeLengths }),
  },
  {
    name: 'peer address',
    make: () => ({
      name: 'peer address',
      seeds: ADDRESSES.map(utf8),
      bend: bendWords(ADDRESS_WORDS),
      judge: judgeAddress,
    }),
  },
];
