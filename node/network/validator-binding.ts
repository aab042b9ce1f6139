/**
 * How a node proves that a validator is behind it: the validator's key signs the chain id and the node's
 * peer id. The text begins with a letter where a consensus message has a protobuf tag that never occurs,
 * so the signature can never be taken for a vote.
 */
import { utf8, type Bytes } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { sha256 } from '../base/hash.ts';
import type { Hello } from './messages.ts';

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const ADDRESS_BYTES = 20;

export function bindingBytes(chainId: string, peerId: string): Bytes {
  return utf8(`bitscale peer binding v1\n${chainId}\n${peerId}`);
}

/** The validator's address when the proof holds; undefined when there is none or it is wrong. */
export function provenValidator(hello: Hello, chainId: string, peerId: string): Bytes | undefined {
  const { validatorPubKey, validatorSignature } = hello;
  if (validatorPubKey.length !== PUBLIC_KEY_BYTES) return undefined;
  if (validatorSignature.length !== SIGNATURE_BYTES) return undefined;
  const message = bindingBytes(chainId, peerId);
  if (!verifyEd25519(validatorPubKey, message, validatorSignature)) return undefined;
  return sha256(validatorPubKey).slice(0, ADDRESS_BYTES);
}
