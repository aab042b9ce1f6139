/** The driver of a node that follows, with everybody else played by the test. */
import { SignatureChecks } from '../../../node/engine/signature-checks.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '../../../node/base/bytes.ts';
import { signEd25519 } from '../../../node/base/ed25519.ts';
import { noMetrics, silentLogger, type Counter, type Labels } from '../../../node/base/service.ts';
import { timeToNanos } from '../../../node/base/time.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { blockIdOf } from '../../../node/consensus/hashing.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import { proposalSignBytes } from '../../../node/consensus/sign-bytes.ts';
import {
  PRECOMMIT,
  PREVOTE,
  type CommitSig,
  type DuplicateVoteEvidence,
  type Vote,
  type VoteType,
} from '../../../node/consensus/types.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';
import { Driver } from '../../../node/engine/driver.ts';
import type { BulkChecks, ConsensusNetwork } from '../../../node/engine/expected.ts';
import type { MadeBlock } from '../../../node/engine/executor.ts';
import { makeBlock } from '../../../node/engine/header.ts';
import type { Signer } from '../../../node/engine/signer.ts';
import { Wal } from '../../../node/engine/wal.ts';
import { decodePayload, encodePayload, type Payload } from '../../../node/engine/wire.ts';
import {
  CHAIN_ID,
  fullCommit,
  genesisState,
  seedOf,
  signedVote,
  testChain,
  type TestChain,
} from './chain-fixture.ts';

const TIMEOUTS = {
  roundMs: 60_000,
  roundDeltaMs: 0,
  roundMaxMs: 60_000,
  newRoundMs: 60_000,
  graceMs: 0,
  resendMs: 60_000,
};

export interface BenchOptions {
  /** Votes as the validator at this position; without it the node only follows. */
  readonly seat?: number;
  /** How far the clock of the node is behind the time of the next block, milliseconds. */
  readonly lagMs?: number;
  /** Four by default. */
  readonly validators?: number;
  readonly bulk?: BulkChecks;
}

export class DriverBench {
  readonly chain: TestChain;
  readonly driver: Driver;
  readonly fatal: unknown[] = [];
  /** What was said to everybody. */
  readonly sent: Payload[] = [];
  /** Payloads that were passed on. */
  readonly relayed: Bytes[] = [];
  readonly warnings: [string, Record<string, unknown> | undefined][] = [];
  /** By name and values of labels. */
  readonly counted = new Map<string, number>();
  readonly strikes: string[] = [];
  /** Points of all strikes together. */
  points = 0;
  /** Answers requests for blocks. */
  fetch: () => Promise<Bytes | undefined> = async () => undefined;
  fetches = 0;
  /** Messages to single validators. */
  answers = 0;
  readonly #wal: Wal;
  readonly #folder: string;

  private constructor(chain: TestChain, wal: Wal, folder: string, options: BenchOptions) {
    this.chain = chain;
    this.#wal = wal;
    this.#folder = folder;
    const network: ConsensusNetwork = {
      broadcast: (payload) => void this.sent.push(decodePayload(payload)),
      sendToValidators: () => void (this.answers += 1),
      relay: (_from, payload) => void this.relayed.push(payload),
      validatorOf: () => undefined,
      strike: (_peer, points, reason) => {
        this.strikes.push(reason);
        this.points += points;
      },
      announce: () => undefined,
    };
    const { seat, lagMs = 0 } = options;
    const now = (): number => Number(timeToNanos(chain.state().time) / 1_000_000n) + 1_000 - lagMs;
    this.driver = new Driver(
      {
        options: { chainId: CHAIN_ID, mode: 'clique', timeouts: TIMEOUTS, blockTimeMs: 0 },
        store: chain.store,
        executor: chain.executor,
        committer: chain.committer,
        evidence: chain.evidence,
        wal,
        signatures: new SignatureChecks(options.bulk),
        signer: seat === undefined ? undefined : signerOf(chain, seat),
        network,
        blocks: { fetchBlock: () => this.#fetch() },
        clock: { now, monotonic: () => performance.now() },
        logger: {
          ...silentLogger,
          warn: (text, fields) => void this.warnings.push([text, fields]),
        },
        metrics: { ...noMetrics, counter: (name, _help, labels) => this.#counter(name, labels) },
        onBehind: () => undefined,
        requireGoing: () => undefined,
        onStep: () => undefined,
      },
      (error) => this.fatal.push(error),
    );
  }

  static async start(options: BenchOptions = {}): Promise<DriverBench> {
    const folder = mkdtempSync(join(tmpdir(), 'bitscale-driver-'));
    const genesis = genesisState(options.validators);
    const chain = await testChain(undefined, undefined, genesis);
    const bench = new DriverBench(chain, await Wal.open(folder), folder, options);
    await bench.driver.resume();
    await bench.settled();
    return bench;
  }

  #counter(name: string, labels: Labels = {}): Counter {
    const key = [name, ...Object.values(labels)].join(' ');
    return { add: (value = 1) => this.counted.set(key, (this.counted.get(key) ?? 0) + value) };
  }

  #fetch(): Promise<Bytes | undefined> {
    this.fetches += 1;
    return this.fetch();
  }

