/** Verifies signatures once: a vote comes alone, again in a certificate, and again in the next block. */
import { concat, toHex, type Bytes } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_VERIFIED_SIGNATURES, MIN_BULK_VALIDATORS } from '../base/limits.ts';
import type { SignatureCheck } from '../consensus/verify-commit.ts';
import type { BulkChecks } from './expected.ts';
import { RecentSet } from './recent-set.ts';

const SIGNATURE_BYTES = 64;

export class SignatureChecks {
  readonly #good = new RecentSet(MAX_VERIFIED_SIGNATURES);
  readonly #bulk: BulkChecks | undefined;

  constructor(bulk?: BulkChecks) {
    this.#bulk = bulk;
  }

  /** Certificates of so many validators are worth `prepare`. */
  isLarge(validators: number): boolean {
    return this.#bulk !== undefined && validators >= MIN_BULK_VALIDATORS;
  }

  /** Verifies what is not known yet beside the main thread; `verify` then finds the good ones known. */
  async prepare(checks: readonly SignatureCheck[]): Promise<void> {
    const open = checks.filter((check) => !this.#good.has(nameOf(check)));
    const good = await this.#bulk?.ed25519(open);
    open.forEach((check, index) => {
      if (good?.[index] === true && check.signature.length === SIGNATURE_BYTES) {
        this.#good.add(nameOf(check));
      }
    });
  }

  /** The same for the transactions of a block. */
  async prepareTxs(txs: readonly Bytes[]): Promise<void> {
    await this.#bulk?.txs(txs);
  }

  /** Do all of them hold? */
  verify(checks: readonly SignatureCheck[]): boolean {
    return checks.every((check) => this.verifyOne(check));
  }

  verifyOne(check: SignatureCheck): boolean {
    const { pubKey, message, signature } = check;
    if (signature.length !== SIGNATURE_BYTES) return false;
    const name = nameOf(check);
    if (this.#good.has(name)) return true;
    if (!verifyEd25519(pubKey, message, signature)) return false;
    this.#good.add(name);
    return true;
  }
}

function nameOf({ pubKey, message, signature }: SignatureCheck): string {
  return toHex(sha256(concat(pubKey, signature, message)));
}
