/** One machine with a driver as dull as the real one: effects in order, durable before signed before sent. */
import assert from 'node:assert/strict';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Effect, SendEffect, SignEffect } from '../../node/consensus/effects.ts';
import type { HeightContext, Input } from '../../node/consensus/inputs.ts';
import { INITIAL_STATE, step } from '../../node/consensus/machine.ts';
import { messageHeight } from '../../node/consensus/message-signatures.ts';
import type { ConsensusMessage } from '../../node/consensus/messages.ts';
import type { State } from '../../node/consensus/state.ts';
import type { BlockId, Commit } from '../../node/consensus/types.ts';
import { blockKey, type BlockKey } from '../../node/consensus/votes.ts';
import { Disk } from './disk.ts';
import { checkRejection, type Invariants } from './invariants.ts';
import type { EventQueue } from './event-queue.ts';
import type { Endpoint, Network, Packet, Tag } from './network.ts';
import type { Random } from './random.ts';
import type { SimulatedBlock, World } from './world.ts';

export interface Surroundings {
  readonly world: World;
  readonly queue: EventQueue;
  readonly network: Network;
  readonly random: Random;
  readonly invariants: Invariants;
}

export class SimNode implements Endpoint {
  readonly name: string;
  readonly address: Bytes;
  readonly index: number;
  readonly isHonest: boolean;
  readonly disk = new Disk();
  readonly #around: Surroundings;
  state: State = INITIAL_STATE;
  isUp = false;
  crashes = 0;
  /** Bytes in memory. */
  #blocks = new Map<BlockKey, SimulatedBlock>();
  /** Grows with every crash: what was under way before means nothing any more. */
  #life = 0;

  constructor(around: Surroundings, index: number, options: { name: string; isHonest: boolean }) {
    this.#around = around;
    this.index = index;
    this.name = options.name;
    this.isHonest = options.isHonest;
    this.address = around.world.validators[index]!.address;
  }

  boot(): void {
    assert.ok(!this.isUp);
    this.isUp = true;
    this.state = INITIAL_STATE;
    this.#blocks = new Map(this.disk.blocks);
    this.#start();
  }

  crash(): void {
    this.isUp = false;
    this.crashes++;
    this.#life++;
    const { queue, random } = this.#around;
    queue.after(random.between(50, 1_500), () => {
      if (!this.isUp) this.boot();
    });
  }

  blockOf(id: BlockId): SimulatedBlock | undefined {
    const key = blockKey(id);
    const stored = this.disk.chain.find((one) => one && blockKey(one.block.id) === key);
    return this.#blocks.get(key) ?? stored?.block;
  }

  keep(block: SimulatedBlock | undefined): void {
    if (block) this.#blocks.set(blockKey(block.id), block);
  }

  receive({ from, deliver }: Packet): void {
    if (this.isUp) deliver(this);
    void from;
  }

  /** A message off the wire: verified, then an input. */
  take(message: ConsensusMessage, from: Endpoint): void {
    const { world } = this.#around;
    const { context, round } = this.state;
    if (!context) return;
    const height = messageHeight(message);
    const current = height === context.height ? round : 0;
    if (!world.isGenuine(message, height, current)) return;
    this.#takeCommitInside(message);
    this.feed({ type: 'received', message, from: from.address });
  }

