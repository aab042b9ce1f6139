/** Verifies signatures once: a vote comes alone, again in a certificate, and again in the next block. */
import { concat, toHex } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_VERIFIED_SIGNATURES } from '../base/limits.ts';
import type { SignatureCheck } from '../consensus/verify-commit.ts';
import { RecentSet } from './recent-set.ts';

const SIGNATURE_BYTES = 64;

export class SignatureChecks {
  readonly #good = new RecentSet(MAX_VERIFIED_SIGNATURES);

  /** Do all of them hold? */
  verify(checks: readonly SignatureCheck[]): boolean {
    return checks.every((check) => this.verifyOne(check));
  }

  verifyOne({ pubKey, message, signature }: SignatureCheck): boolean {
    if (signature.length !== SIGNATURE_BYTES) return false;
    const name = toHex(sha256(concat(pubKey, signature, message)));
    if (this.#good.has(name)) return true;
    if (!verifyEd25519(pubKey, message, signature)) return false;
    this.#good.add(name);
    return true;
  }
}
