/** Signing the parts of a transaction, and checking who signed them. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import type { ModeInfo, SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { accountText } from '../../base/address.ts';
import { equal, type Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { sha256 } from '../../base/hash.ts';
import { verifySecp256k1 } from '../../base/secp256k1.ts';
import { addressOfKey, type PublicKey } from '../../app/public-key.ts';
import { signBytes, type SignerFacts } from '../../app/sign-bytes.ts';
import { takeApart } from '../../app/signature-parts.ts';
import type { Tx } from '../../app/tx.ts';
import type { ChainTypes } from './chain-types.ts';
import { encodeParts, type TxParts } from './parts.ts';
import type { LooseSignature } from './signature-json.ts';

export const { SIGN_MODE_DIRECT: DIRECT, SIGN_MODE_LEGACY_AMINO_JSON: AMINO } = SignMode;

/** A key that can sign. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Cannot sign in any mode but amino JSON. */
  readonly aminoOnly: boolean;
  /** 64 bytes. */
  sign(signDoc: Bytes): Promise<Bytes>;
}

export interface SignChoice extends SignerFacts {
  /** Undefined: what the key and the transaction allow. */
  readonly mode: SignMode | undefined;
}

/** Throws ExitError 65 for a transaction that no node would read. */
export function readTxParts(parts: TxParts, { decoder }: Pick<ChainTypes, 'decoder'>): Tx {
  try {
    return decoder.decode(encodeParts(parts));
  } catch (cause) {
    if (!(cause instanceof BitscaleError)) throw cause;
    throw new ExitError(EXIT_DATA, `no node would take it: ${cause.message}`, { cause });
  }
}

function bytesToSign(mode: SignMode, tx: Tx, facts: SignerFacts): Bytes {
  const bytes = signBytes(mode, tx, facts);
  if (bytes !== undefined) return bytes;
  throw new ExitError(EXIT_DATA, 'this transaction cannot be signed as amino JSON');
}

function chooseMode(signer: Signer, tx: Tx, wanted: SignMode | undefined): SignMode {
  if (wanted === undefined) return signer.aminoOnly || tx.signers.length > 1 ? AMINO : DIRECT;
  if (wanted !== DIRECT) return wanted;
  if (signer.aminoOnly) {
    throw new ExitError(EXIT_DATA, 'this key signs amino JSON only: --sign-mode amino-json');
  }
  if (tx.signers.length === 1) return wanted;
  const why = 'a transaction with several signers is signed as amino JSON: --sign-mode amino-json';
  throw new ExitError(EXIT_DATA, why);
}

/** The signature of a member of a multisig, whose number and sequence `facts` holds. */
export async function signAsMember(
  parts: TxParts,
  signer: Signer,
  facts: SignerFacts,
  chain: Pick<ChainTypes, 'decoder'>,
): Promise<LooseSignature> {
  const doc = bytesToSign(AMINO, readTxParts(parts, chain), facts);
  const signature = await checkedSignature(signer, doc);
  return { publicKey: signer.publicKey, mode: AMINO, signature, sequence: facts.sequence };
}

/** Adds a signature, in place of an earlier one of the same key. Throws ExitError 65. */
export async function signParts(
  parts: TxParts,
  signer: Signer,
  choice: SignChoice,
  chain: Pick<ChainTypes, 'decoder'>,
): Promise<TxParts> {
  const tx = readTxParts(parts, chain);
  const address = addressOfKey(signer.publicKey);
  if (!tx.signers.some((each) => equal(each, address))) {
    const who = tx.signers.map((each) => accountText(each)).join(', ');
    throw new ExitError(EXIT_DATA, `the transaction needs the signature of ${who}`);
  }
  const mode = chooseMode(signer, tx, choice.mode);
  const info: SignerInfo = {
    publicKey: signer.publicKey.any,
    modeInfo: { single: { mode } },
    sequence: tx.body.unordered ? 0n : choice.sequence,
  };
  const unsigned = withSignature(parts, tx, { address, info, signature: new Uint8Array(0) });
  const doc = bytesToSign(mode, readTxParts(unsigned, chain), choice);
  const signature = await checkedSignature(signer, doc);
  return withSignature(parts, tx, { address, info, signature });
}

async function checkedSignature(signer: Signer, doc: Bytes): Promise<Bytes> {
  const signature = await signer.sign(doc);
  const [member] = signer.publicKey.members;
  if (verifySecp256k1(member!, sha256(doc), signature)) return signature;
  throw new ExitError(EXIT_DATA, 'the signature is not of this key; is it the right device?');
}

interface Signed {
  readonly address: Bytes;
  readonly info: SignerInfo;
  readonly signature: Bytes;
}

/** Signatures stand in the order of the signers. */
export function withSignature(parts: TxParts, tx: Tx, added: Signed): TxParts {
  const present = parts.authInfo.signerInfos.map((info, index): Signed => {
    const key = tx.pubKeys[index];
    if (!key || key instanceof BitscaleError) {
      throw new ExitError(EXIT_DATA, `signature ${index} has no key; use --overwrite`);
    }
    return { address: addressOfKey(key), info, signature: parts.signatures[index]! };
  });
  const others = present.filter(({ address }) => !equal(address, added.address));
  const place = ({ address }: Signed): number =>
    tx.signers.findIndex((signer) => equal(signer, address));
  const all = [...others, added].sort((a, b) => place(a) - place(b));
  return {
    body: parts.body,
    authInfo: { ...parts.authInfo, signerInfos: all.map(({ info }) => info) },
    signatures: all.map(({ signature }) => signature),
  };
}

export interface SignatureReport {
  readonly address: string;
  readonly valid: boolean;
  readonly why: string;
}

/** For every signer, whether its signature holds. `factsOf` says number and chain; the sequence is in the file. */
export async function checkSignatures(
  tx: Tx,
  factsOf: (address: string) => Promise<Omit<SignerFacts, 'sequence'>>,
): Promise<SignatureReport[]> {
  const reports: SignatureReport[] = [];
  for (const [index, signer] of tx.signers.entries()) {
    const address = accountText(signer);
    const info = tx.authInfo.signerInfos[index];
    const key = tx.pubKeys[index];
    if (!info || !key || key instanceof BitscaleError || !equal(addressOfKey(key), signer)) {
      reports.push({ address, valid: false, why: 'no signature of this key in its place' });
      continue;
    }
    const facts = { ...(await factsOf(address)), sequence: info.sequence };
    const valid = holds(tx, { index, key, modeInfo: info.modeInfo }, facts);
    reports.push({ address, valid, why: valid ? '' : 'wrong key, number, sequence or chain' });
  }
  return reports;
}

interface OneSigner {
  readonly index: number;
  readonly key: PublicKey;
  readonly modeInfo: ModeInfo | undefined;
}

function holds(tx: Tx, { index, key, modeInfo }: OneSigner, facts: SignerFacts): boolean {
  const signature = { whole: tx.signatures[index]!, inner: tx.innerSignatures[index] ?? [] };
  const { parts, fits } = takeApart(key, modeInfo, signature);
  if (!fits) return false;
  return parts.every(({ member, mode, signature: one }) => {
    const bytes = signBytes(mode, tx, facts);
    return bytes !== undefined && verifySecp256k1(key.members[member]!, sha256(bytes), one);
  });
}
