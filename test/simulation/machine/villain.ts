/** A byzantine validator around a real node: what the node sends is bent on its way out. */
import { equal, type Bytes } from '../../../node/base/bytes.ts';
import type { ConsensusMessage, ProposalMessage } from '../../../node/consensus/messages.ts';
import { PREVOTE, type CommitSig, type Vote } from '../../../node/consensus/types.ts';
import { NIL_BLOCK_ID, isNil } from '../../../node/consensus/votes.ts';
import { encodePayload } from '../../../node/engine/wire.ts';
import type { Fault } from '../faults/fault-log.ts';
import type { Vice } from '../faults/vices.ts';
import { START_MS } from '../kernel/host.ts';
import {
  forgeBlock,
  forgeProposal,
  forgeVote,
  malleable,
  type Flaw,
  type Forged,
} from './forge.ts';
import type { Endpoint } from './endpoint.ts';
import type { SimNode } from './node.ts';
import type { Surroundings } from './surroundings.ts';
import type { Oracle } from './oracle.ts';
import { Packet } from './packet.ts';

/** How often a vice is given in to. */
const TEMPTED = 0.7;

const FLAWED: Partial<Record<Vice, readonly [Flaw, Fault]>> = {
  'invalid block': ['forbidden tx', 'F9 invalid block'],
  'wrong app hash': ['app hash', 'F9 wrong application hash'],
  'oversized block': ['too large', 'F9 oversized block'],
};

const ABSENT: CommitSig = {
  flag: 1,
  address: new Uint8Array(0),
  time: { seconds: -62_135_596_800n, nanos: 0 },
  signature: new Uint8Array(0),
};

export class Villain {
  readonly #around: Surroundings;
  readonly #oracle: Oracle;
  readonly #node: SimNode;
  readonly #vices: ReadonlySet<Vice>;

  constructor(around: Surroundings, oracle: Oracle, node: SimNode, vices: readonly Vice[]) {
    this.#around = around;
    this.#oracle = oracle;
    this.#node = node;
    this.#vices = new Set(vices);
  }

