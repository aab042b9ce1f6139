/**
 * Runs a scenario in lock step: what is said is heard, in order, until nobody has anything to say; then the
 * timers of everybody run out together, the short ones first. The script decides by the round and phase of a
 * message whether it is heard; what is not heard is lost.
 */
import type { SendEffect, TimeoutKind } from '../../../node/consensus/effects.ts';
import type { Input } from '../../../node/consensus/inputs.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import { PREVOTE } from '../../../node/consensus/types.ts';
import { blockKey } from '../../../node/consensus/votes.ts';
import { equal, type Bytes } from '../../../node/base/bytes.ts';
import { Actor, HEIGHT, TIMEOUTS, type Stage } from './actor.ts';
import { castOf, nameHash } from './cast.ts';
import { Broken, Checks, type Violation } from './checks.ts';
import { processesOf, validatorOf, type Phase, type TwinsScenario } from './scenario.ts';

export interface TwinsOutcome {
  readonly violation: Violation | undefined;
  /** Honest processes that decided before the script was over. */
  readonly decidedEarly: number;
  /** Validators accused by evidence. */
  readonly accused: number;
  readonly forked: boolean;
  /** The round of the last honest decision. */
  readonly lastRound: number;
  readonly steps: number;
}

/** Hears of every message that an honest process gets or sends. */
export type Witness = (process: number, message: ConsensusMessage) => void;

export interface StageOptions {
  /** False where more than 1/3 are twins: nobody promises agreement or progress then. */
  readonly promises?: boolean;
  readonly witness?: Witness;
  /** Only agreement and progress are asked for. */
  readonly isLenient?: boolean;
}

interface Delivery {
  readonly to: Actor;
  readonly input: Input;
}

const MAX_DELIVERIES = 200_000;

export class TwinsStage implements Stage {
  readonly checks: Checks;
  readonly actors: readonly Actor[];
  readonly proposers = new Map<string, Bytes>();
  readonly #scenario: TwinsScenario;
  readonly #witness: Witness | undefined;
  #queue: Delivery[] = [];
  #steps = 0;
  #isHealed = false;

  constructor(scenario: TwinsScenario, { witness, isLenient }: StageOptions = {}) {
    this.#scenario = scenario;
    this.#witness = witness;
    this.checks = new Checks(scenario, isLenient);
    const leaders = scenario.rounds.map(({ leader }) => leader);
    const validators = castOf(scenario.validators, leaders);
    const { mode, next = scenario.validators - 1 } = scenario;
    const nextProposer = validators.validators[next]!.address;
    this.actors = Array.from({ length: processesOf(scenario) }, (_, process) => {
      const ownIndex = validatorOf(scenario, process);
      const context = { height: HEIGHT, validators, ownIndex, nextProposer, mode };
      return new Actor(this, process, { ...context, timeouts: TIMEOUTS, paceMs: 0 });
    });
  }

  get steps(): number {
    return this.#steps;
  }

  get honest(): readonly Actor[] {
    return this.actors.filter(({ process }) => this.checks.isHonest(process));
  }

  answer(to: Actor, input: Input): void {
    this.#queue.push({ to, input });
  }

  send(
    from: Actor,
    { to, gossip, message: meant }: Pick<SendEffect, 'to' | 'gossip' | 'message'>,
  ): void {
    const message = this.#scenario.lies ? this.#lieOf(from, meant) : meant;
    const [round, phase] = placeOf(message, from.state.round);
    this.#note(from, message);
    const isFor = ({ address }: Actor): boolean =>
      gossip || to === 'all' || to.some((one) => equal(one, address));
    for (const actor of this.actors) {
      if (actor === from || !this.#isHeard(round, phase, from, actor)) continue;
      if (!isFor(actor)) continue;
      this.#queue.push({ to: actor, input: { type: 'received', message, from: from.address } });
    }
  }

  /** A copy that has a certificate puts a block of its own in the place of the certified one. */
  #lieOf(from: Actor, message: ConsensusMessage): ConsensusMessage {
    if (message.type !== 'proposal' || !message.justify) return message;
    if (from.process < this.#scenario.validators) return message;
    const { proposal } = message;
    const hash = nameHash(`lie of ${from.process} in ${proposal.round}`);
    const blockId = { hash, parts: { total: 1, hash } };
    from.blocks.add(blockKey(blockId));
    this.proposers.set(blockKey(blockId), from.address);
    return { ...message, proposal: { ...proposal, blockId } };
  }

  #isHeard(round: number, phase: Phase, from: Actor, to: Actor): boolean {
    const script = this.#scenario.rounds[round];
    if (this.#isHealed || script === undefined) return true;
    return (script.hears[phase][to.process]! & (1 << from.process)) !== 0;
  }

  #settle(): void {
    for (let at = 0; at < this.#queue.length; at += 1) {
      this.#steps += 1;
      if (this.#steps > MAX_DELIVERIES)
        throw new Broken('everything comes to rest', 'too many steps');
      const { to, input } = this.#queue[at]!;
      if (input.type === 'received') this.#hear(to, input.message);
      to.feed(input);
    }
    this.#queue = [];
    this.#fetchBlocks();
    if (this.#queue.length > 0) this.#settle();
  }

  #hear(to: Actor, message: ConsensusMessage): void {
    this.#note(to, message);
    if (message.type !== 'proposal') return;
    to.blocks.add(blockKey(message.proposal.blockId));
  }

  #note({ process }: Actor, message: ConsensusMessage): void {
    if (this.#witness && this.checks.isHonest(process)) this.#witness(process, message);
  }

  /** A block can be had from whoever can be heard proposing. */
  #fetchBlocks(): void {
    for (const actor of this.actors) {
      if (actor.wanted.size === 0) continue;
      for (const other of this.actors) {
        if (other === actor || !this.#isHeard(actor.state.round, 'propose', other, actor)) continue;
        actor.lookForBlocks(other.blocks);
      }
    }
  }

  #fire(kind: TimeoutKind): boolean {
    const fired = this.actors.filter((actor) => actor.fire(kind)).length > 0;
    if (fired) this.#settle();
    return fired;
  }