  /** A block for the next height has the commit of this one inside. */
  #takeCommitInside(message: ConsensusMessage): void {
    if (message.type !== 'proposal') return;
    const commit = this.blockOf(message.proposal.blockId)?.lastCommit;
    const height = this.state.context?.height;
    if (!commit || commit.height !== height || message.proposal.height !== height + 1) return;
    const inside = { type: 'commit', commit } as const;
    if (this.#around.world.isGenuine(inside, height, 0)) {
      this.feed({ type: 'received', message: inside });
    }
  }

  feed(input: Input): void {
    if (!this.isUp) return;
    const before = this.state;
    const result = step(before, input);
    checkRejection(before, result);
    this.state = result.state;
    for (const effect of result.effects) {
      if (this.#around.random.chance(this.#around.network.faults.crash)) return this.crash();
      this.#run(effect);
    }
    this.#around.invariants.onState(this.name, this.state);
  }

  /** Later, unless a crash comes first. */
  #later(delay: number, run: () => void): void {
    const life = this.#life;
    this.#around.queue.after(delay, () => {
      if (this.isUp && this.#life === life) run();
    });
  }

  #soon(input: Input, longest = 10): void {
    this.#later(this.#around.random.between(0, longest), () => this.feed(input));
  }

  #start(): void {
    const { world } = this.#around;
    const height = this.disk.tip + 1;
    const { scenario } = world;
    const validators = world.setAt(height);
    const last = this.disk.chain[height - 1];
    const context: HeightContext = {
      height,
      validators,
      ownIndex: validators.indexOf(this.address),
      nextProposer: world.setAt(height + 1).leader(0).address,
      ...(last && { lastCommit: last.commit, lastValidators: world.setAt(height - 1) }),
      mode: scenario.mode,
      timeouts: scenario.timeouts,
      paceMs: height % 3 === 0 ? 30 : 0,
    };
    this.feed({ type: 'start', context, records: [...this.disk.records] });
  }

  #run(effect: Effect): void {
    const { invariants, random, network } = this.#around;
    switch (effect.type) {
      case 'persist':
        return this.disk.append(effect.record, (id) => this.blockOf(id));
      case 'sign':
        return this.#sign(effect);
      case 'send':
        return this.#send(effect);
      case 'scheduleTimeout': {
        const { kind, height, round, afterMs } = effect;
        return this.#later(afterMs, () => this.feed({ type: 'timeout', kind, height, round }));
      }
      case 'buildBlock':
        return this.#build(effect.height, effect.round, effect.lastCommit);
      case 'validateBlock': {
        const valid = this.#isValid(effect.blockId);
        const timely = !random.chance(network.faults.untimely);
        // Every block names the leader who proposes it: safety must not rest on the names.
        const proposer = this.state.rounds.get(this.state.round)!.leader;
        return this.#soon({ ...effect, type: 'blockValidated', valid, timely, proposer });
      }
      case 'requestBlock':
        return this.#request(effect.height, effect.blockId, effect.from);
      case 'commit':
        return this.#commit(effect.blockId, effect.commit);
      case 'evidence':
        return invariants.onEvidence(effect.voteA, effect.voteB);
      case 'sendCommit':
        return this.#sendCommit(effect.to, effect.height);
      case 'behind':
        return this.#later(random.between(10, 60), () => this.#sync());
      case 'halt':
        return assert.fail(`${this.name} halted: ${effect.reason}`);
    }
  }

  #sign({ request }: SignEffect): void {
    const { world, queue, invariants } = this.#around;
    if (this.isHonest) invariants.onSign(this.name, request, this.state, this.disk.records);
    const signed = this.disk.sign(request, () => world.sign(this.index, request, queue.now));
    this.#soon({ type: 'signed', request, time: signed.time, signature: signed.signature }, 4);
  }

  #send({ to, gossip, message }: SendEffect): void {
    const { network } = this.#around;
    const block = message.type === 'proposal' ? this.blockOf(message.proposal.blockId) : undefined;
    network.send(
      this,
      gossip ? 'all' : to,
      (peer) => {
        if (!(peer instanceof SimNode)) return (peer as Listener).hear(message, block, this);
        peer.keep(block);
        peer.take(message, this);
      },
      tagOf(message),
    );
  }

  #build(height: number, round: number, lastCommit: Commit | undefined): void {
    const { world } = this.#around;
    const parent = this.disk.chain[height - 1]?.block;
    if (parent) {
      assert.ok(lastCommit, 'a block on top of another needs its commit');
      world.checkCommit(lastCommit, parent.id, height - 1);
    }
    const made = world.makeBlock(height, parent ? blockKey(parent.id) : '');
    const block = { ...made, ...(lastCommit && { lastCommit }) };
    this.keep(block);
    this.#soon({ type: 'blockBuilt', height, round, blockId: block.id });
  }

  #isValid(id: BlockId): boolean {
    const block = this.blockOf(id);
    assert.ok(block, 'asked to validate a block that is not here');
    const parent = this.disk.chain[block.height - 1]?.block;
    return block.valid && block.parent === (parent ? blockKey(parent.id) : '');
  }

  #request(height: number, blockId: BlockId, from: readonly Bytes[]): void {
    if (this.state.context?.height !== height) return;
    if (this.state.blocks.get(blockKey(blockId))?.status !== 'requested') return;
    if (this.blockOf(blockId)) return this.#soon({ type: 'blockReceived', height, blockId }, 2);
    const { network } = this.#around;
    network.send(this, from.length > 0 ? from : 'all', (peer) => {
      const block = peer instanceof SimNode ? peer.blockOf(blockId) : undefined;
      if (!block) return;
      network.send(peer, [this.address], (back) => {
        if (back instanceof SimNode) back.keep(block);
      });
    });
    this.#later(30, () => this.#request(height, blockId, []));
  }

  #commit(blockId: BlockId, commit: Commit): void {
    const block = this.blockOf(blockId);
    assert.ok(block, 'a decided block is here');
    this.#around.invariants.onCommit(block, commit);
    this.disk.commit(block, commit);
    this.#later(this.#around.random.between(1, 15), () => this.#start());
  }

  #sendCommit(to: Bytes, height: number): void {
    const stored = this.disk.chain[height];
    if (!stored) return;
    const message: ConsensusMessage = { type: 'commit', commit: stored.commit };
    this.#around.network.send(
      this,
      [to],
      (peer) => {
        if (peer instanceof SimNode) peer.take(message, this);
      },
      tagOf(message),
    );
  }

  /** Block sync: copies what a connected peer has decided, checking every commit. */
  #sync(): void {
    if (this.state.phase !== 'running' || this.#around.network.isHostile) return;
    const { network, invariants } = this.#around;
    const peers = network.endpoints.filter(
      (peer): peer is SimNode =>
        peer instanceof SimNode &&
        peer.isUp &&
        network.isConnected(this, peer) &&
        peer.disk.tip > this.disk.tip,
    );
    if (peers.length === 0) return;
    const peer = this.#around.random.pick(peers);
    this.feed({ type: 'synced', height: peer.disk.tip });
    for (let height = this.disk.tip + 1; height <= peer.disk.tip; height++) {
      const { block, commit } = peer.disk.chain[height]!;
      invariants.onCommit(block, commit);
      this.disk.commit(block, commit);
    }
    this.#start();
  }
}

function tagOf(message: ConsensusMessage): Tag {
  const height = messageHeight(message);
  switch (message.type) {
    case 'proposal':
      return { kind: 'proposal', height, round: message.proposal.round };
    case 'vote':
      return { kind: `vote ${message.vote.type}`, height, round: message.vote.round };
    case 'timeout':
      return { kind: 'timeout', height, round: message.vote.round };
    case 'newRound':
      return { kind: 'newRound', height, round: message.round };
    case 'quorum':
      return { kind: 'quorum', height, round: message.qc.round };
    case 'commit':
      return { kind: 'commit', height, round: 0 };
  }
}

/** An endpoint that is no machine. */
export interface Listener extends Endpoint {
  hear(message: ConsensusMessage, block: SimulatedBlock | undefined, from: Endpoint): void;
}
