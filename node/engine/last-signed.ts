/**
 * The last-signed file: CometBFT's priv_validator_state.json with one more field, `time`. It has no checksum of
 * its own and needs none: the signature in it covers height, round and step.
 */
import { fromBase64, fromHex, toBase64, toHex, utf8, type Bytes } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { formatTime, parseTime, type Time } from '../base/time.ts';

export const STEP_PROPOSE = 1;
export const STEP_PREVOTE = 2;
export const STEP_PRECOMMIT = 3;
export type SignStep = typeof STEP_PROPOSE | typeof STEP_PREVOTE | typeof STEP_PRECOMMIT;

/** Where in the life of the chain something is signed. */
export interface SignPlace {
  readonly height: number;
  readonly round: number;
  readonly step: number;
}

export interface LastSigned extends SignPlace {
  readonly signature?: Bytes;
  readonly signBytes?: Bytes;
  readonly time?: Time;
}

export const NOTHING_SIGNED: LastSigned = { height: 0, round: 0, step: 0 };
export const MAX_ROUND = 0x7fff_ffff;

/** The step of each type of message, by the type in its sign bytes. */
const STEP_OF_TYPE = new Map([
  [32, STEP_PROPOSE],
  [1, STEP_PREVOTE],
  [2, STEP_PRECOMMIT],
]);
const FIELDS = new Set(['height', 'round', 'step', 'signature', 'signbytes', 'time']);

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function comparePlaces(a: SignPlace, b: SignPlace): number {
  return a.height - b.height || a.round - b.round || a.step - b.step;
}

export function placeText({ height, round, step }: SignPlace): string {
  return `${height}/${round}/${step}`;
}

export function encodeLastSigned(last: LastSigned): Bytes {
  const { height, round, step, signature, signBytes, time } = last;
  const json = {
    height: String(height),
    round,
    step,
    ...(signature && { signature: toBase64(signature) }),
    ...(signBytes && { signbytes: toHex(signBytes).toUpperCase() }),
    ...(time && { time: formatTime(time) }),
  };
  return utf8(`${JSON.stringify(json, null, 2)}\n`);
}

/** Throws RangeError when the text is not such a file, or its parts do not belong together. */
export function decodeLastSigned(text: string, pubKey: Bytes): LastSigned {
  const json = parsed(text);
  const unknown = Object.keys(json).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw new RangeError(`unknown field ${JSON.stringify(unknown)}`);
  const { height, round, step, signature, signbytes, time } = json;
  if (typeof height !== 'string' || !/^(0|[1-9][0-9]{0,14})$/.test(height)) {
    throw new RangeError('height is not a number in quotes');
  }
  const place = {
    height: Number(height),
    round: whole(round, 'round', MAX_ROUND),
    step: whole(step, 'step', STEP_PRECOMMIT),
  };
  if (signature === undefined && signbytes === undefined) return place;
  if (typeof signature !== 'string' || typeof signbytes !== 'string') {
    throw new RangeError('signature and signbytes belong together');
  }
  const signed = { signature: fromBase64(signature), signBytes: fromHex(signbytes.toLowerCase()) };
  if (!verifyEd25519(pubKey, signed.signBytes, signed.signature)) {
    throw new RangeError('the signature is not one of this key over signbytes');
  }
  if (comparePlaces(place, placeOf(signed.signBytes)) !== 0) {
    throw new RangeError('signbytes are of another height, round or step');
  }
  return { ...place, ...signed, ...(typeof time === 'string' && { time: parseTime(time) }) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new RangeError('not a JSON object');
}

function whole(value: unknown, name: string, most: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) {
    return value as number;
  }
  throw new RangeError(`${name} is not a number from 0 to ${most}`);
}

/** Height, round and step inside the bytes that are signed. Throws when they are no vote or proposal. */
export function placeOf(signBytes: Bytes): SignPlace {
  const bodyAt = signBytes.findIndex((byte) => byte < 0x80) + 1;
  const reader = new ProtoReader(signBytes.subarray(bodyAt));
  let [type, height, round] = [0, 0, 0];
  while (reader.next() && reader.field <= 3) {
    if (reader.field === 1) type = reader.int32();
    else if (reader.field === 2) height = Number(reader.sfixed64());
    else round = Number(reader.sfixed64());
  }
  const step = STEP_OF_TYPE.get(type);
  if (step === undefined) throw new RangeError('signbytes are not of a vote or proposal');
  return { height, round, step };
}
