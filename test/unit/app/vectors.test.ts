/**
 * Transactions recorded from a Cosmos SDK 0.50 application, replayed against ours: the same codes, logs,
 * data, events and gas, and the same balances and sequences afterwards. What differs on purpose, or is
 * not covered yet, is listed in vectors-differences.ts by the note of the case.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Event, TxResult } from '../../../node/app/abci.ts';
import { addressText } from '../../../node/app/address-text.ts';
import type { Context } from '../../../node/app/context.ts';
import { moduleAddress } from '../../../node/base/address.ts';
import { fromHex, toHex } from '../../../node/base/bytes.ts';
import { formatCoins, parseCoins } from '../../../node/base/coin.ts';
import { parseTime } from '../../../node/base/time.ts';
import { allBalances, Balance } from '../../../modules/bank/balances.ts';
import {
  checkAfterBlock,
  blockAt,
  initRequest,
  testApplication,
} from '../../support/application.ts';
import { DIFFERENT, looseLog, type Difference } from './vectors-differences.ts';

interface Recorded {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly data?: string;
  readonly gas_wanted: string;
  readonly gas_used: string;
  readonly events: readonly [string, readonly (readonly [string, string])[]][];
}

interface RecordedBlock {
  readonly note: string;
  readonly height: string;
  readonly time: string;
  readonly txs: readonly {
    readonly tx_raw: string;
    readonly check: Recorded;
    readonly result: Recorded;
  }[];
  readonly state_changes: Readonly<Record<string, string>>;
}

interface Recording {
  readonly chain_id: string;
  readonly minimum_gas_prices: string;
  readonly accounts: readonly { readonly name: string; readonly address: string }[];
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly blocks: readonly RecordedBlock[];
}

const file = new URL('../../vectors/tx/results.json', import.meta.url);
const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
const addresses = addressText('cosmos');

/** Index entries hold one byte here and none there: 30 gas each. */
const GAS_TOLERANCE_PERCENT = 1n;

/** The module accounts the recorded chain opens at genesis: they take account numbers 7 to 12. */
const MODULE_ACCOUNTS = new Map(
  [
    'bonded_tokens_pool',
    'distribution',
    'fee_collector',
    'gov',
    'mint',
    'not_bonded_tokens_pool',
  ].map((name): [string, readonly string[]] => [name, []]),
);

/** Balance and sequence of each account by name, as of the block last replayed. */
class Expected {
  readonly balances = new Map<string, string>();
  readonly sequences = new Map<string, bigint>();

  apply(changes: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(changes)) {
      const [kind, name] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
      if (kind === 'sequence') this.sequences.set(name, BigInt(value));
      else this.balances.set(name, value);
    }
  }
}

function replayChain() {
  const hooks = { end: (context: Context): void => void context };
  const parts = testApplication({
    chainId: recording.chain_id,
    addresses,
    moduleAccounts: MODULE_ACCOUNTS,
    minGasPrices: recording.minimum_gas_prices,
    feeDenom: 'stake',
    modules: [
      {
        name: 'replay',
        stores: [],
        messages: [],
        queries: [],
        initGenesis: () => undefined,
        exportGenesis: () => undefined,
        // The recorded chain hands collected fees to delegators at the start of every block.
        beginBlock: (context) => clear(context, moduleAddress('fee_collector')),
        endBlock: (context) => hooks.end(context),
      },
    ],
  });
  const { auth, bank } = recording.genesis;
  parts.app.initChain(initRequest({ auth, bank }, recording.chain_id));
  return { ...parts, hooks };
}

function clear(context: Context, address: Uint8Array): void {
  for (const { coin } of [...allBalances(context)].filter(
    (h) => toHex(h.address) === toHex(address),
  )) {
    new Balance(context, address, coin.denom).set(0n);
  }
}

type Chain = ReturnType<typeof replayChain>;

