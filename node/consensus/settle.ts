/**
 * Inputs only take note of facts; then the rules fire, the most important first, until none applies. So the
 * order in which facts arrive does not matter, and no rule calls another.
 */
import { assert } from '../base/errors.ts';
import { learnCertificate, makeQuorumCertificate } from './certificates.ts';
import { decide } from './decide.ts';
import { contextOf, isLeader, type Draft } from './draft.ts';
import { propose } from './propose.ts';
import { endRound, jump } from './rounds.ts';
import { isNil, quorumVote } from './votes.ts';
import { precommit, precommitNil, prevote, sendQuorum } from './voting.ts';

/** More rules than this never fire in one step. */
const MAX_RULES_PER_STEP = 1_000;

/** Prevotes of any kept round that make a certificate; a star's leader forwards it. */
function formCertificate(draft: Draft): boolean {
  const { validators, mode, ownIndex } = contextOf(draft);
  for (const { round, prevotes, qc } of draft.state.rounds.values()) {
    if (qc) continue;
    const vote = quorumVote(prevotes, validators.totalPower);
    if (!vote || isNil(vote.blockId)) continue;
    const made = makeQuorumCertificate(prevotes, vote);
    learnCertificate(draft, made);
    if (mode === 'star' && ownIndex !== undefined && isLeader(draft, round)) {
      sendQuorum(draft, made);
    }
    return true;
  }
  return false;
}

const RULES: readonly ((draft: Draft) => boolean)[] = [
  formCertificate,
  jump,
  precommit,
  endRound,
  prevote,
  propose,
  precommitNil,
];

export function settle(draft: Draft): void {
  for (let fired = 0; draft.state.phase === 'running'; fired++) {
    assert(fired < MAX_RULES_PER_STEP, 'the rules come to rest');
    if (decide(draft) || !RULES.some((rule) => rule(draft))) return;
  }
}
