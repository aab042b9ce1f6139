/** Chains made by hand, signed by all their validators, to break one rule at a time. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { StoredBlock } from './chain.ts';
import { PRECOMMIT } from './commit.ts';
import * as formats from './formats.ts';
import { readTimestamp, resultLeaf, validatorOf, type Genesis, type Outcome } from './genesis.ts';
import * as hashes from './hashes.ts';
import type { Validator } from './hashes.ts';
import { EMPTY, hex, join, unhex, type Bytes } from './proto.ts';

export const CHAIN_ID = 'made-1';
const KEYS = 6;
const PRIVATE_DER = unhex('302e020100300506032b657004220420');
const text = (value: string): Bytes => new Uint8Array(Buffer.from(value));

const privateKeys: KeyObject[] = Array.from({ length: KEYS }, (_, index) => {
  const seed = hashes.sha256(text(`made validator ${index}`));
  return createPrivateKey({
    key: Buffer.from(join([PRIVATE_DER, seed])),
    format: 'der',
    type: 'pkcs8',
  });
});
const publicKeys: Bytes[] = privateKeys.map((key) => {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der).slice(-32);
});

/** Key number `index` with a power. */
export const member = (index: number, power: bigint): Validator =>
  validatorOf(publicKeys[index]!, power);

export function signed(vote: formats.Vote): formats.Vote {
  const index = publicKeys.findIndex((key) => hex(hashes.addressOf(key)) === hex(vote.address));
  const message = hashes.voteSignBytes(CHAIN_ID, vote);
  const signature = new Uint8Array(sign(null, message, privateKeys[index]!));
  return { ...vote, signature };
}

export const timeAt = (height: number): formats.Timestamp => ({
  seconds: 1_770_000_000n + BigInt(height),
  nanos: 123_456_789,
});

export const GENESIS: Genesis = {
  chainId: CHAIN_ID,
  initialHeight: 1,
  time: readTimestamp('2026-01-01T00:00:00Z'),
  validators: hashes.inOrder([0, 1, 2, 3].map((index) => member(index, 10n))),
  params: { maxBytes: 200_000n, maxGas: -1n, maxAgeBlocks: 3n, maxAgeNanos: 3_000_000_000n },
};

/** What the making of a chain may be bent by; all by height. */
export interface Plan {
  readonly heights?: number;
  readonly txs?: (height: number) => Bytes[];
  readonly updates?: (height: number) => Validator[];
  readonly evidence?: (height: number, setAt: SetAt) => formats.DuplicateVotes[];
  /** 1 absent, 2 for the block, 3 nil. */
  readonly flag?: (height: number, index: number) => number;
  /** Changes a block before anybody signs it; its hashes are in it already. */
  readonly edit?: (height: number, block: formats.Block) => formats.Block;
  /** Changes a commit after it was signed, and before it enters the next block. */
  readonly editCommit?: (height: number, commit: formats.Commit) => formats.Commit;
}

export type SetAt = (height: number) => readonly Validator[];

const RESULT = resultLeaf(0, text('done'), 7n, 5n);