/** Compares the state after a block with the recorded one, then makes it the recorded one. */
function settleState(context: Context, chain: Chain, expected: Expected): string[] {
  const differences: string[] = [];
  for (const { name, address } of recording.accounts) {
    const bytes = addresses.read(address);
    const held = [...allBalances(context)].filter((h) => toHex(h.address) === toHex(bytes));
    const balance = formatCoins(held.map(({ coin }) => coin));
    const wanted = expected.balances.get(name) ?? '';
    if (balance !== wanted) differences.push(`${name} holds ${balance}, recorded ${wanted}`);
    clear(context, bytes);
    for (const { denom, amount } of parseCoins(wanted)) {
      new Balance(context, bytes, denom).set(amount);
    }
    differences.push(...settleSequence(context, chain, { name, bytes, expected }));
  }
  return differences;
}

function settleSequence(
  context: Context,
  { auth }: Chain,
  { name, bytes, expected }: { name: string; bytes: Uint8Array; expected: Expected },
): string[] {
  const wanted = expected.sequences.get(name);
  if (wanted === undefined) return [];
  const account = auth.keeper.account(context, bytes) ?? auth.keeper.create(context, bytes);
  for (let next = account.sequence; next < wanted; next++) {
    auth.keeper.incrementSequence(context, bytes);
  }
  if (account.sequence === wanted) return [];
  return [`${name} has sequence ${account.sequence}, recorded ${wanted}`];
}

function compareResult(
  result: TxResult,
  recorded: Recorded,
  different: Difference['result'],
): void {
  if (different) {
    const got = { code: result.code, codespace: result.codespace };
    assert.deepEqual(got, { code: different[1], codespace: different[0] }, result.log);
    return;
  }
  assert.equal(looseLog(result.log), looseLog(recorded.log));
  assert.equal(result.code, recorded.code);
  assert.equal(result.codespace, recorded.codespace);
  if (recorded.gas_wanted !== '0') assert.equal(String(result.gasWanted), recorded.gas_wanted);
  if (recorded.data !== undefined) assert.equal(toHex(result.data), recorded.data);
  compareGas(result.gasUsed, recorded);
}

function compareGas(used: bigint, recorded: Recorded): void {
  if (recorded.gas_wanted === '0') return; // decoding costs nothing here
  const wanted = BigInt(recorded.gas_used);
  const off = used > wanted ? used - wanted : wanted - used;
  assert.ok(off * 100n <= wanted * GAS_TOLERANCE_PERCENT, `gas ${used}, recorded ${wanted}`);
}

/** Whatever else it costs: 10 for each byte and 1,000 for each signature. */
function assertFloor(used: bigint, tx: Uint8Array): void {
  const signatures = BigInt(TxRaw.decode(tx).signatures.length);
  assert.ok(used >= 10n * BigInt(tx.length) + 1000n * signatures, `gas ${used}`);
}

function plain(events: readonly Event[]) {
  return events.map(({ type, attributes }) => [
    type,
    attributes.map(({ key, value }) => [key, value]),
  ]);
}

describe('app/transactions as the Cosmos SDK answers them', () => {
  const chain = replayChain();
  const expected = new Expected();

  for (const block of recording.blocks) {
    it(`${block.height}: ${block.note}`, async () => {
      const different = DIFFERENT.get(block.note);
      const checks = block.txs.map(({ tx_raw }) => chain.app.checkTx(fromHex(tx_raw), 'new'));
      expected.apply(block.state_changes);
      let stateDifferences: string[] = [];
      chain.hooks.end = (context) => {
        stateDifferences = settleState(context, chain, expected);
      };
      const txs = block.txs.map(({ tx_raw }) => fromHex(tx_raw));
      const height = Number(block.height);
      const response = chain.app.finalizeBlock(blockAt(height, txs, parseTime(block.time)));
      await chain.app.commit();
      checkAfterBlock(chain.app);
      block.txs.forEach((tx, index) => {
        const result = response.txResults[index] as TxResult;
        if (result.code === 0 || !different?.check) {
          compareResult(checks[index] as TxResult, tx.check, different?.check);
        }
        compareResult(result, tx.result, different?.result);
        if (result.code === 0) assertFloor(result.gasUsed, fromHex(tx.tx_raw));
        if (!different?.result) assert.deepEqual(plain(result.events), tx.result.events);
      });
      if (!different?.result && height > 1) assert.deepEqual(stateDifferences, []);
    });
  }

  it('lists no difference that is not there', () => {
    const notes = new Set(recording.blocks.map(({ note }) => note));
    for (const note of DIFFERENT.keys()) assert.ok(notes.has(note), note);
  });
});
