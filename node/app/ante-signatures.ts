/** Public keys, sequences and signatures of a transaction: secp256k1 keys and multisigs of them. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import type { SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { equal, toBase64, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import {
  INVALID_PUBKEY,
  NOT_SUPPORTED,
  TOO_MANY_SIGNATURES,
  UNAUTHORIZED,
  UNKNOWN_ADDRESS,
  WRONG_SEQUENCE,
} from '../base/sdk-errors.ts';
import { verifySecp256k1 } from '../base/secp256k1.ts';
import type { AddressText } from './address-text.ts';
import type { Context } from './context.ts';
import { attribute, type EventLog } from './events.ts';
import type { Account, AccountKeeper } from './expected.ts';
import { addressOfKey, isUsable, type PublicKey } from './public-key.ts';
import { signBytes } from './sign-bytes.ts';
import type { SignatureCache, SignatureCheck } from './signature-cache.ts';
import { takeApart } from './signature-parts.ts';
import { useUnorderedNonces } from './ante-unordered.ts';
import type { Tx } from './tx.ts';

export interface SignatureDeps {
  readonly accounts: AccountKeeper;
  readonly addresses: AddressText;
  readonly signatures: SignatureCache;
}

/** Throws BitscaleError unless every signer signed this very tx; then counts the sequences up. */
export function checkSignatures(context: Context, tx: Tx, deps: SignatureDeps): void {
  setPubKeys(context, tx, deps);
  checkSignatureCount(context, tx, deps);
  payForSignatures(context, tx, deps);
  if (tx.body.unordered) useUnorderedNonces(context, tx, deps.accounts);
  for (let index = 0; index < tx.signers.length; index++) {
    const known = signerAccount(context, deps, tx.signers[index] as Bytes);
    const account = context.mode === 'replace' ? asBefore(known, tx, index) : known;
    checkOneSignature(context, { tx, index, account }, deps);
  }
  if (tx.body.unordered || context.mode === 'replace') return;
  for (const signer of tx.signers) deps.accounts.incrementSequence(context, signer);
}

/** A replacement takes the place of a pending transaction that has counted the sequence up already. */
function asBefore(account: Account, tx: Tx, index: number): Account {
  const sequence = tx.authInfo.signerInfos[index]?.sequence ?? 0n;
  return sequence < account.sequence ? { ...account, sequence } : account;
}

function setPubKeys(context: Context, tx: Tx, deps: SignatureDeps): void {
  for (let i = 0; i < tx.signers.length; i++) setPubKey(context, { tx, index: i }, deps);
  if (!context.events.isKept) return;
  for (let i = 0; i < tx.signers.length; i++) emitSigner(context.events, { tx, index: i }, deps);
}

interface OneSigner {
  readonly tx: Tx;
  readonly index: number;
}

function setPubKey(context: Context, { tx, index }: OneSigner, deps: SignatureDeps): void {
  const signer = tx.signers[index] as Bytes;
  const key = tx.pubKeys[index];
  if (key instanceof BitscaleError) throw key;
  if (!key) {
    if (context.isSimulate) return;
    throw new BitscaleError(INVALID_PUBKEY, 'the public key of the signer is missing');
  }
  if (!context.isSimulate && !equal(addressOfKey(key), signer)) {
    const text = deps.addresses.write(signer);
    const detail = `pubKey does not match signer address ${text} with signer index: ${index}`;
    throw new BitscaleError(INVALID_PUBKEY, detail);
  }
  const account = signerAccount(context, deps, signer);
  if (account.pubKey) return;
  if (!isUsable(key)) {
    throw new BitscaleError(INVALID_PUBKEY, 'not a compressed point of secp256k1');
  }
  deps.accounts.setPubKey(context, account, key);
}

function emitSigner(
  events: EventLog,
  { tx, index }: OneSigner,
  { addresses }: SignatureDeps,
): void {
  const text = addresses.write(tx.signers[index] as Bytes);
  const sequence = tx.authInfo.signerInfos[index]?.sequence ?? 0n;
  emitTx(events, 'acc_seq', `${text}/${sequence}`);
  for (const inner of tx.innerSignatures[index] ?? []) emitTx(events, 'signature', toBase64(inner));
  emitTx(events, 'signature', toBase64(tx.signatures[index] as Bytes));
}

function emitTx(events: EventLog, key: string, value: string): void {
  events.add({ type: 'tx', attributes: [attribute(key, value)] });
}

function checkSignatureCount(context: Context, tx: Tx, deps: SignatureDeps): void {
  const { txSigLimit } = deps.accounts.txParams(context);
  const count = signatureCount(tx);
  if (count > txSigLimit) {
    const detail = `signatures: ${count}, limit: ${txSigLimit}`;
    throw new BitscaleError(TOO_MANY_SIGNATURES, detail);
  }
}

function signatureCount(tx: Tx): number {
  let count = 0;
  for (const key of tx.pubKeys) count += memberCount(key);
  return count;
}

function memberCount(key: PublicKey | BitscaleError | undefined): number {
  return key && 'members' in key ? key.members.length : 1;
}