/** Every block has a transaction, and its seen commit, results and validators are there. */
export function makeChain(plan: Plan = {}): StoredBlock[] {
  const { heights = 6, txs = (height) => [text(`tx of ${height}`)], updates = () => [] } = plan;
  const sets = new Map([1, 2].map((height) => [height, GENESIS.validators]));
  const setAt: SetAt = (height) => sets.get(height)!;
  const chain: StoredBlock[] = [];
  let last = {
    id: formats.NO_BLOCK,
    commit: { height: 0n, round: 0, blockId: formats.NO_BLOCK, signatures: [] } as formats.Commit,
    outcome: { results: [], updates: [], params: undefined, appHash: EMPTY } as Outcome,
  };
  for (let height = 1; height <= heights; height += 1) {
    const content = {
      txs: txs(height),
      evidence: plan.evidence?.(height, setAt) ?? [],
      lastCommit: last.commit,
    };
    const made = { header: headerOf(height, content, { last, setAt }), ...content };
    const block = plan.edit?.(height, made) ?? made;
    const bytes = formats.writeBlock(block);
    const id = { hash: hashes.headerHash(block.header), ...hashes.partsOf(bytes) };
    const outcome = {
      results: block.txs.map(() => RESULT),
      updates: updates(height),
      params: undefined,
      appHash: hashes.sha256(text(`state ${height}`)),
    };
    sets.set(height + 2, hashes.updated(setAt(height + 1), outcome.updates));
    const whole = commitOf(height, id, setAt(height), plan.flag ?? (() => 2));
    const commit = plan.editCommit?.(height, whole) ?? whole;
    chain.push({
      height,
      block: bytes,
      blockId: formats.writeBlockId(id),
      seenCommit: formats.writeCommit(commit),
      outcome,
      validators: setAt(height),
    });
    last = { id, commit, outcome };
  }
  return chain;
}

function headerOf(
  height: number,
  content: Omit<formats.Block, 'header'>,
  { last, setAt }: { last: { id: formats.BlockId; outcome: Outcome }; setAt: SetAt },
): formats.Header {
  return {
    blockVersion: 11n,
    appVersion: 0n,
    chainId: CHAIN_ID,
    height: BigInt(height),
    time: timeAt(height),
    lastBlockId: last.id,
    lastCommitHash: hashes.commitHash(content.lastCommit),
    dataHash: hashes.dataHash(content.txs),
    validatorsHash: hashes.validatorsHash(setAt(height)),
    nextValidatorsHash: hashes.validatorsHash(setAt(height + 1)),
    consensusHash: hashes.consensusHash(GENESIS.params.maxBytes, GENESIS.params.maxGas),
    appHash: last.outcome.appHash,
    lastResultsHash: hashes.merkleRoot(last.outcome.results),
    evidenceHash: hashes.evidenceHash(content.evidence),
    proposer: setAt(height)[0]!.address,
  };
}

function commitOf(
  height: number,
  blockId: formats.BlockId,
  set: readonly Validator[],
  flag: (height: number, index: number) => number,
): formats.Commit {
  const signatures = set.map(({ address }, index) => {
    const kind = flag(height, index);
    if (kind === 1) return { flag: 1, address: EMPTY, time: formats.NO_TIME, signature: EMPTY };
    const time = timeAt(height);
    const id = kind === 2 ? blockId : formats.NO_BLOCK;
    const { signature } = signed(voteFor(height, id, { address, index }));
    return { flag: kind, address, time, signature };
  });
  return { height: BigInt(height), round: 0, blockId, signatures };
}

/** An unsigned precommit. */
export function voteFor(
  height: number,
  blockId: formats.BlockId,
  { address, index }: { readonly address: Bytes; readonly index: number },
): formats.Vote {
  return {
    type: PRECOMMIT,
    height: BigInt(height),
    round: 0,
    blockId,
    time: timeAt(height),
    address,
    index,
    signature: EMPTY,
  };
}

/** Two votes of the validator at `index` of the set of a height, as evidence of its double vote. */
export function doubleVote(height: number, index: number, setAt: SetAt): formats.DuplicateVotes {
  const set = setAt(height);
  const { address, power } = set[index]!;
  const partsHash = hashes.sha256(text('parts'));
  const vote = (hash: Bytes): formats.Vote =>
    signed(voteFor(height, { hash, total: 1, partsHash }, { address, index }));
  const [voteA, voteB] = ['one', 'two']
    .map((name) => hashes.sha256(text(name)))
    .sort(Buffer.compare)
    .map(vote);
  return {
    voteA: voteA!,
    voteB: voteB!,
    totalPower: hashes.powerOf(set),
    validatorPower: power,
    time: timeAt(height),
  };
}
