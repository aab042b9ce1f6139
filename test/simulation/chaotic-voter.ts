/**
 * A byzantine validator without a machine: votes for any block it knows in any round near by, tells different
 * stories to different nodes, proposes several blocks, collects certificates and shows them to a few.
 */
import type { Bytes } from '../../node/base/bytes.ts';
import { makeQuorumCertificate } from '../../node/consensus/certificates.ts';
import { messageHeight } from '../../node/consensus/message-signatures.ts';
import type { ConsensusMessage, QuorumCertificate } from '../../node/consensus/messages.ts';
import type { VoteRequest } from '../../node/consensus/effects.ts';
import { PRECOMMIT, PREVOTE, type Vote } from '../../node/consensus/types.ts';
import {
  NIL_BLOCK_ID,
  addVote,
  blockKey,
  emptyTally,
  quorumVote,
  type Tally,
} from '../../node/consensus/votes.ts';
import type { Endpoint, Packet, Plot } from './network.ts';
import type { Listener, Surroundings } from './sim-node.ts';
import type { SimulatedBlock } from './world.ts';

const SPEAKS = 0.35;

export class ChaoticVoter implements Listener {
  readonly name: string;
  readonly address: Bytes;
  readonly isOutlaw = true;
  readonly #index: number;
  readonly #around: Surroundings;
  #height = 1;
  #round = 0;
  #blocks: SimulatedBlock[] = [];
  #certificates: QuorumCertificate[] = [];
  readonly #tallies = new Map<string, Tally>();
  #proposed = -1;
  readonly #done = new Set<string>();

  constructor(around: Surroundings, index: number) {
    this.#around = around;
    this.#index = index;
    this.name = `chaotic ${index}`;
    this.address = around.world.validators[index]!.address;
  }

  receive({ deliver }: Packet): void {
    deliver(this);
  }

  hear(message: ConsensusMessage, block: SimulatedBlock | undefined): void {
    const height = messageHeight(message);
    if (height > this.#height) this.#begin(height);
    if (height < this.#height) return;
    if (block && !this.#blocks.includes(block)) this.#blocks.push(block);
    this.#note(message);
    const plot = this.#around.network.plotOf(height);
    if (plot) return this.#plot(plot);
    if (!this.#around.random.chance(SPEAKS)) return;
    this.#propose();
    this.#vote();
    this.#showCertificate();
  }

  /** Helps every certificate to exist, and the victim alone to decide; proposes afresh as leader. */
  #plot(plot: Plot): void {
    const block = this.#blocks.at(-1);
    const round = this.#round;
    const once = (what: string) => !this.#done.has(what) && Boolean(this.#done.add(what));
    if (block && once(`prevote ${round} ${blockKey(block.id)}`)) {
      this.#cast({ voteType: PREVOTE, round, blockId: block.id }, undefined);
    }
    const qc = this.#certificates.find((one) => one.round === round);
    if (qc && once(`precommit ${round}`)) {
      const { blockId } = qc;
      const { victim } = plot;
      const others = this.#around.network.endpoints.filter((one) => one !== victim);
      const afterwards = round > plot.round;
      if (afterwards) this.#tell({ type: 'quorum', qc });
      const toAll = afterwards ? undefined : [victim.address];
      this.#cast({ voteType: PRECOMMIT, round, blockId }, toAll);
      const rest = others.map(({ address }) => address);
      if (!afterwards) this.#cast({ voteType: PRECOMMIT, round, blockId: NIL_BLOCK_ID }, rest);
    }
    const next = plot.round + 1;
    if (round === plot.round && this.#certificates.length > 0) this.#propose(next, true);
    if (round > plot.round) this.#propose(round, true);
  }

  #begin(height: number): void {
    this.#height = height;
    this.#round = 0;
    this.#blocks = [];
    this.#certificates = [];
    this.#tallies.clear();
    this.#proposed = -1;
    this.#done.clear();
  }

  #note(message: ConsensusMessage): void {
    if (message.type === 'vote' || message.type === 'timeout') this.#count(message.vote);
    if (message.type === 'proposal') this.#round = Math.max(this.#round, message.proposal.round);
    if (message.type === 'quorum') this.#certificates.push(message.qc);
    if (message.type === 'timeout' && message.highQc) this.#certificates.push(message.highQc);
  }

  #count(vote: Vote): void {
    this.#round = Math.max(this.#round, vote.round);
    if (vote.type !== PREVOTE) return;
    const set = this.#around.world.setAt(this.#height);
    // Counted per block, so that its own double votes complete any certificate.
    const slot = `${vote.round}/${blockKey(vote.blockId)}`;
    const before = this.#tallies.get(slot) ?? emptyTally(set.size);
    const added = addVote(before, vote, set.validators[vote.index]!.power);
    if (added.result !== 'added') return;
    this.#tallies.set(slot, added.tally);
    const winner = quorumVote(added.tally, set.totalPower);
    if (winner) this.#certificates.push(makeQuorumCertificate(added.tally, winner));
  }

  #some(): Bytes[] {
    const { network, random } = this.#around;
    const share = random.pick([0.5, 0.8, 1]);
    return network.endpoints.filter(() => random.chance(share)).map(({ address }) => address);
  }

