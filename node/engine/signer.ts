/**
 * The validator's key and the guard against double signing, independent of the consensus rules: the last
 * signed height, round and step are durable before a signature leaves. Going back is refused; asking again
 * for the same height, round and step is answered with the stored signature when nothing but the time
 * differs, and refused otherwise.
 */
import { equal, utf8, type Bytes } from '../base/bytes.ts';
import { signEd25519 } from '../base/ed25519.ts';
import { defineError, BitscaleError } from '../base/errors.ts';
import type { Time } from '../base/time.ts';
import { replaceFile } from './durable-file.ts';
import {
  comparePlaces,
  encodeLastSigned,
  placeText,
  type LastSigned,
  type SignStep,
} from './last-signed.ts';
import { SignedMark } from './signed-mark.ts';

export {
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSE,
  type LastSigned,
  type SignStep,
} from './last-signed.ts';

export const ErrSignRegression = defineError('signer', 1, 'height, round or step goes back');
export const ErrSignConflict = defineError('signer', 2, 'conflicting data at a signed step');

/** No consensus message begins like this: its second byte would be an unknown protobuf field. */
const PEER_BINDING_PREFIX = 'bitscale peer binding v1\n';

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

/** Anything that signs for the validator: this file, or a remote signer. */
export interface Signer {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  /** What was signed last; undefined when the signer does not tell. */
  readonly last?: LastSigned;
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
  readonly mark?: SignedMark;
}

export class FileSigner implements Signer {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  readonly #seed: Bytes;
  readonly #stateFile: string;
  readonly #mark: SignedMark;
  #last: LastSigned;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FileSignerOptions) {
    this.address = options.address;
    this.pubKey = options.pubKey;
    this.#seed = options.seed;
    this.#stateFile = options.stateFile;
    this.#last = options.last;
    this.#mark = options.mark ?? SignedMark.none();
  }

  get last(): LastSigned {
    return this.#last;
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
    const order = comparePlaces(request, this.#last);
    if (order < 0) {
      throw new BitscaleError(
        ErrSignRegression,
        `asked to sign ${placeText(request)} after ${placeText(this.#last)}`,
      );
    }
    if (order === 0) return this.#repeat(request);
    const signBytes = request.bytesAt(request.time);
    const { height, round, step, time } = request;
    const signature = signEd25519(this.#seed, signBytes);
    const next: LastSigned = { height, round, step, time, signBytes, signature };
    await replaceFile(this.#stateFile, encodeLastSigned(next));
    this.#last = next;
    this.#mark.reached(height);
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
