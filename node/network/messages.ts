/** The messages of proto/bitscale/p2p/v1 in canonical encoding. */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import {
  MAX_EXCHANGED_ADDRESSES,
  MAX_STATUS_NEIGHBOURS,
  MAX_TXS_PER_BATCH,
} from '../base/limits.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';

export const ErrMessage = defineError('network', 2, 'malformed message');

export interface Hello {
  readonly genesisHash: Bytes;
  readonly moniker: string;
  readonly version: string;
  readonly listenAddress: string;
  readonly rpcAddress: string;
  /** Empty for a node that does not validate. */
  readonly validatorPubKey: Bytes;
  readonly validatorSignature: Bytes;
}

export interface Status {
  readonly height: number;
  readonly base: number;
  /** Peer ids. */
  readonly neighbours: readonly string[];
}

export type DirectMessage =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'consensus'; readonly payload: Bytes }
  | { readonly type: 'tx'; readonly tx: Bytes };

function encodeHello(hello: Hello): Bytes {
  return new ProtoWriter()
    .bytes(1, hello.genesisHash)
    .string(2, hello.moniker)
    .string(3, hello.version)
    .string(4, hello.listenAddress)
    .string(5, hello.rpcAddress)
    .bytes(6, hello.validatorPubKey)
    .bytes(7, hello.validatorSignature)
    .finish();
}

function encodeStatus(status: Status): Bytes {
  const writer = new ProtoWriter().int64(1, status.height).int64(2, status.base);
  for (const neighbour of status.neighbours) writer.string(3, neighbour);
  return writer.finish();
}

export function encodeDirectMessage(message: DirectMessage): Bytes {
  const writer = new ProtoWriter();
  const always = { always: true };
  if (message.type === 'hello') writer.message(1, encodeHello(message.hello), always);
  else if (message.type === 'status') writer.message(2, encodeStatus(message.status), always);
  else if (message.type === 'consensus') writer.bytes(3, message.payload, always);
  else writer.bytes(4, message.tx, always);
  return writer.finish();
}

function readHello(bytes: Bytes): Hello {
  const reader = new ProtoReader(bytes);
  const empty = new Uint8Array(0);
  const text = { moniker: '', version: '', listenAddress: '', rpcAddress: '' };
  const raw = { genesisHash: empty, validatorPubKey: empty, validatorSignature: empty };
  while (reader.next()) {
    if (reader.field === 1) raw.genesisHash = reader.bytes() as typeof empty;
    else if (reader.field === 2) text.moniker = reader.string();
    else if (reader.field === 3) text.version = reader.string();
    else if (reader.field === 4) text.listenAddress = reader.string();
    else if (reader.field === 5) text.rpcAddress = reader.string();
    else if (reader.field === 6) raw.validatorPubKey = reader.bytes() as typeof empty;
    else if (reader.field === 7) raw.validatorSignature = reader.bytes() as typeof empty;
    else reader.unknown();
  }
  return { ...text, ...raw };
}

function readStatus(bytes: Bytes): Status {
  const reader = new ProtoReader(bytes, { repeated: [3] });
  let height = 0;
  let base = 0;
  const neighbours: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) height = reader.safeInteger();
    else if (reader.field === 2) base = reader.safeInteger();
    else if (reader.field === 3) neighbours.push(reader.string());
    else reader.unknown();
  }
  if (height < 0 || base < 0 || base > height || neighbours.length > MAX_STATUS_NEIGHBOURS) {
    throw new BitscaleError(ErrMessage, 'status out of bounds');
  }
  return { height, base, neighbours };
}

/** Throws BitscaleError on anything but exactly one well-formed message. */
export function decodeDirectMessage(bytes: Bytes): DirectMessage {
  const reader = new ProtoReader(bytes);
  const found: DirectMessage[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      const hello = checkCanonical(reader.bytes(), readHello, encodeHello);
      found.push({ type: 'hello', hello });
    } else if (reader.field === 2) {
      const status = checkCanonical(reader.bytes(), readStatus, encodeStatus);
      found.push({ type: 'status', status });
    } else if (reader.field === 3) found.push({ type: 'consensus', payload: reader.bytes() });
    else if (reader.field === 4) found.push({ type: 'tx', tx: reader.bytes() });
    else reader.unknown();
  }
  const message = found[0];
  if (found.length !== 1 || message === undefined) {
    throw new BitscaleError(ErrMessage, 'not exactly one message');
  }
  return message;
}

export function encodeTxBatch(txs: readonly Bytes[]): Bytes {
  const writer = new ProtoWriter();
  for (const tx of txs) writer.bytes(1, tx, { always: true });
  return writer.finish();
}

/** Throws BitscaleError when malformed, empty or too long. */
export function decodeTxBatch(bytes: Bytes): Bytes[] {
  const reader = new ProtoReader(bytes, { repeated: [1] });
  const txs: Bytes[] = [];
  while (reader.next()) {
    if (reader.field !== 1) reader.unknown();
    if (txs.length === MAX_TXS_PER_BATCH) throw new BitscaleError(ErrMessage, 'too many txs');
    txs.push(reader.bytes());
  }
  if (txs.length === 0 || txs.some((tx) => tx.length === 0)) {
    throw new BitscaleError(ErrMessage, 'empty batch or tx');
  }
  return txs;
}

/** Never empty, as a frame must not be: the count comes first. */
export function encodeAddresses(addresses: readonly string[]): Bytes {
  const writer = new ProtoWriter().int64(1, addresses.length + 1);
  for (const address of addresses) writer.string(2, address);
  return writer.finish();
}

/** Throws BitscaleError network/2 when malformed or too long. */
export function decodeAddresses(bytes: Bytes): string[] {
  try {
    return checkCanonical(bytes, readAddresses, encodeAddresses);
  } catch (error) {
    throw new BitscaleError(ErrMessage, (error as Error).message, { cause: error });
  }
}

function readAddresses(bytes: Bytes): string[] {
  const addresses: string[] = [];
  let count = 0;
  const reader = new ProtoReader(bytes, { repeated: [2] });
  while (reader.next()) {
    if (reader.field === 1) count = reader.safeInteger();
    else if (reader.field === 2) addresses.push(reader.string());
    else reader.unknown();
    if (addresses.length > MAX_EXCHANGED_ADDRESSES) {
      throw new BitscaleError(ErrMessage, 'too many addresses');
    }
  }
  if (count !== addresses.length + 1) throw new BitscaleError(ErrMessage, 'wrong count');
  return addresses;
}
