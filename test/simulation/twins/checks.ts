/** What must hold in every scenario, checked when it happens. */
import type {
  CommitEffect,
  EvidenceEffect,
  SignRequest,
  WalRecord,
} from '../../../node/consensus/effects.ts';
import type { State } from '../../../node/consensus/state.ts';
import {
  BLOCK_ID_FLAG_COMMIT,
  PRECOMMIT,
  PREVOTE,
  type Commit,
} from '../../../node/consensus/types.ts';
import { blockKey } from '../../../node/consensus/votes.ts';
import { isTwin, validatorOf, type TwinsScenario } from './scenario.ts';

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

/** A rule that is broken ends the run. */
export class Broken extends Error implements Violation {
  readonly rule: string;
  readonly detail: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
    this.detail = detail;
  }
}

export interface Decided {
  readonly process: number;
  readonly key: string;
  readonly round: number;
}

export class Checks {
  readonly #scenario: TwinsScenario;
  readonly #isLenient: boolean;
  /** Every vote that was signed, twins' included: validator, round, step, block. */
  readonly #votes = new Set<string>();
  /** What honest processes signed: one value per round and step. */
  readonly #signed = new Map<string, string>();
  readonly #locks: number[];
  readonly decisions: Decided[] = [];
  /** Validators who were accused. */
  readonly accused = new Set<number>();

  /** `isLenient`: everything but agreement and progress is let pass. */
  constructor(scenario: TwinsScenario, isLenient = false) {
    this.#scenario = scenario;
    this.#isLenient = isLenient;
    this.#locks = Array.from({ length: scenario.validators + scenario.twins }, () => -1);
  }

  #broken(rule: string, detail: string): void {
    if (!this.#isLenient) throw new Broken(rule, detail);
  }

  isHonest(process: number): boolean {
    return !isTwin(this.#scenario, process);
  }

  onSign(
    process: number,
    request: SignRequest,
    { state, records }: { readonly state: State; readonly records: readonly WalRecord[] },
  ): void {
    const { round, blockId } = request;
    const step = request.type === 'proposal' ? 0 : request.voteType;
    const key = blockKey(blockId);
    const validator = validatorOf(this.#scenario, process);
    if (step !== 0) this.#votes.add(`${validator}/${round}/${step}/${key}`);
    if (!this.isHonest(process)) return;
    const slot = `${process}/${round}/${step}`;
    const before = this.#signed.get(slot);
    if (before !== undefined && before !== key) {
      this.#broken('one value per round and step', slot);
    }
    if (step === PREVOTE && this.#signed.has(`${process}/${round}/${PRECOMMIT}`)) {
      this.#broken('no prevote after a precommit', slot);
    }
    this.#signed.set(slot, key);
    const isDurable = records.some(
      (record) => record.type !== 'lock' && isSameRequest(record.request, request),
    );
    if (!isDurable) this.#broken('durable before signed', slot);
    if (step === PRECOMMIT && key !== '') this.#checkCertificate(process, state, request);
  }

  #checkCertificate(process: number, state: State, { round, blockId }: SignRequest): void {
    const qc = state.rounds.get(round)?.qc;
    const where = `process ${process}, round ${round}`;
    if (!qc || qc.round !== round || blockKey(qc.blockId) !== blockKey(blockId)) {
      return this.#broken('a precommit has its certificate', where);
    }
    this.#checkQuorum(qc, PREVOTE, where);
    if (!state.lock || state.lock.round < round) this.#broken('locked before precommit', where);
  }

  /** Counted afresh: more than 2/3 of the validators have really signed this. */
  #checkQuorum(certificate: Commit, step: number, where: string): void {
    const { round, blockId, signatures } = certificate;
    const key = blockKey(blockId);
    let count = 0;
    signatures.forEach(({ flag }, validator) => {
      if (flag !== BLOCK_ID_FLAG_COMMIT) return;
      if (!this.#votes.has(`${validator}/${round}/${step}/${key}`)) {
        this.#broken('nobody forges votes', `${where}: of validator ${validator}`);
      }
      count += 1;
    });
    if (count * 3 <= this.#scenario.validators * 2) {
      this.#broken('a certificate has more than 2/3', `${where}: ${count} votes`);
    }
  }

  onCommit(process: number, { blockId, commit }: CommitEffect): void {
    this.#checkQuorum(commit, PRECOMMIT, `commit of process ${process}`);
    if (!this.isHonest(process)) return;
    this.decisions.push({ process, key: blockKey(blockId), round: commit.round });
  }

  /** A lock only goes up. */
  onState(process: number, { lock }: State): void {
    if (!this.isHonest(process)) return;
    const round = lock?.round ?? -1;
    if (round < this.#locks[process]!) {
      this.#broken('the lock never falls', `process ${process}: to round ${round}`);
    }
    this.#locks[process] = round;
  }

  onEvidence({ voteA, voteB }: EvidenceEffect): void {
    const { index: validator } = voteA;
    const accusesTwin = validator < this.#scenario.twins && voteB.index === validator;
    if (!accusesTwin) this.#broken('only twins are accused', `validator ${validator}`);
    for (const { type, round, blockId } of [voteA, voteB]) {
      if (!this.#votes.has(`${validator}/${round}/${type}/${blockKey(blockId)}`)) {
        this.#broken('nobody forges votes', `evidence against validator ${validator}`);
      }
    }
    this.accused.add(validator);
  }

  /** Two blocks at one height; undefined when all agree. */
  fork(): readonly [Decided, Decided] | undefined {
    const [first] = this.decisions;
    const other = this.decisions.find(({ key }) => key !== first?.key);
    return first && other && [first, other];
  }
}

function isSameRequest(a: SignRequest, b: SignRequest): boolean {
  const sameStep = a.type === b.type && a.round === b.round && sameVoteType(a, b);
  return sameStep && blockKey(a.blockId) === blockKey(b.blockId);
}

function sameVoteType(a: SignRequest, b: SignRequest): boolean {
  return a.type !== 'vote' || b.type !== 'vote' || a.voteType === b.voteType;
}
