/** Consensus parameters as stored, in the field order of tendermint.types.ConsensusParams. */
import type { Bytes } from '../base/bytes.ts';
import type { ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { ConsensusParams } from '../app/abci.ts';

const ALWAYS = { always: true } as const;

export function encodeParams(params: ConsensusParams): Bytes {
  const { block, evidence, validator, version } = params;
  const keyTypes = new ProtoWriter();
  for (const keyType of validator.pubKeyTypes) keyTypes.string(1, keyType);
  return new ProtoWriter()
    .message(1, pair(block.maxBytes, block.maxGas), ALWAYS)
    .message(
      2,
      new ProtoWriter()
        .int64(1, evidence.maxAgeNumBlocks)
        .int64(2, evidence.maxAgeDurationNanos)
        .int64(3, evidence.maxBytes)
        .finish(),
      ALWAYS,
    )
    .message(3, keyTypes.finish(), ALWAYS)
    .message(4, new ProtoWriter().uint64(1, version.app).finish(), ALWAYS)
    .finish();
}

function pair(first: bigint, second: bigint): Bytes {
  return new ProtoWriter().int64(1, first).int64(2, second).finish();
}

/** The integers of a message whose fields, up to `last`, are integers. */
function readIntegers(last: number): (reader: ProtoReader) => [bigint, bigint, bigint] {
  return (reader) => {
    const values: [bigint, bigint, bigint] = [0n, 0n, 0n];
    while (reader.next()) {
      if (reader.field > last) reader.unknown();
      values[reader.field - 1] = reader.int64();
    }
    return values;
  };
}

function readVersion(reader: ProtoReader): bigint {
  let app = 0n;
  while (reader.next()) {
    if (reader.field !== 1) reader.unknown();
    app = reader.uint64();
  }
  return app;
}

function readKeyTypes(reader: ProtoReader): string[] {
  const keyTypes: string[] = [];
  while (reader.next()) {
    if (reader.field !== 1) reader.unknown();
    keyTypes.push(reader.string());
  }
  return keyTypes;
}

export function readParams(reader: ProtoReader): ConsensusParams {
  let block: [bigint, bigint, bigint] = [0n, 0n, 0n];
  let evidence: [bigint, bigint, bigint] = [0n, 0n, 0n];
  let app = 0n;
  let pubKeyTypes: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) block = reader.message(readIntegers(2));
    else if (reader.field === 2) evidence = reader.message(readIntegers(3));
    else if (reader.field === 3) pubKeyTypes = reader.message(readKeyTypes, { repeated: [1] });
    else if (reader.field === 4) app = reader.message(readVersion);
    else reader.unknown();
  }
  return {
    block: { maxBytes: block[0], maxGas: block[1] },
    evidence: {
      maxAgeNumBlocks: evidence[0],
      maxAgeDurationNanos: evidence[1],
      maxBytes: evidence[2],
    },
    validator: { pubKeyTypes },
    version: { app },
  };
}