  begin(): void {
    for (const actor of this.actors) actor.start();
    this.#settle();
  }

  /** Lets time pass; false when only repeating oneself is left. */
  wait(): boolean {
    return this.#fire('newRound') || this.#fire('round');
  }

  repeat(): void {
    this.#fire('resend');
  }

  heal(): void {
    this.#isHealed = true;
    this.#fetchBlocks();
    this.#settle();
  }

  get highestRound(): number {
    return Math.max(...this.honest.map(({ state }) => state.round));
  }

  get isDone(): boolean {
    return this.honest.every(({ isDecided }) => isDecided);
  }
}

/** Which round and phase of the script decide whether a message is heard. */
function placeOf(message: ConsensusMessage, senderRound: number): readonly [number, Phase] {
  switch (message.type) {
    case 'proposal':
      return [message.proposal.round, 'propose'];
    case 'vote':
      return [message.vote.round, message.vote.type === PREVOTE ? 'prevote' : 'precommit'];
    case 'quorum':
      return message.qc.round === senderRound
        ? [senderRound, 'certify']
        : [Math.max(0, senderRound - 1), 'end'];
    case 'timeout':
      return [message.vote.round, 'end'];
    case 'newRound':
      return [Math.max(0, message.round - 1), 'end'];
    case 'commit':
      return [message.commit.round, 'end'];
  }
}

/** More than this many times nobody waits or repeats. */
const MAX_PATIENCE = 200;

export function play(scenario: TwinsScenario, options: StageOptions = {}): TwinsOutcome {
  const { promises = true } = options;
  const stage = new TwinsStage(scenario, options);
  let violation: Violation | undefined;
  let decidedEarly = 0;
  try {
    stage.begin();
    let isRepeated = false;
    while (!stage.isDone && stage.highestRound < scenario.rounds.length) {
      if (stage.wait()) isRepeated = false;
      else if (isRepeated) break;
      else {
        stage.repeat();
        isRepeated = true;
      }
      checkAgreement(stage, promises);
    }
    decidedEarly = stage.checks.decisions.length;
    finish(stage, scenario, promises);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    violation = { rule: error.rule, detail: error.detail };
  }
  return {
    violation,
    decidedEarly,
    accused: stage.checks.accused.size,
    forked: stage.checks.fork() !== undefined,
    lastRound: Math.max(-1, ...stage.checks.decisions.map(({ round }) => round)),
    steps: stage.steps,
  };
}

function checkAgreement(stage: TwinsStage, promises: boolean): void {
  const fork = stage.checks.fork();
  if (!promises || !fork) return;
  const [a, b] = fork.map(({ process, round, key }) => `${process} ${key.slice(0, 8)} in ${round}`);
  throw new Broken('agreement', `process ${a}, process ${b}`);
}

/** Everybody hears everybody again: all honest processes decide within n + 3 rounds. */
function finish(stage: TwinsStage, scenario: TwinsScenario, promises: boolean): void {
  stage.heal();
  const limit = Math.max(stage.highestRound, scenario.rounds.length) + scenario.validators + 3;
  for (let patience = 0; !stage.isDone; patience += 1) {
    const rounds = stage.honest.map(({ state, isDecided }) => (isDecided ? '-' : state.round));
    if (stage.highestRound > limit || patience > MAX_PATIENCE) {
      if (!promises) return;
      throw new Broken('progress after healing', `rounds ${rounds.join(' ')}, limit ${limit}`);
    }
    if (!stage.wait()) stage.repeat();
    checkAgreement(stage, promises);
  }
  checkAgreement(stage, promises);
}
