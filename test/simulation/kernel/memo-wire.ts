/** A payload that went to many is decoded once: the bytes are the same, and so is what they say. */
import type { Bytes } from '../../../node/base/bytes.ts';
import * as real from '../../../node/engine/wire.ts';

export * from '../../../node/engine/wire.ts';

const known = new WeakMap<Bytes, real.Payload>();

export function decodePayload(bytes: Bytes): real.Payload {
  const before = known.get(bytes);
  if (before) return before;
  const payload = real.decodePayload(bytes);
  known.set(bytes, payload);
  return payload;
}
