/**
 * A byzantine validator without a machine: votes for any block it knows in any round near by, tells different
 * stories to different nodes, proposes several blocks, collects certificates and shows them to a few.
 */
import { equal, type Bytes } from '../../../node/base/bytes.ts';
import { makeQuorumCertificate } from '../../../node/consensus/certificates.ts';
import { messageHeight } from '../../../node/consensus/message-signatures.ts';
import type { ConsensusMessage, QuorumCertificate } from '../../../node/consensus/messages.ts';
import { PRECOMMIT, PREVOTE, type BlockId, type Vote } from '../../../node/consensus/types.ts';
import {
  NIL_BLOCK_ID,
  addVote,
  blockKey,
  emptyTally,
  isNil,
  quorumVote,
  sameBlock,
  type Tally,
} from '../../../node/consensus/votes.ts';
import { readBlock } from '../../../node/engine/block-pool.ts';
import { encodePayload } from '../../../node/engine/wire.ts';
import type { Plot } from '../faults/plot.ts';
import { START_MS } from '../kernel/host.ts';
import { forgeBlock, forgeProposal, forgeVote, type Forged, type VotePlace } from './forge.ts';
import type { Endpoint } from './endpoint.ts';
import type { Surroundings } from './surroundings.ts';
import type { Oracle } from './oracle.ts';
import type { Packet } from './packet.ts';

const SPEAKS = 0.35;
const MOST_BLOCKS = 40;

type Known = Pick<Forged, 'blockId' | 'bytes'>;

export class ChaoticVoter implements Endpoint {
  readonly name: string;
  readonly address: Bytes;
  readonly isOutlaw = true;
  readonly #index: number;
  readonly #around: Surroundings;
  readonly #oracle: Oracle;
  #height = 0;
  #round = 0;
  #blocks: Known[] = [];
  #certificates: QuorumCertificate[] = [];
  readonly #tallies = new Map<string, Tally>();
  #proposed = -1;
  #isPatient = false;
  readonly #done = new Set<string>();

  constructor(around: Surroundings, oracle: Oracle, index: number) {
    this.#around = around;
    this.#oracle = oracle;
    this.#index = index;
    this.name = `chaotic ${index}`;
    this.address = around.world.identities[index]!.address;
  }

