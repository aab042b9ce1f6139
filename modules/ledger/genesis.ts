/** The ledger in the genesis file: its shape, its domain, its tokens, and what has happened in it. */
import type { Context } from '../../node/app/context.ts';
import { bytesToBigInt, fromHex, toHex } from '../../node/base/bytes.ts';
import { assert } from '../../node/base/errors.ts';
import { FIELD, fieldToBytes } from './field.ts';
import { exportState, initState } from './genesis-state.ts';
import type { LedgerKeeper } from './keeper.ts';
import type { Tokens } from './tokens.ts';

interface GenesisToken {
  readonly id: number;
  readonly symbol: string;
  readonly decimals: number;
}

export interface LedgerGenesis {
  readonly shape: {
    readonly depth: number;
    readonly slots: number;
    readonly quotes: number;
    readonly fee_tokens: number;
  };
  /** 32 bytes in hexadecimal; see ledgerDomain. */
  readonly domain: string;
  readonly tokens: readonly GenesisToken[];
  /** Of a chain that goes on from the export of another; see genesis-state.ts. */
  readonly state?: Record<string, unknown>;
}

export function initLedger(context: Context, keeper: LedgerKeeper, tokens: Tokens, json: unknown) {
  assert(json !== undefined, 'app_state.ledger is missing');
  const genesis = json as LedgerGenesis;
  checkShape(genesis.shape);
  const { depth, slots, quotes, fee_tokens: feeTokens } = genesis.shape;
  const domain = bytesToBigInt(fromHex(genesis.domain));
  assert(domain > 0n && domain < FIELD - 1n, 'app_state.ledger.domain is not a field element');
  keeper.setParams(context, { shape: { depth, slots, quotes, feeTokens }, domain });
  for (const token of genesis.tokens) {
    assert(token.id >= 1 && token.id < 0xff00, `app_state.ledger.tokens: id ${token.id}`);
    tokens.add(context, token);
  }
  initState(context, keeper, genesis.state);
}

/** Rows of a batch are numbered in 8 bits; the fee table counts up past the largest token id. */
const MAX_ROWS = 256;
const MAX_SLOTS = 0xffff;
const MAX_DEPTH = 15;

function checkShape(shape: LedgerGenesis['shape']): void {
  const within = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= limit;
  assert(within(shape.depth, MAX_DEPTH), `app_state.ledger.shape.depth: 1 to ${MAX_DEPTH}`);
  assert(within(shape.slots, MAX_SLOTS), `app_state.ledger.shape.slots: 1 to ${MAX_SLOTS}`);
  assert(within(shape.quotes, MAX_ROWS), `app_state.ledger.shape.quotes: 1 to ${MAX_ROWS}`);
  assert(within(shape.fee_tokens, MAX_ROWS), `app_state.ledger.shape.fee_tokens: 1 to ${MAX_ROWS}`);
}

export function exportLedger(
  context: Context,
  keeper: LedgerKeeper,
  tokens: Tokens,
): LedgerGenesis {
  const { shape, domain } = keeper.params(context);
  const { feeTokens, ...rest } = shape;
  const state = exportState(context, keeper);
  return {
    shape: { ...rest, fee_tokens: feeTokens },
    domain: toHex(fieldToBytes(domain)),
    tokens: tokens.list(context),
    ...(state && { state }),
  };
}