  #tell(
    message: ConsensusMessage,
    { block, to }: { block?: SimulatedBlock; to?: readonly Bytes[] } = {},
  ): void {
    this.#around.network.send(this, to ?? 'all', (peer: Endpoint) => {
      if (peer instanceof ChaoticVoter) return peer.hear(message, block);
      const node = peer as Endpoint & {
        keep(block?: SimulatedBlock): void;
        take(message: ConsensusMessage, from: Endpoint): void;
      };
      node.keep(block);
      node.take(message, this);
    });
  }

  #vote(): void {
    const { random } = this.#around;
    const voteType = random.chance(0.5) ? PREVOTE : PRECOMMIT;
    const useNil = this.#blocks.length === 0 || (voteType === PRECOMMIT && random.chance(0.3));
    const blockId = useNil ? NIL_BLOCK_ID : this.#someBlock().id;
    const round = Math.max(0, this.#round + random.pick([-1, 0, 0, 0, 1]));
    this.#cast({ voteType, round, blockId }, this.#some());
  }

  #cast(choice: Pick<VoteRequest, 'voteType' | 'round' | 'blockId'>, to?: readonly Bytes[]): void {
    const { world, random, queue } = this.#around;
    const index = world.setAt(this.#height).indexOf(this.address);
    if (index === undefined) return;
    const { address } = this;
    const height = this.#height;
    const request = { type: 'vote', ...choice, height, address, index } as const;
    const { time, signature } = world.sign(this.#index, request, queue.now);
    const { voteType: type, round, blockId } = choice;
    const vote: Vote = { type, height, round, blockId, time, address, index, signature };
    this.#count(vote);
    const highQc = this.#certificates.at(-1);
    const isTimeout = type === PRECOMMIT && random.chance(0.3);
    this.#tell(
      isTimeout ? { type: 'timeout', vote, ...(highQc && { highQc }) } : { type: 'vote', vote },
      { ...(to && { to }) },
    );
  }

  #someBlock(): SimulatedBlock {
    const { random } = this.#around;
    return random.chance(0.6) ? this.#blocks.at(-1)! : random.pick(this.#blocks);
  }

  /** `plain`: one proposal, the same for all. */
  #propose(round = this.#round + this.#around.random.pick([0, 1]), plain = false): void {
    const { world, random, queue, invariants } = this.#around;
    const set = world.setAt(this.#height);
    if (round <= this.#proposed || blockLeader(set.leader(round).address, this.address)) return;
    this.#proposed = round;
    const parent = invariants.decisions[this.#height - 1]?.key ?? '';
    for (let copies = plain ? 1 : random.pick([0, 1, 2, 3]); copies > 0; copies--) {
      const qc = random.chance(0.5) ? this.#certificates.at(-1) : undefined;
      const justified = qc && qc.round < round ? qc : undefined;
      const known =
        !plain && random.chance(0.5)
          ? this.#blocks.find(
              (one) => justified && blockKey(one.id) === blockKey(justified.blockId),
            )
          : undefined;
      const block = known ?? world.makeBlock(this.#height, parent, random.chance(0.8));
      // Now and then a certificate for another block, which must not convince anybody.
      const isMisfit = !known && justified !== undefined && random.chance(0.5);
      const polRound = (known ?? isMisfit) && justified ? justified.round : -1;
      if (!known) this.#blocks.push(block);
      const request = {
        type: 'proposal',
        height: this.#height,
        round,
        polRound,
        blockId: block.id,
      } as const;
      const { time, signature } = world.sign(this.#index, request, queue.now);
      const { type: _, ...fields } = request;
      const proposal = { ...fields, time, signature };
      const justify = polRound >= 0 ? justified : undefined;
      const to = plain ? undefined : this.#some();
      this.#tell(
        { type: 'proposal', proposal, ...(justify && { justify }) },
        { block, ...(to && { to }) },
      );
    }
  }

  #showCertificate(): void {
    const { random } = this.#around;
    if (this.#certificates.length === 0 || random.chance(0.5)) return;
    const qc = random.pick(this.#certificates);
    if (qc.height === this.#height) this.#tell({ type: 'quorum', qc }, { to: this.#some() });
  }
}

function blockLeader(leader: Bytes, own: Bytes): boolean {
  return Buffer.compare(leader, own) !== 0;
}