  hear(from: Endpoint, { payload }: Packet): void {
    if (payload?.type !== 'message') return;
    const { message, block } = payload;
    const height = messageHeight(message);
    // The victim of a plot goes on alone; the plot is about the others.
    const isOfVictim = from === this.#around.network.plotOf(this.#height)?.victim;
    if (height > this.#height && isOfVictim) return;
    if (height > this.#height) this.#begin(height);
    if (height < this.#height) return;
    if (block) this.#know(block);
    this.#note(message);
    if (message.type === 'timeout' && isNil(message.vote.blockId)) {
      this.#done.add(`nil ${message.vote.round} ${from.name}`);
    }
    const plot = this.#around.network.plotOf(height);
    if (plot) return this.#plot(plot);
    if (!this.#around.random.chance(SPEAKS)) return;
    this.#propose();
    this.#vote();
    this.#showCertificate();
  }

  #know(bytes: Bytes): void {
    const held = readBlock(bytes, 0);
    if (!held || this.#blocks.length >= MOST_BLOCKS) return;
    if (!this.#blocks.some(({ blockId }) => sameBlock(blockId, held.blockId))) {
      this.#blocks.push(held);
    }
  }

  /** Helps every certificate to exist, and the victim alone to decide; proposes afresh as leader. */
  #plot(plot: Plot): void {
    const block = this.#blocks.at(-1);
    const round = this.#round;
    const once = (what: string) => !this.#done.has(what) && Boolean(this.#done.add(what));
    if (block && once(`prevote ${round} ${blockKey(block.blockId)}`)) {
      this.#cast({ type: PREVOTE, round, blockId: block.blockId }, undefined);
    }
    const qc = this.#certificates.find((one) => one.round === round);
    if (qc && round >= plot.round && once(`precommit ${round}`)) this.#split(plot, qc);
    // A patient one waits until the unaware one has given up: a certificate inside the proposal would have
    // it join the others.
    const isTime = !this.#isPatient || this.#done.has(`nil ${plot.round} ${plot.unaware.name}`);
    if (round === plot.round && this.#certificates.length > 0 && isTime)
      this.#propose(plot.round + 1, true);
    if (round > plot.round) this.#propose(round, true);
  }

  /** The victim may decide, everybody else may not; afterwards everybody may. */
  #split(plot: Plot, qc: QuorumCertificate): void {
    const { victim } = plot;
    const { round, blockId } = qc;
    const afterwards = round > plot.round;
    if (afterwards) this.#tell({ type: 'quorum', qc });
    this.#cast({ type: PRECOMMIT, round, blockId }, afterwards ? undefined : [victim]);
    if (afterwards) return;
    const rest = this.#around.network.endpoints.filter((one) => one !== victim);
    this.#cast({ type: PRECOMMIT, round, blockId: NIL_BLOCK_ID }, rest);
  }

  #begin(height: number): void {
    this.#height = height;
    this.#round = 0;
    this.#blocks = [];
    this.#certificates = [];
    this.#tallies.clear();
    this.#proposed = -1;
    this.#isPatient = this.#around.random.chance(0.5);
    this.#done.clear();
  }

  #note(message: ConsensusMessage): void {
    if (message.type === 'vote' || message.type === 'timeout') this.#count(message.vote);
    if (message.type === 'proposal') this.#round = Math.max(this.#round, message.proposal.round);
    if (message.type === 'quorum') this.#learn(message.qc);
    if (message.type === 'timeout' && message.highQc) this.#learn(message.highQc);
  }

  #learn(qc: QuorumCertificate): void {
    if (this.#certificates.length < MOST_BLOCKS) this.#certificates.push(qc);
  }

  #count(vote: Vote): void {
    this.#round = Math.max(this.#round, vote.round);
    if (vote.type !== PREVOTE) return;
    const set = this.#oracle.validators(this.#height);
    const voter = set?.validators[vote.index];
    if (!set || !voter) return;
    // Counted per block, so that its own double votes complete any certificate.
    const slot = `${vote.round}/${blockKey(vote.blockId)}`;
    const before = this.#tallies.get(slot) ?? emptyTally(set.size);
    const added = addVote(before, vote, voter.power);
    if (added.result !== 'added') return;
    this.#tallies.set(slot, added.tally);
    const winner = quorumVote(added.tally, set.totalPower);
    if (winner) this.#learn(makeQuorumCertificate(added.tally, winner));
  }