function payForSignatures(context: Context, tx: Tx, deps: SignatureDeps): void {
  const { sigVerifyCostSecp256k1 } = deps.accounts.txParams(context);
  for (let index = 0; index < tx.signers.length; index++) {
    signerAccount(context, deps, tx.signers[index] as Bytes);
    const key = tx.pubKeys[index];
    const multi = key && 'members' in key && key.multi;
    const inner = tx.innerSignatures[index]?.length ?? 0;
    const count = multi ? Math.max(inner, context.isSimulate ? key.threshold : 1) : 1;
    for (let i = 0; i < count; i++) {
      context.gas.consume(sigVerifyCostSecp256k1, 'ante verify: secp256k1');
    }
  }
}

function signerAccount(context: Context, deps: SignatureDeps, signer: Bytes): Account {
  const account = deps.accounts.account(context, signer);
  if (account) return account;
  const detail = `account ${deps.addresses.write(signer)} does not exist`;
  throw new BitscaleError(UNKNOWN_ADDRESS, detail);
}

interface OneSignature extends OneSigner {
  readonly account: Account;
}

function checkOneSignature(context: Context, one: OneSignature, deps: SignatureDeps): void {
  const { tx, index, account } = one;
  const info = tx.authInfo.signerInfos[index] as SignerInfo;
  if (!tx.body.unordered && info.sequence !== account.sequence) {
    const detail = `account sequence mismatch, expected ${account.sequence}, got ${info.sequence}`;
    throw new BitscaleError(WRONG_SEQUENCE, detail);
  }
  if (context.isSimulate || context.mode === 'recheck') return;
  const name = { txHash: tx.hash, signer: index, account: account.accountNumber };
  if (deps.signatures.has(name)) return;
  // A block is judged by what is computed now, whatever is remembered.
  const isKnownBad = context.mode !== 'finalize' && deps.signatures.isBad(name);
  checkSignatureBytes(context.chainId, one, isKnownBad);
  deps.signatures.add(name);
}

/**
 * The signatures that CheckTx would verify of a transaction and the cache does not know; those of multisigs
 * and whatever would be refused before are left to it.
 */
export function openSignatures(context: Context, tx: Tx, deps: SignatureDeps): SignatureCheck[] {
  // Anybody may send one with hundreds, and each signature is over the whole of it.
  if (signatureCount(tx) > deps.accounts.txParams(context).txSigLimit) return [];
  return tx.signers.flatMap((signer, index) => {
    const key = tx.pubKeys[index];
    const info = tx.authInfo.signerInfos[index];
    const signature = tx.signatures[index];
    const mode = info?.modeInfo?.single?.mode;
    if (!key || key instanceof BitscaleError || key.multi || mode === undefined) return [];
    if (!info || !signature || !equal(addressOfKey(key), signer)) return [];
    const account = deps.accounts.account(context, signer);
    if (!account || (!tx.body.unordered && info.sequence < account.sequence)) return [];
    const { accountNumber } = account;
    const name = { txHash: tx.hash, signer: index, account: accountNumber };
    if (deps.signatures.has(name) || deps.signatures.isBad(name)) return [];
    const { chainId } = context;
    const message = signBytes(mode, tx, { chainId, accountNumber, sequence: info.sequence });
    const [pubKey] = key.members;
    if (!message || !pubKey) return [];
    return [{ name, pubKey, message: sha256(message), signature }];
  });
}

/** What the cache knows of all signers together: true, false as soon as one is bad, or undefined. */
export function knownSignatures(
  context: Context,
  tx: Tx,
  { accounts, signatures }: SignatureDeps,
): boolean | undefined {
  const names = tx.signers.map((signer, index) => {
    const account = accounts.account(context, signer)?.accountNumber;
    return account === undefined ? undefined : { txHash: tx.hash, signer: index, account };
  });
  if (names.some((name) => name !== undefined && signatures.isBad(name))) return false;
  return names.every((name) => name !== undefined && signatures.has(name)) ? true : undefined;
}

function checkSignatureBytes(
  chainId: string,
  { tx, index, account }: OneSignature,
  isKnownBad: boolean,
): void {
  const { accountNumber, sequence, pubKey } = account;
  if (!pubKey) throw new BitscaleError(INVALID_PUBKEY, 'pubkey on account is not set');
  const whole = tx.signatures[index] as Bytes;
  const inner = tx.innerSignatures[index] ?? [];
  const modeInfo = tx.authInfo.signerInfos[index]?.modeInfo;
  const { parts, fits } = takeApart(pubKey, modeInfo, { whole, inner });
  // The members of a multisig sign the same, which is long work when the transaction is long.
  const hashes = new Map<SignMode | undefined, Bytes>();
  const good = parts.map(({ member, mode, signature }) => {
    let hash = hashes.get(mode);
    if (!hash) {
      const message = signBytes(mode, tx, { chainId, accountNumber, sequence });
      if (!message) {
        throw new BitscaleError(NOT_SUPPORTED, 'the transaction cannot be signed in this mode');
      }
      hash = sha256(message);
      hashes.set(mode, hash);
    }
    const key = pubKey.members[member];
    return !isKnownBad && key !== undefined && verifySecp256k1(key, hash, signature);
  });
  if (fits && good.every(Boolean)) return;
  const amino = parts.every(({ mode }) => mode === SignMode.SIGN_MODE_LEGACY_AMINO_JSON);
  const which = amino
    ? `account number (${accountNumber}), sequence (${sequence}) and chain-id (${chainId})`
    : `account number (${accountNumber}) and chain-id (${chainId}): (unable to verify single signer signature)`;
  throw new BitscaleError(UNAUTHORIZED, `signature verification failed; please verify ${which}`);
}
