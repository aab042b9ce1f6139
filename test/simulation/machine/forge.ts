/** What a byzantine validator can make: its key signs anything, and blocks are made on anybody's state. */
import { sha256 } from '../../../node/base/hash.ts';
import { concat, uint64ToBytes, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { signEd25519 } from '../../../node/base/ed25519.ts';
import { timeFromMillis, type Time } from '../../../node/base/time.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { blockIdOf } from '../../../node/consensus/hashing.ts';
import type { Proposal } from '../../../node/consensus/messages.ts';
import { proposalSignBytes, voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import type { Block, BlockId, Commit, Vote, VoteType } from '../../../node/consensus/types.ts';
import { EMPTY_COMMIT } from '../../../node/consensus/verify-commit.ts';
import type { ChainState } from '../../../node/engine/chain-state.ts';
import { makeBlock, proposalTime } from '../../../node/engine/header.ts';
import { FORBIDDEN_TX } from './app.ts';
import { CHAIN_ID, type Identity } from './world.ts';

export interface Forged {
  readonly block: Block;
  readonly bytes: Bytes;
  readonly blockId: BlockId;
}

export interface VotePlace {
  readonly type: VoteType;
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
}

let serial = 0;

/** No two forged blocks are the same. */
export function resetForge(): void {
  serial = 0;
}

function sealed(block: Block): Forged {
  const bytes = encodeBlock(block);
  return { block, bytes, blockId: blockIdOf(block, bytes) };
}

export type Flaw = 'none' | 'forbidden tx' | 'app hash' | 'too large';

export interface ForgeOptions {
  readonly state: ChainState;
  readonly lastCommit: Commit | undefined;
  readonly proposer: Bytes;
  readonly nowMs: number;
  readonly flaw?: Flaw;
}

const TOO_LARGE_BYTES = 300_000;

export function forgeBlock({ state, lastCommit, proposer, nowMs, flaw }: ForgeOptions): Forged {
  const own = utf8(`forged ${(serial += 1)}`);
  const txs = [own];
  if (flaw === 'forbidden tx') txs.push(new Uint8Array([FORBIDDEN_TX]));
  if (flaw === 'too large') txs.push(new Uint8Array(TOO_LARGE_BYTES));
  const content = {
    time: proposalTime(state, nowMs),
    txs,
    evidence: [],
    lastCommit: lastCommit ?? EMPTY_COMMIT,
    proposerAddress: proposer,
  };
  const wrong = sha256(concat(own, uint64ToBytes(state.height)));
  const bent = flaw === 'app hash' ? { ...state, appHash: wrong } : state;
  return sealed(makeBlock(bent, content));
}

export function forgeVote(
  { seed, address }: Identity,
  place: VotePlace,
  at: { readonly index: number; readonly nowMs: number },
): Vote {
  const time: Time = timeFromMillis(at.nowMs);
  const signature = signEd25519(seed, voteSignBytes(CHAIN_ID, { ...place, time }));
  return { ...place, time, address, index: at.index, signature };
}

export function forgeProposal({ seed }: Identity, fields: Omit<Proposal, 'signature'>): Proposal {
  return { ...fields, signature: signEd25519(seed, proposalSignBytes(CHAIN_ID, fields)) };
}

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** S + L: the same signature to a careless verifier, other bytes. */
export function malleable(signature: Bytes): Bytes {
  const out = signature.slice();
  let s = 0n;
  for (let i = 63; i >= 32; i -= 1) s = (s << 8n) | BigInt(out[i]!);
  s += GROUP_ORDER;
  for (let i = 32; i < 64; i += 1) {
    out[i] = Number(s & 0xffn);
    s >>= 8n;
  }
  return out;
}
