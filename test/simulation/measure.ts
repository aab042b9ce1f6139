/** What a height costs when nothing fails: messages, signature checks, delays. */
import { utf8 } from '../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../node/base/ed25519.ts';
import { sha256 } from '../../node/base/hash.ts';
import { timeFromMillis } from '../../node/base/time.ts';
import type { Mode } from '../../node/consensus/inputs.ts';
import { voteSignBytes } from '../../node/consensus/sign-bytes.ts';
import { PRECOMMIT, type Commit } from '../../node/consensus/types.ts';
import { ValidatorSet } from '../../node/consensus/validator-set.ts';
import { verifyCommit } from '../../node/consensus/verify-commit.ts';
import { quietScenario } from './faults/scenario.ts';
import { Pool } from './pool.ts';
import type { Outcome } from './simulation.ts';

/** The first heights have no last commit, or one before the nodes knew each other. */
const FIRST_HEIGHT = 3;

export interface HeightCosts {
  readonly heights: number;
  /** Messages to single receivers, per height. */
  readonly messages: number;
  /** Signatures looked at by all nodes together, per height. */
  readonly verifications: number;
}

async function quietRun(size: number, mode: Mode, delayMs: number): Promise<Outcome> {
  const pool = new Pool({ threads: 1 });
  const { outcome, failure } = await pool.one(quietScenario(size, mode, delayMs));
  await pool.close();
  if (!outcome) throw new Error(failure?.message);
  return outcome;
}

export async function messagesPerHeight(options: {
  readonly n: number;
  readonly mode: Mode;
}): Promise<HeightCosts> {
  const { marks, height } = await quietRun(options.n, options.mode, 20);
  const [first, last] = [marks[FIRST_HEIGHT]!, marks[height]!];
  const heights = height - FIRST_HEIGHT;
  return {
    heights,
    messages: (last.sent - first.sent) / heights,
    verifications: (last.verified - first.verified) / heights,
  };
}

export interface WanDelays {
  /** One-way delays from the proposal until the first node has decided. */
  readonly first: number;
  /** Until the last one has. */
  readonly last: number;
  /** From one decision to the next. */
  readonly interval: number;
}

/** Averages over heights. */
export async function wanRun(options: {
  readonly delayMs: number;
  readonly mode: Mode;
  readonly n?: number;
}): Promise<WanDelays> {
  const { delayMs, mode, n = 4 } = options;
  const { marks, height } = await quietRun(n, mode, delayMs);
  const used = marks.slice(FIRST_HEIGHT, height);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length / delayMs;
  return {
    first: mean(used.map((one) => one.firstAt - one.proposedAt)),
    last: mean(used.map((one) => one.lastAt - one.proposedAt)),
    interval: mean(used.slice(1).map((one, at) => one.firstAt - used[at]!.firstAt)),
  };
}

/** Milliseconds of processor time to verify one commit of `n` validators, signatures and all. */
export function certificateMs({ n = 100, times = 20 } = {}): number {
  const chainId = 'certificate-1';
  const seeds = Array.from({ length: n }, (_, index) => sha256(utf8(`certificate ${index}`)));
  const keys = new Map(
    seeds.map((seed) => [Buffer.from(ed25519PublicKey(seed)).toString('hex'), seed]),
  );
  const validators = ValidatorSet.create(
    seeds.map((seed) => {
      const pubKey = ed25519PublicKey(seed);
      return { pubKey, address: sha256(pubKey).slice(0, 20), power: 10n };
    }),
  );
  const hash = sha256(utf8('block'));
  const blockId = { hash, parts: { total: 1, hash } };
  const time = timeFromMillis(1_700_000_000_000);
  const message = voteSignBytes(chainId, { type: PRECOMMIT, height: 1, round: 0, blockId, time });
  const signatures = validators.validators.map(({ address, pubKey }) => {
    const seed = keys.get(Buffer.from(pubKey).toString('hex'))!;
    return { flag: 2 as const, address, time, signature: signEd25519(seed, message) };
  });
  const commit: Commit = { height: 1, round: 0, blockId, signatures };
  const check = { chainId, validators, height: 1, blockId, commit };
  verifyCommit(check);
  const before = process.cpuUsage();
  for (let i = 0; i < times; i += 1) verifyCommit(check);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}