  #some(): Endpoint[] {
    const { network, random } = this.#around;
    const share = random.pick([0.5, 0.8, 1]);
    return network.endpoints.filter(() => random.chance(share));
  }

  #tell(message: ConsensusMessage, to?: readonly Endpoint[], block?: Known): void {
    const { network } = this.#around;
    const bytes = encodePayload({ type: 'message', message, ...(block && { block: block.bytes }) });
    network.sendTo(this, to ?? network.endpoints, bytes);
  }

  #vote(): void {
    const { random, log } = this.#around;
    const type = random.chance(0.5) ? PREVOTE : PRECOMMIT;
    const useNil = this.#blocks.length === 0 || (type === PRECOMMIT && random.chance(0.3));
    const blockId = useNil ? NIL_BLOCK_ID : this.#someBlock();
    const back = random.pick([-1, 0, 0, 0, 1]);
    if (back < 0 && this.#round > 0) log.note('F10 vote for an old round');
    this.#cast({ type, round: Math.max(0, this.#round + back), blockId }, this.#some());
  }

  #cast(choice: Omit<VotePlace, 'height'>, to?: readonly Endpoint[]): void {
    const { world, random, queue, log } = this.#around;
    const index = this.#oracle.validators(this.#height)?.indexOf(this.address);
    if (index === undefined) return;
    const identity = world.identities[this.#index]!;
    const place = { ...choice, height: this.#height };
    const vote = forgeVote(identity, place, { index, nowMs: START_MS + queue.now });
    const said = `said ${choice.type} ${choice.round}`;
    const isSecond = this.#done.has(said) && !this.#done.has(`${said} ${blockKey(vote.blockId)}`);
    this.#done.add(said).add(`${said} ${blockKey(vote.blockId)}`);
    if (isSecond) log.note(choice.type === PREVOTE ? 'F10 double prevote' : 'F10 double precommit');
    this.#count(vote);
    const highQc = this.#certificates.at(-1);
    const isTimeout = choice.type === PRECOMMIT && random.chance(0.3);
    this.#tell(
      isTimeout ? { type: 'timeout', vote, ...(highQc && { highQc }) } : { type: 'vote', vote },
      to,
    );
  }

  #someBlock(): BlockId {
    const { random } = this.#around;
    return (random.chance(0.6) ? this.#blocks.at(-1)! : random.pick(this.#blocks)).blockId;
  }

  /** `plain`: one proposal, the same for all. */
  #propose(round = this.#round + this.#around.random.pick([0, 1]), plain = false): void {
    const { random, log } = this.#around;
    const leader = this.#around.network.leaderOf(this.#height, round);
    if (round <= this.#proposed || !leader || !equal(leader, this.address)) return;
    this.#proposed = round;
    const copies = plain ? 1 : random.pick([0, 1, 2, 3]);
    if (copies > 1) log.note('F9 equivocating proposals');
    for (let copy = 0; copy < copies; copy += 1) this.#proposeOne(round, plain);
  }

  #proposeOne(round: number, plain: boolean): void {
    const { world, random } = this.#around;
    const isWanted = (plain && this.#isPatient) || random.chance(0.5);
    const qc = isWanted ? this.#certificates.at(-1) : undefined;
    const justified = qc && qc.round < round ? qc : undefined;
    const known =
      !plain && random.chance(0.5)
        ? this.#blocks.find(({ blockId }) => justified && sameBlock(blockId, justified.blockId))
        : undefined;
    const block = known ?? this.#forge(plain);
    if (!block) return;
    // Now and then a certificate for another block, which must not convince anybody.
    const isMisfit = !known && justified !== undefined && random.chance(0.5);
    const polRound = (known ?? isMisfit) && justified ? justified.round : -1;
    if (isMisfit) this.#around.log.note('F9 justification stale');
    if (!known) this.#know(block.bytes);
    const { blockId } = block;
    const time = readBlock(block.bytes, 0)!.block.header.time;
    const fields = { height: this.#height, round, polRound, blockId, time };
    const proposal = forgeProposal(world.identities[this.#index]!, fields);
    const justify = polRound >= 0 ? justified : undefined;
    const to = plain ? undefined : this.#some();
    this.#tell({ type: 'proposal', proposal, ...(justify && { justify }) }, to, block);
  }

  #forge(plain: boolean): Forged | undefined {
    const { random, queue, log } = this.#around;
    const base = this.#oracle.base(this.#height);
    if (!base) return undefined;
    const isValid = plain || random.chance(0.8);
    if (!isValid) log.note('F9 invalid block');
    const flaw = isValid ? 'none' : 'forbidden tx';
    const nowMs = START_MS + queue.now;
    return forgeBlock({ ...base, proposer: this.address, nowMs, flaw });
  }

  #showCertificate(): void {
    const { random, log } = this.#around;
    if (this.#certificates.length === 0 || random.chance(0.5)) return;
    const qc = random.pick(this.#certificates);
    log.note('F9 certificate withheld from some');
    if (qc.height === this.#height) this.#tell({ type: 'quorum', qc }, this.#some());
  }
}