  /** Instead of the node's own way to speak. */
  speak(to: readonly Bytes[] | 'all', bytes: Bytes): void {
    const { network } = this.#around;
    const { payload } = new Packet(bytes);
    if (payload?.type !== 'message') return network.send(this.#node, to, bytes);
    const { message } = payload;
    if (message.type === 'proposal' && this.#bendProposal(message)) return;
    if (message.type === 'quorum' && this.#bendCertificate(bytes)) return;
    if (message.type === 'vote') return this.#bendVote(to, message.vote, bytes);
    network.send(this.#node, to, bytes);
  }

  #gives(vice: Vice): boolean {
    return this.#vices.has(vice) && this.#around.random.chance(TEMPTED);
  }

  #others(): Endpoint[] {
    return this.#around.network.endpoints.filter((one) => one !== this.#node);
  }

  #tell(message: ConsensusMessage, to: readonly Endpoint[], block?: Bytes): void {
    const bytes = encodePayload({ type: 'message', message, ...(block && { block }) });
    this.#around.network.sendTo(this.#node, to, bytes);
  }

  /** True when the proposal has gone out in another shape. */
  #bendProposal(message: ProposalMessage): boolean {
    const { log, random } = this.#around;
    for (const [vice, [flaw, fault]] of Object.entries(FLAWED)) {
      if (!this.#gives(vice as Vice)) continue;
      if (!this.#proposeForged(message, this.#others(), this.#forge(message, flaw))) continue;
      log.note(fault);
      return true;
    }
    if (this.#gives('censor last commit') && this.#censor(message)) return true;
    if (this.#gives('equivocate')) {
      const some = this.#others().filter(() => random.chance(0.5));
      if (this.#proposeForged(message, some, this.#forge(message, 'none'))) {
        log.note('F9 equivocating proposals');
      }
      return false;
    }
    return this.#bendJustification(message);
  }

  #bendJustification(message: ProposalMessage): boolean {
    const { log, world } = this.#around;
    const { proposal } = message;
    const identity = world.identities[this.#node.index]!;
    if (proposal.round > 0 && this.#gives('justify nothing')) {
      log.note('F9 justification missing');
      const { justify: _, ...bare } = message;
      const claim = forgeProposal(identity, { ...proposal, polRound: proposal.round - 1 });
      this.#tell({ ...bare, proposal: claim }, this.#others());
      return true;
    }
    if (proposal.polRound < 0) return false;
    if (!this.#gives('justify stale')) return false;
    const fresh = this.#forge(message, 'none');
    if (!fresh) return false;
    log.note('F9 justification stale');
    const { blockId, bytes, block } = fresh;
    const fields = { ...proposal, blockId, time: block.header.time };
    const bent = forgeProposal(identity, fields);
    this.#tell({ ...message, proposal: bent }, this.#others(), bytes);
    return true;
  }

  #forge({ proposal }: ProposalMessage, flaw: Flaw): Forged | undefined {
    const base = this.#oracle.base(proposal.height);
    const nowMs = START_MS + this.#around.queue.now;
    return base && forgeBlock({ ...base, proposer: this.#node.address, nowMs, flaw });
  }

  #proposeForged(
    { proposal, timeouts }: ProposalMessage,
    to: readonly Endpoint[],
    forged: Forged | undefined,
  ): boolean {
    if (!forged) return false;
    const { height, round } = proposal;
    const { blockId, block, bytes } = forged;
    const fields = { height, round, polRound: -1, blockId, time: block.header.time };
    const bent = forgeProposal(this.#around.world.identities[this.#node.index]!, fields);
    this.#tell({ type: 'proposal', proposal: bent, ...(timeouts && { timeouts }) }, to, bytes);
    return true;
  }

  /** Leaves out as many signatures of the last commit as the quorum allows. */
  #censor(message: ProposalMessage): boolean {
    const base = this.#oracle.base(message.proposal.height);
    if (!base?.lastCommit || message.proposal.polRound >= 0) return false;
    const { validators, totalPower } = base.state.lastValidators!;
    let power = base.lastCommit.signatures.reduce(
      (sum, sig, at) => sum + (sig.flag === 2 ? validators[at]!.power : 0n),
      0n,
    );
    const signatures = base.lastCommit.signatures.map((sig, at) => {
      const own = validators[at]!.power;
      if (sig.flag !== 2 || (power - own) * 3n <= totalPower * 2n) return sig;
      power -= own;
      return ABSENT;
    });
    const lastCommit = { ...base.lastCommit, signatures };
    const nowMs = START_MS + this.#around.queue.now;
    const forged = forgeBlock({
      state: base.state,
      lastCommit,
      proposer: this.#node.address,
      nowMs,
    });
    this.#around.log.note('F9 last commit censored');
    return this.#proposeForged(message, this.#others(), forged);
  }

  #bendCertificate(bytes: Bytes): boolean {
    const { network, random, log } = this.#around;
    const others = random.shuffled(this.#others());
    if (this.#gives('withhold certificate')) {
      log.note('F9 certificate withheld from some');
      network.sendTo(this.#node, others.slice(0, random.below(others.length)), bytes);
      return true;
    }
    if (!this.#gives('certificate to f + 1')) return false;
    log.note('F9 certificate to f + 1 only');
    network.sendTo(this.#node, others.slice(0, Math.floor((others.length + 1) / 3) + 1), bytes);
    return true;
  }

  #bendVote(to: readonly Bytes[] | 'all', vote: Vote, bytes: Bytes): void {
    const { network, log } = this.#around;
    const others = this.#others();
    if (this.#gives('forged index')) {
      log.note('F10 forged index');
      this.#tell({ type: 'vote', vote: { ...vote, index: vote.index + 1 } }, others);
    }
    if (this.#gives('forged address')) {
      log.note('F10 forged address');
      const { address } = this.#around.world.identities.find(
        (one) => !equal(one.address, vote.address),
      ) ?? { address: new Uint8Array(20) };
      this.#tell({ type: 'vote', vote: { ...vote, address } }, others);
    }
    if (this.#gives('malleable signature')) {
      log.note('F10 malleable signature');
      this.#tell({ type: 'vote', vote: { ...vote, signature: malleable(vote.signature) } }, others);
    }
    this.#voteTwice(vote);
    network.send(this.#node, to, bytes);
  }

  #voteTwice(vote: Vote): void {
    const { log, random } = this.#around;
    const some = this.#others().filter(() => random.chance(0.6));
    const vice = vote.type === PREVOTE ? 'double prevote' : 'double precommit';
    if (this.#gives(vice)) {
      const other = this.#contrary(vote, vote.round);
      if (other) {
        log.note(vote.type === PREVOTE ? 'F10 double prevote' : 'F10 double precommit');
        this.#tell({ type: 'vote', vote: other }, some);
      }
    }
    if (vote.round > 0 && this.#gives('old round')) {
      const other = this.#contrary(vote, vote.round - 1);
      if (!other) return;
      log.note('F10 vote for an old round');
      this.#tell({ type: 'vote', vote: other }, some);
    }
  }

  /** For nil when the vote is for a block, for a block nobody has when it is for nil. */
  #contrary(vote: Vote, round: number): Vote | undefined {
    const { queue, world } = this.#around;
    const { type, height, index } = vote;
    const base = this.#oracle.base(height);
    const nowMs = START_MS + queue.now;
    const proposer = this.#node.address;
    const blockId = isNil(vote.blockId)
      ? base && forgeBlock({ ...base, proposer, nowMs }).blockId
      : NIL_BLOCK_ID;
    if (!blockId) return undefined;
    const place = { type, height, round, blockId };
    return forgeVote(world.identities[this.#node.index]!, place, { index, nowMs });
  }
}