  /** Resolves when everything received so far has been worked on. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      await this.driver.task(async () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    await this.driver.stop();
    await this.#wal.close();
    rmSync(this.#folder, { recursive: true });
  }

  receive(message: ConsensusMessage, block?: Bytes): void {
    const payload = encodePayload({ type: 'message', message, ...(block && { block }) });
    this.driver.receive('peer', payload);
  }

  receiveEvidence(evidence: DuplicateVoteEvidence): void {
    this.driver.receive('peer', encodePayload({ type: 'evidence', evidence }));
  }

  /** A block that is valid next but for its transactions. */
  blockWith(...txs: Bytes[]): MadeBlock {
    return this.blockOf(txs, this.chain.make().block.evidence);
  }

  /** A block that is valid next but for its transactions and evidence. */
  blockOf(txs: readonly Bytes[], evidence: readonly DuplicateVoteEvidence[]): MadeBlock {
    const { block } = this.chain.make();
    const { time, proposerAddress } = block.header;
    const { lastCommit } = block;
    const content = { txs, time, proposerAddress, evidence, lastCommit };
    const made = makeBlock(this.chain.state(), content);
    const bytes = encodeBlock(made);
    return { block: made, bytes, blockId: blockIdOf(made, bytes) };
  }

  /** A block on top of one that is not decided here, with the commit for that one inside. */
  blockAfter(
    { block, blockId }: MadeBlock,
    change = (sig: CommitSig): CommitSig => sig,
  ): MadeBlock {
    const state = this.chain.state();
    const { time } = block.header;
    const commit = fullCommit(state, blockId, time);
    const lastCommit = { ...commit, signatures: commit.signatures.map(change) };
    const { height } = block.header;
    const next = { ...state, height, blockId, time, lastValidators: state.validators };
    const proposerAddress = state.nextValidators.proposer.address;
    const made = makeBlock(next, { txs: [], time, evidence: [], lastCommit, proposerAddress });
    const bytes = encodeBlock(made);
    return { block: made, bytes, blockId: blockIdOf(made, bytes) };
  }

  /** The leader proposes it, with its bytes or without. */
  propose({ block, bytes, blockId }: MadeBlock, round = 0, withBytes = true): void {
    const { height, time } = block.header;
    const fields = { height, round, polRound: -1, blockId, time };
    const state = this.chain.state();
    const set = height === state.height + 1 ? state.validators : state.nextValidators;
    const { pubKey } = set.leader(round);
    const signature = signEd25519(seedOf(pubKey), proposalSignBytes(CHAIN_ID, fields));
    const message = { type: 'proposal', proposal: { ...fields, signature } } as const;
    this.receive(message, withBytes ? bytes : undefined);
  }

  precommit(index: number, { block, blockId }: MadeBlock, laterBy = 0n): Vote {
    const { height, time } = block.header;
    const at = { ...time, seconds: time.seconds + laterBy };
    const place = { type: PRECOMMIT, height, round: 0, blockId, time: at } as const;
    return signedVote(this.chain.state().validators, index, place);
  }

  prevote(index: number, { block, blockId }: MadeBlock): Vote {
    const { height, time } = block.header;
    const place = { type: PREVOTE, height, round: 0, blockId, time } as const;
    return signedVote(this.chain.state().validators, index, place);
  }

  /** Gives up a round. */
  nilPrecommit(index: number, round = 0): Vote {
    const { height, time, validators } = this.chain.state();
    const place = {
      type: PRECOMMIT as VoteType,
      height: height + 1,
      round,
      blockId: NIL_BLOCK_ID,
      time,
    };
    return signedVote(validators, index, place);
  }

  /** More than 2/3 precommit it. */
  decide(made: MadeBlock): void {
    for (const index of [0, 1, 2]) {
      this.receive({ type: 'vote', vote: this.precommit(index, made) });
    }
  }
}

/** Signs anything: what may be signed is the business of others here. */
function signerOf(chain: TestChain, seat: number): Signer {
  const { address, pubKey } = chain.state().validators.validators[seat]!;
  const sign: Signer['sign'] = async ({ time, bytesAt }) => {
    return { time, signature: signEd25519(seedOf(pubKey), bytesAt(time)) };
  };
  return { address, pubKey, sign };
}
