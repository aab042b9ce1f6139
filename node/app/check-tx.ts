/**
 * Transactions before they are in a block: what they say of themselves, whether they would be taken, what they would
 * do. Signatures may be verified elsewhere: somebody asks which are open, and tells the answers.
 */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { verifySecp256k1 } from '../base/secp256k1.ts';
import type * as abci from './abci.ts';
import { knownSignatures, openSignatures } from './ante-signatures.ts';
import type { BetweenBlocks } from './between-blocks.ts';
import { runTx, type RunnerDeps, type TxOutcome } from './run-tx.ts';
import type { SignatureCheck } from './signature-cache.ts';
import type { KnownFacts, TxFacts } from './tx-facts.ts';

export class TxChecks {
  readonly #runner: RunnerDeps;
  readonly #between: BetweenBlocks;
  readonly #facts: KnownFacts;
  /** Has the pending transactions checked again on which an answer about this one is built. */
  refresh: (tx: Bytes) => void = () => undefined;

  constructor(runner: RunnerDeps, between: BetweenBlocks, facts: KnownFacts) {
    this.#runner = runner;
    this.#between = between;
    this.#facts = facts;
  }

  /** The transaction counts as pending when it is taken. */
  check(tx: Bytes, kind: 'new' | 'replace' | 'recheck', isShown: boolean): abci.CheckTxResult {
    const mode = kind === 'new' ? 'check' : kind;
    const place = { ...this.#between.place(this.#between.pending, mode), keepsEvents: isShown };
    return this.#answer(runTx(place, tx, this.#runner));
  }

  /** As check, without counting the transaction as pending. */
  try(tx: Bytes): abci.CheckTxResult {
    return this.#answer(this.#runApart(tx, 'check'));
  }

  simulate(tx: Bytes): TxOutcome {
    return this.#runApart(tx, 'simulate');
  }

  #runApart(tx: Bytes, mode: 'check' | 'simulate'): TxOutcome {
    this.refresh(tx);
    return runTx(this.#between.place(this.#between.pending.branch(), mode), tx, this.#runner);
  }

  /** What it says of itself, unchecked; undefined when the bytes are no transaction. */
  inspect(bytes: Bytes): TxFacts | undefined {
    try {
      return this.#facts.of(this.#runner.decoder.decode(bytes));
    } catch (error) {
      if (error instanceof BitscaleError) return undefined;
      throw error;
    }
  }

  /** What a check would verify of these transactions and does not know yet; nothing changes by asking. */
  openSignatures(txs: readonly Bytes[]): readonly SignatureCheck[] {
    if (!this.#between.hasBegun) return [];
    const context = this.#between.pendingContext();
    return txs.flatMap((bytes) => {
      try {
        return openSignatures(context, this.#runner.decoder.decode(bytes), this.#runner);
      } catch {
        // The check says what is wrong with it.
        return [];
      }
    });
  }

  /**
   * Do the signatures hold, whatever the accounts' sequences are by now? Undefined when that cannot be said:
   * of multisigs, unknown accounts, and what is no transaction.
   */
  signaturesHold(bytes: Bytes): boolean | undefined {
    const checks = this.openSignatures([bytes]);
    const good = checks.map(({ pubKey, message, signature }) =>
      verifySecp256k1(pubKey, message, signature),
    );
    this.learnSignatures(checks, good);
    if (good.includes(false)) return false;
    const context = this.#between.pendingContext();
    try {
      return knownSignatures(context, this.#runner.decoder.decode(bytes), this.#runner);
    } catch {
      return undefined;
    }
  }

  /** The answers to `openSignatures`, found elsewhere. */
  learnSignatures(checks: readonly SignatureCheck[], good: readonly boolean[]): void {
    const { signatures } = this.#runner;
    checks.forEach(({ name }, index) => {
      if (good[index] === true) signatures.add(name);
      else signatures.addBad(name);
    });
  }

  #answer({ result, tx }: TxOutcome): abci.CheckTxResult {
    if (tx && result.code === 0) {
      const { price: priority, sender, sequence } = this.#facts.of(tx);
      return { ...result, priority, sender, sequence };
    }
    const first = tx?.signers[0];
    const sender = first ? this.#runner.addresses.write(first) : '';
    const sequence = tx?.authInfo.signerInfos[0]?.sequence ?? 0n;
    return { ...result, priority: 0n, sender, sequence };
  }
}
