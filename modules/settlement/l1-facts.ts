/**
 * How L1 facts enter the state: each validator reports what its own L1 node shows at the finalized tag;
 * a fact counts when more than 2/3 of the stake reported the same content. Nothing here reads L1.
 */
import type { Context } from '../../node/app/context.ts';
import { bytesToBigInt, equal, toHex, type Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_DEPOSITS_PER_BLOCK, MAX_L1_FACTS_AHEAD } from '../../node/base/limits.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { L1Deposit, L1Proven } from '../../proto/gen/bitscale/settlement/v1/types.ts';
import { ERR_L1_FACT } from './errors.ts';
import type { SettledLedger } from './expected.ts';
import type { SettlementKeeper } from './keeper.ts';
import * as keys from './keys.ts';

const COORDINATE_BYTES = 32;

export function checkDeposit({ token, amount, ax, ay }: L1Deposit): void {
  const wellFormed = token >= 1 && token <= 0xffff && amount > 0n;
  if (!wellFormed || ax.length !== COORDINATE_BYTES || ay.length !== COORDINATE_BYTES) {
    throw new BitscaleError(ERR_L1_FACT, 'deposit');
  }
}

export function checkProven({ batch, rollingHash, txHash }: L1Proven): void {
  if (batch === 0n || rollingHash.length !== 32 || txHash.length !== 32) {
    throw new BitscaleError(ERR_L1_FACT, 'proven batch');
  }
}

/** Counts one validator's word on one fact; an earlier word of the same validator is replaced. */
function vote(
  context: Context,
  keeper: SettlementKeeper,
  voter: Bytes,
  fact: { kind: keys.FactKind; number: bigint; content: Bytes },
): boolean {
  const { kind, number, content } = fact;
  const store = context.store(keys.SETTLEMENT_STORE);
  store.set(keys.voteKey(kind, number, voter), content);
  const prefix = keys.votePrefix(kind, number);
  let power = 0n;
  for (const [key, seen] of iteratePrefix(store, prefix)) {
    if (equal(seen, content)) power += keeper.power(context, key.slice(prefix.length));
  }
  return keeper.isQuorum(context, power);
}

function forget(context: Context, kind: keys.FactKind, number: bigint): void {
  const store = context.store(keys.SETTLEMENT_STORE);
  const prefix = keys.votePrefix(kind, number);
  for (const [key] of [...iteratePrefix(store, prefix)]) store.delete(key);
}

export function attestDeposit(
  context: Context,
  keeper: SettlementKeeper,
  voter: Bytes,
  deposit: L1Deposit,
): void {
  const next = keeper.counter(context, keys.NEXT_DEPOSIT_KEY);
  if (deposit.index < next) return;
  if (deposit.index >= next + BigInt(MAX_L1_FACTS_AHEAD)) {
    throw new BitscaleError(ERR_L1_FACT, `deposit ${deposit.index} is too far ahead of ${next}`);
  }
  const store = context.store(keys.SETTLEMENT_STORE);
  const decided = keys.decidedKey(keys.DEPOSIT_FACT, deposit.index);
  if (store.has(decided)) return;
  const content = L1Deposit.encode(deposit).finish();
  const fact = { kind: keys.DEPOSIT_FACT, number: deposit.index, content } as const;
  if (vote(context, keeper, voter, fact)) {
    store.set(decided, content);
    forget(context, keys.DEPOSIT_FACT, deposit.index);
  }
}

export function attestProven(
  context: Context,
  keeper: SettlementKeeper,
  voter: Bytes,
  fact: L1Proven,
): void {
  if (fact.batch <= keeper.counter(context, keys.FINAL_KEY)) return;
  const header = keeper.header(context, fact.batch);
  if (!header || !equal(header.rollingHash, fact.rollingHash)) {
    throw new BitscaleError(ERR_L1_FACT, `L1 shows another batch ${fact.batch}`);
  }
  const content = L1Proven.encode(fact).finish();
  const ballot = { kind: keys.PROVEN_FACT, number: fact.batch, content } as const;
  if (vote(context, keeper, voter, ballot)) {
    const before = keeper.counter(context, keys.FINAL_KEY);
    keeper.finalized(context, fact);
    for (let batch = before + 1n; batch <= fact.batch; batch++) {
      forget(context, keys.PROVEN_FACT, batch);
    }
  }
}

/**
 * Credits decided deposits strictly in queue order, a bounded number per block. Runs at the end of a block
 * and never throws on what users caused: a deposit that the ledger refuses stays first in the queue.
 */
export function creditDeposits(
  context: Context,
  keeper: SettlementKeeper,
  ledger: SettledLedger,
): void {
  for (let done = 0; done < MAX_DEPOSITS_PER_BLOCK; done++) {
    const index = keeper.counter(context, keys.NEXT_DEPOSIT_KEY);
    const decided = keys.decidedKey(keys.DEPOSIT_FACT, index);
    const bytes = context.store(keys.SETTLEMENT_STORE).get(decided);
    if (!bytes) return;
    if (!credit(context, keeper, ledger, L1Deposit.decode(bytes))) return;
  }
}

function credit(
  context: Context,
  keeper: SettlementKeeper,
  ledger: SettledLedger,
  deposit: L1Deposit,
): boolean {
  const { index, token, amount } = deposit;
  const branch = context.branch();
  try {
    const owner = { ax: bytesToBigInt(deposit.ax), ay: bytesToBigInt(deposit.ay) };
    const account = ledger.deposit(branch, owner, token, amount);
    branch.store(keys.SETTLEMENT_STORE).delete(keys.decidedKey(keys.DEPOSIT_FACT, index));
    keeper.setCounter(branch, keys.NEXT_DEPOSIT_KEY, index + 1n);
    branch.events.emit(
      'l1_deposit',
      ['index', String(index)],
      ['account', String(account)],
      ['owner', toHex(deposit.ax)],
      ['token', String(token)],
      ['amount', String(amount)],
    );
    branch.write();
    return true;
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    context.events.emit('l1_deposit_blocked', ['index', String(index)], ['reason', error.message]);
    return false;
  }
}
