/**
 * The validator's key and the guard against double signing, independent of the consensus rules: the last
 * signed height, round and step are durable before a signature leaves. Going back is refused; asking again
 * for the same height, round and step is answered with the stored signature when nothing but the time
 * differs, and refused otherwise.
 */
import { equal, fromHex, toBase64, toHex, fromBase64, utf8, type Bytes } from '../base/bytes.ts';
import { signEd25519 } from '../base/ed25519.ts';
import { defineError, BitscaleError } from '../base/errors.ts';
import { formatTime, parseTime, type Time } from '../base/time.ts';
import { replaceFile } from './durable-file.ts';

export const STEP_PROPOSE = 1;
export const STEP_PREVOTE = 2;
export const STEP_PRECOMMIT = 3;
export type SignStep = typeof STEP_PROPOSE | typeof STEP_PREVOTE | typeof STEP_PRECOMMIT;

export const ErrSignRegression = defineError('signer', 1, 'height, round or step goes back');
export const ErrSignConflict = defineError('signer', 2, 'conflicting data at a signed step');

/** No consensus message begins like this: its second byte would be an unknown protobuf field. */
export const PEER_BINDING_PREFIX = 'bitscale peer binding v1\n';

export interface SignRequest {
  readonly height: number;
  readonly round: number;
  readonly step: SignStep;
  readonly time: Time;
  /** The bytes to sign if the message carried `time`; everything else is fixed. */
  readonly bytesAt: (time: Time) => Bytes;
}

export interface Signed {
  readonly signature: Bytes;
  /** The time that is inside the signed bytes; on a repeat, the earlier one. */
  readonly time: Time;
}

export interface LastSigned {
  readonly height: number;
  readonly round: number;
  readonly step: number;
  readonly signature?: Bytes;
  readonly signBytes?: Bytes;
  readonly time?: Time;
}

export const NOTHING_SIGNED: LastSigned = { height: 0, round: 0, step: 0 };

/** Anything that signs for the validator: this file, or a remote signer. */
export interface Signer {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  sign(request: SignRequest): Promise<Signed>;
  /** Signs that this validator is behind a node; undefined when the signer cannot. */
  bindPeer?(bindingBytes: Bytes): Bytes;
}

export interface FileSignerOptions {
  readonly seed: Bytes;
  readonly pubKey: Bytes;
  readonly address: Bytes;
  readonly stateFile: string;
  readonly last: LastSigned;
}

export class FileSigner implements Signer {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  readonly #seed: Bytes;
  readonly #stateFile: string;
  #last: LastSigned;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FileSignerOptions) {
    this.address = options.address;
    this.pubKey = options.pubKey;
    this.#seed = options.seed;
    this.#stateFile = options.stateFile;
    this.#last = options.last;
  }

  /** One request at a time, in order of the calls. */
  sign(request: SignRequest): Promise<Signed> {
    const turn = this.#turn.then(() => this.#sign(request));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Refuses what does not begin with the fixed text, so that nothing else is ever signed this way. */
  bindPeer(bindingBytes: Bytes): Bytes {
    const prefix = utf8(PEER_BINDING_PREFIX);
    const head = bindingBytes.subarray(0, prefix.length);
    if (!equal(head, prefix)) throw new BitscaleError(ErrSignConflict, 'not a peer binding');
    return signEd25519(this.#seed, bindingBytes);
  }

  async #sign(request: SignRequest): Promise<Signed> {
    const order = compareStep(request, this.#last);
    if (order < 0) {
      const { height, round, step } = this.#last;
      throw new BitscaleError(
        ErrSignRegression,
        `asked to sign ${request.height}/${request.round}/${request.step} after ${height}/${round}/${step}`,
      );
    }
    if (order === 0) return this.#repeat(request);
    const signBytes = request.bytesAt(request.time);
    const { height, round, step, time } = request;
    const signature = signEd25519(this.#seed, signBytes);
    const next: LastSigned = { height, round, step, time, signBytes, signature };
    await replaceFile(this.#stateFile, encodeLastSigned(next));
    this.#last = next;
    return { signature, time };
  }

  #repeat(request: SignRequest): Signed {
    const { signature, signBytes, time, height, round, step } = this.#last;
    if (signature !== undefined && signBytes !== undefined && time !== undefined) {
      if (equal(request.bytesAt(time), signBytes)) return { signature, time };
    }
    throw new BitscaleError(ErrSignConflict, `${height}/${round}/${step}`);
  }
}

function compareStep(request: SignRequest, last: LastSigned): number {
  if (request.height !== last.height) return request.height - last.height;
  if (request.round !== last.round) return request.round - last.round;
  return request.step - last.step;
}

/** CometBFT's priv_validator_state.json with one more field, `time`. */
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

/** Throws RangeError when the text is not such a file. */
export function decodeLastSigned(text: string): LastSigned {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RangeError('not JSON');
  }
  const { height, round, step, signature, signbytes, time } = json;
  if (typeof height !== 'string' || !/^(0|[1-9][0-9]{0,15})$/.test(height)) {
    throw new RangeError('height is not a number in quotes');
  }
  if (!Number.isSafeInteger(round) || !Number.isSafeInteger(step)) {
    throw new RangeError('round or step is not a number');
  }
  return {
    height: Number(height),
    round: round as number,
    step: step as number,
    ...(typeof signature === 'string' && { signature: fromBase64(signature) }),
    ...(typeof signbytes === 'string' && { signBytes: fromHex(signbytes) }),
    ...(typeof time === 'string' && { time: parseTime(time) }),
  };
}
