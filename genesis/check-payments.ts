/** The parts of the payment ledger and of its settlement on L1 in a genesis file. */
import { parseValoper } from '../node/base/address.ts';
import { toHex } from '../node/base/bytes.ts';
import { at, fault, integer, object, objects, text, unique, type JsonObject } from './read.ts';

/** As wide as the circuit's words are. */
const MAX_TOKEN = 0xfeff;
const MAX_DECIMALS = 36n;
const MAX_UINT64 = (1n << 64n) - 1n;
const SHAPE: Readonly<Record<string, bigint>> = {
  depth: 15n,
  slots: 0xffffn,
  quotes: 256n,
  fee_tokens: 256n,
};

function within(json: unknown, place: string, [least, most]: readonly [bigint, bigint]): bigint {
  const value = integer(json, place);
  if (value < least || value > most) throw fault(place, `must be ${least} to ${most}`);
  return value;
}

/** These are JSON numbers; a text would not be read. */
function small(json: unknown, place: string, bounds: readonly [bigint, bigint]): bigint {
  if (typeof json !== 'number') throw fault(place, 'must be a number');
  return within(json, place, bounds);
}

export function checkLedger(ledger: JsonObject): void {
  const shape = object(ledger['shape'], 'ledger.shape');
  for (const [name, most] of Object.entries(SHAPE)) {
    small(shape[name], `ledger.shape.${name}`, [1n, most]);
  }
  if (!Array.isArray(ledger['tokens'])) throw fault('ledger.tokens', 'must be a list');
  const [id, symbol] = [unique('ledger.tokens: id'), unique('ledger.tokens: symbol')];
  for (const token of objects(ledger['tokens'], 'ledger.tokens')) {
    id(small(token['id'], 'ledger.tokens: id', [1n, BigInt(MAX_TOKEN)]).toString());
    symbol(text(token['symbol'], 'ledger.tokens: symbol'));
    small(token['decimals'], 'ledger.tokens: decimals', [0n, MAX_DECIMALS]);
  }
  if (!/^[0-9a-f]{64}$/.test(text(ledger['domain'], 'ledger.domain'))) {
    throw fault('ledger.domain', 'must be 32 bytes in hexadecimal');
  }
}

const NUMBERS = [
  'max_batch_age_seconds',
  'l1_chain_id',
  'proving_interval_seconds',
  'stake_price',
] as const;

function checkL1Address(json: unknown, place: string): string {
  const address = text(json, place);
  if (/^0x[0-9a-fA-F]{40}$/.test(address)) return address;
  throw fault(place, 'must be an L1 address, 0x and 40 hexadecimal digits');
}

export function checkSettlement(settlement: JsonObject): void {
  const params = object(settlement['params'], 'settlement.params');
  for (const name of NUMBERS) {
    const place = `settlement.params.${name}`;
    text(params[name], place);
    within(params[name], place, [0n, MAX_UINT64]);
  }
  checkL1Address(params['rollup'], 'settlement.params.rollup');
  if (!Array.isArray(settlement['validators'])) {
    throw fault('settlement.validators', 'must be a list');
  }
  const [operator, address] = [unique('settlement.validators'), unique('settlement.validators')];
  for (const entry of objects(settlement['validators'], 'settlement.validators')) {
    const written = text(entry['operator'], 'settlement.validators: operator');
    operator(toHex(at(`settlement.validators: ${written}`, () => parseValoper(written))));
    address(checkL1Address(entry['address'], 'settlement.validators: address').toLowerCase());
  }
}
