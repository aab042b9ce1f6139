/**
 * Who is to blame, by what honest processes have seen alone. Two offences: two votes for one round and step
 * (evidence that goes into blocks), and a prevote against one's own precommit that no certificate excuses
 * (provable from everybody's messages together, not from two votes).
 */
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import {
  BLOCK_ID_FLAG_COMMIT,
  BLOCK_ID_FLAG_NIL,
  PRECOMMIT,
  PREVOTE,
  type Commit,
  type Vote,
} from '../../../node/consensus/types.ts';
import { blockKey } from '../../../node/consensus/votes.ts';

type Cast = readonly [validator: number, type: number, round: number, key: string];

function castsOfCommit({ round, blockId, signatures }: Commit, type: number): Cast[] {
  return signatures.flatMap(({ flag }, validator): Cast[] => {
    if (flag === BLOCK_ID_FLAG_COMMIT) return [[validator, type, round, blockKey(blockId)]];
    return flag === BLOCK_ID_FLAG_NIL ? [[validator, type, round, '']] : [];
  });
}

const castsOfVotes = (votes: readonly Vote[] | undefined): Cast[] =>
  (votes ?? []).map(({ index, type, round, blockId }) => [index, type, round, blockKey(blockId)]);

const castsOfQc = (qc: Commit | undefined): Cast[] => (qc ? castsOfCommit(qc, PREVOTE) : []);

/** All signed votes in a message. */
function castsOf(message: ConsensusMessage): Cast[] {
  switch (message.type) {
    case 'proposal':
      return [...castsOfQc(message.justify), ...castsOfVotes(message.timeouts)];
    case 'vote':
      return castsOfVotes([message.vote]);
    case 'timeout':
      return [...castsOfVotes([message.vote]), ...castsOfQc(message.highQc)];
    case 'newRound':
      return [...castsOfQc(message.highQc), ...castsOfVotes(message.timeouts)];
    case 'quorum':
      return castsOfQc(message.qc);
    case 'commit':
      return castsOfCommit(message.commit, PRECOMMIT);
  }
}

export interface Culprits {
  /** Two votes for one round and step. */
  readonly doubleVoters: ReadonlySet<number>;
  /** A prevote against the own precommit. */
  readonly lockBreakers: ReadonlySet<number>;
  readonly all: ReadonlySet<number>;
}

export class Transcript {
  readonly #validators: number;
  /** By round and block, who prevoted. */
  readonly #prevotes = new Map<string, Set<number>>();
  /** By validator, step and round: the blocks voted for. */
  readonly #votes = new Map<string, Set<string>>();
  readonly #seen = new Set<ConsensusMessage>();

  constructor(validators: number) {
    this.#validators = validators;
  }

  add(message: ConsensusMessage): void {
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    for (const [validator, type, round, key] of castsOf(message)) {
      put(this.#votes, `${validator}/${type}/${round}`, key);
      if (type === PREVOTE) put(this.#prevotes, `${round}/${key}`, validator);
    }
  }

  culprits(): Culprits {
    const doubleVoters = new Set<number>();
    const lockBreakers = new Set<number>();
    for (const [slot, keys] of this.#votes) {
      const [validator = 0, type, round = 0] = slot.split('/').map(Number);
      if (keys.size > 1) doubleVoters.add(validator);
      if (type !== PRECOMMIT) continue;
      for (const key of keys) {
        if (key !== '' && this.#breaksLock(validator, round, key)) lockBreakers.add(validator);
      }
    }
    return { doubleVoters, lockBreakers, all: new Set([...doubleVoters, ...lockBreakers]) };
  }

  #breaksLock(validator: number, locked: number, key: string): boolean {
    for (const [slot, keys] of this.#votes) {
      const [voter, type, round = 0] = slot.split('/').map(Number);
      if (voter !== validator || type !== PREVOTE || round <= locked) continue;
      const broken = [...keys].some(
        (other) => other !== key && !this.#isExcused(other, locked, round),
      );
      if (broken) return true;
    }
    return false;
  }

  /** A certificate for the block of a round from `from` on, before `to`. */
  #isExcused(key: string, from: number, to: number): boolean {
    for (let round = from; round < to; round += 1) {
      const count = this.#prevotes.get(`${round}/${key}`)?.size ?? 0;
      if (count * 3 > this.#validators * 2) return true;
    }
    return false;
  }
}

function put<T>(map: Map<string, Set<T>>, name: string, value: T): void {
  const set = map.get(name);
  if (set === undefined) map.set(name, new Set([value]));
  else set.add(value);
}
