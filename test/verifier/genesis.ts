/** What verification needs of a genesis file, and of what the application answered to a block. */
import type { Timestamp } from './formats.ts';
import { addressOf, inOrder, type Validator } from './hashes.ts';
import { EMPTY, Fields, FormatError, int, join, bytes as field, type Bytes } from './proto.ts';

export interface Params {
  readonly maxBytes: bigint;
  readonly maxGas: bigint;
  readonly maxAgeBlocks: bigint;
  readonly maxAgeNanos: bigint;
}

export interface Genesis {
  readonly chainId: string;
  readonly initialHeight: number;
  readonly time: Timestamp;
  readonly validators: readonly Validator[];
  readonly params: Params;
}

/** What the application answered: all of it enters later headers. */
export interface Outcome {
  /** Leaves of the results hash. */
  readonly results: readonly Bytes[];
  readonly updates: readonly Validator[];
  readonly params: Params | undefined;
  readonly appHash: Bytes;
}

// Genesis files and answers of nodes are foreign JSON.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

export function readTimestamp(text: string): Timestamp {
  const [, whole, fraction = ''] = RFC3339.exec(text) ?? [];
  const millis = whole === undefined ? NaN : Date.parse(`${whole}Z`);
  if (Number.isNaN(millis)) throw new FormatError(`not a time: ${text}`);
  return { seconds: BigInt(millis / 1000), nanos: Number(fraction.padEnd(9, '0')) };
}

export function base64(text: string | null | undefined): Bytes {
  return new Uint8Array(Buffer.from(text ?? '', 'base64'));
}

export function validatorOf(pubKey: Bytes, power: bigint): Validator {
  return { address: addressOf(pubKey), pubKey, power };
}

export function paramsOf(json: Json): Params {
  return {
    maxBytes: BigInt(json.block.max_bytes),
    maxGas: BigInt(json.block.max_gas),
    maxAgeBlocks: BigInt(json.evidence.max_age_num_blocks),
    maxAgeNanos: BigInt(json.evidence.max_age_duration),
  };
}

export function readGenesis(text: string): Genesis {
  const json = JSON.parse(text) as Json;
  const validators = (json.validators as Json[]).map((one) =>
    validatorOf(base64(one.pub_key.value), BigInt(one.power)),
  );
  return {
    chainId: json.chain_id,
    initialHeight: Number(json.initial_height ?? 1),
    time: readTimestamp(json.genesis_time),
    validators: inOrder(validators),
    params: paramsOf(json.consensus_params),
  };
}

/** Only code, data and gas of a result are hashed. */
export function resultLeaf(
  code: bigint | number,
  data: Bytes,
  gasWanted: bigint,
  gasUsed: bigint,
): Bytes {
  return join([int(1, code), field(2, data), int(5, gasWanted), int(6, gasUsed)]);
}

function readParams(fields: Fields): Params {
  const [block, evidence] = [fields.message(1), fields.message(2)];
  const age = evidence.message(2);
  return {
    maxBytes: block.int(1),
    maxGas: block.int(2),
    maxAgeBlocks: evidence.int(1),
    // The node writes nanoseconds, CometBFT a google.protobuf.Duration.
    maxAgeNanos: evidence.int(2) + age.int(1) * 1_000_000_000n + age.int(2),
  };
}

/** A tendermint.abci.ResponseFinalizeBlock. */
export function readOutcome(bytes: Bytes): Outcome {
  const fields = new Fields(bytes);
  return {
    results: fields.all(2).map((one) => {
      const result = new Fields(one);
      return resultLeaf(result.int(1), result.bytes(2), result.int(5), result.int(6));
    }),
    updates: fields.all(3).map((one) => {
      const update = new Fields(one);
      return validatorOf(update.message(1).bytes(1), update.int(2));
    }),
    params: fields.has(4) ? readParams(fields.message(4)) : undefined,
    appHash: fields.bytes(5),
  };
}

/** A tendermint.types.ValidatorSet: who validates, without the priorities. */
export function readValidators(bytes: Bytes): Validator[] {
  return new Fields(bytes).all(1).map((one) => {
    const validator = new Fields(one);
    const pubKey = validator.message(2).bytes(1);
    return { address: validator.bytes(1), pubKey, power: validator.int(3) };
  });
}

export const NOTHING: Outcome = { results: [], updates: [], params: undefined, appHash: EMPTY };
