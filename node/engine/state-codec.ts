/** The engine's own records: validator sets (tendermint.types.ValidatorSet) and the chain state at the tip. */
import { crc32 } from 'node:zlib';
import { concat, EMPTY, type Bytes } from '../base/bytes.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { ConsensusParams } from '../app/abci.ts';
import { readBlockId, readTime } from '../consensus/decoding.ts';
import { encodeBlockId, encodePublicKey, encodeTime } from '../consensus/encoding.ts';
import { ValidatorSet, type RankedValidator } from '../consensus/validator-set.ts';
import { NIL_BLOCK_ID } from '../consensus/votes.ts';
import { ZERO_TIME } from '../base/time.ts';
import type { ChainState } from './chain-state.ts';
import { encodeParams, readParams } from './params-codec.ts';

const ALWAYS = { always: true } as const;
const SET_OPTIONS = { repeated: [1] } as const;
const CHECKSUM_BYTES = 4;

/** Four bytes of CRC-32 in front: LevelDB does not notice every damage by itself. */
export function sealed(record: Bytes): Bytes {
  const checksum = new Uint8Array(CHECKSUM_BYTES);
  new DataView(checksum.buffer).setUint32(0, crc32(record));
  return concat(checksum, record);
}

/** Undefined when the checksum does not match. */
export function unsealed(bytes: Bytes): Bytes | undefined {
  if (bytes.length < CHECKSUM_BYTES) return undefined;
  const record = bytes.subarray(CHECKSUM_BYTES);
  const expected = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return crc32(record) === expected ? record : undefined;
}

function encodeValidator(validator: RankedValidator): Bytes {
  return new ProtoWriter()
    .bytes(1, validator.address)
    .message(2, encodePublicKey(validator.pubKey), ALWAYS)
    .int64(3, validator.power)
    .int64(4, validator.priority)
    .finish();
}

export function encodeValidatorSet(set: ValidatorSet): Bytes {
  const writer = new ProtoWriter();
  for (const validator of set.validators) writer.message(1, encodeValidator(validator), ALWAYS);
  return writer.message(2, encodeValidator(set.proposer), ALWAYS).int64(3, set.totalPower).finish();
}

function readKey(reader: ProtoReader): Bytes {
  let key = EMPTY;
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes();
    else reader.unknown();
  }
  return key;
}

function readValidator(reader: ProtoReader): RankedValidator {
  let [address, pubKey, power, priority] = [EMPTY, EMPTY, 0n, 0n];
  while (reader.next()) {
    if (reader.field === 1) address = reader.bytes();
    else if (reader.field === 2) pubKey = reader.message(readKey);
    else if (reader.field === 3) power = reader.int64();
    else if (reader.field === 4) priority = reader.int64();
    else reader.unknown();
  }
  return { address, pubKey, power, priority };
}

function readValidatorSet(reader: ProtoReader): ValidatorSet {
  const validators: RankedValidator[] = [];
  let proposer: RankedValidator | undefined;
  while (reader.next()) {
    if (reader.field === 1) validators.push(reader.message(readValidator));
    else if (reader.field === 2) proposer = reader.message(readValidator);
    else if (reader.field === 3) reader.int64();
    else reader.unknown();
  }
  return ValidatorSet.restore(validators, proposer);
}

export function decodeValidatorSet(bytes: Bytes): ValidatorSet {
  return readValidatorSet(new ProtoReader(bytes, SET_OPTIONS));
}

export function encodeChainState(state: ChainState): Bytes {
  const { lastValidators } = state;
  return new ProtoWriter()
    .string(1, state.chainId)
    .int64(2, state.initialHeight)
    .int64(3, state.height)
    .message(4, encodeBlockId(state.blockId), ALWAYS)
    .message(5, encodeTime(state.time), ALWAYS)
    .message(6, lastValidators && encodeValidatorSet(lastValidators))
    .message(7, encodeValidatorSet(state.validators))
    .message(8, encodeValidatorSet(state.nextValidators))
    .message(9, encodeParams(state.params), ALWAYS)
    .bytes(10, state.appHash)
    .bytes(11, state.resultsHash)
    .finish();
}

/** Throws when the record is not a chain state. */
export function decodeChainState(bytes: Bytes): ChainState {
  const reader = new ProtoReader(bytes);
  const plain = {
    chainId: '',
    initialHeight: 0,
    height: 0,
    blockId: NIL_BLOCK_ID,
    time: ZERO_TIME,
  };
  const hashes = { appHash: EMPTY, resultsHash: EMPTY };
  const sets: (ValidatorSet | undefined)[] = [undefined, undefined, undefined];
  let params: ConsensusParams | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) plain.chainId = reader.string();
    else if (field === 2) plain.initialHeight = reader.safeInteger();
    else if (field === 3) plain.height = reader.safeInteger();
    else if (field === 4) plain.blockId = reader.message(readBlockId);
    else if (field === 5) plain.time = reader.message(readTime);
    else if (field <= 8) sets[field - 6] = reader.message(readValidatorSet, SET_OPTIONS);
    else if (field === 9) params = reader.message(readParams);
    else if (field === 10) hashes.appHash = reader.bytes();
    else if (field === 11) hashes.resultsHash = reader.bytes();
    else reader.unknown();
  }
  const [lastValidators, validators, nextValidators] = sets;
  if (!validators || !nextValidators || !params) throw new RangeError('incomplete chain state');
  return { ...plain, ...hashes, lastValidators, validators, nextValidators, params };
}
