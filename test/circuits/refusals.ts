/** Batches that the circuit must refuse: each breaks one rule and is otherwise built with care. */
import {
  CONVERT,
  DEPOSIT,
  DOMAIN,
  Ledger,
  NOOP,
  REGISTER,
  TIME,
  TRANSFER,
  WITHDRAW,
  type BatchSpec,
  type Fields,
  type SlotSpec,
} from './reference-batch.ts';
import { P, keyOf, packAny, signMessage, type Key } from './reference-crypto.ts';
import {
  ALICE,
  BOB,
  CAROL,
  DAVE,
  convert,
  deposit,
  offer,
  register,
  transfer,
  withdraw,
} from './scenarios.ts';

export interface Refusal {
  readonly name: string;
  readonly batch: BatchSpec;
  /** The template whose constraint must break. */
  readonly by: RegExp;
  readonly prepare?: (ledger: Ledger) => void;
}

const one = (slot: SlotSpec): BatchSpec => ({ slots: [slot] });
const quoted = (slot: SlotSpec, quote: Fields = {}, claims: Fields = {}): BatchSpec => ({
  slots: [slot],
  quotes: [{ ...offer(quote), claims }],
});
const claiming = (slot: SlotSpec, claims: Fields): SlotSpec => ({ ...slot, claims });
const RANGE = /Num2Bits/;
const UNUSED = /ZeroUnless/;
const STATE = /PathLevel|PathUpdate/;

/** Fields one above their width, and fields that borrow from the next higher field of their word. */
const ranges: Refusal[] = [
  { name: 'amount of 65 bits', batch: one(transfer({ amount: 1n << 64n })), by: RANGE },
  { name: 'amount that borrows from amountOut', batch: one(transfer({ amount: -1n })), by: RANGE },
  { name: 'fee of 65 bits', batch: one(transfer({ fee: 1n << 64n })), by: RANGE },
  { name: 'negative fee', batch: one(transfer({ fee: -5n })), by: RANGE },
  { name: 'token of 17 bits', batch: one(deposit({ token: 1n << 16n })), by: RANGE },
  { name: 'nonce of 41 bits', batch: one(transfer({ nonce: 1n << 40n })), by: RANGE },
  { name: 'expiry of 41 bits', batch: one(transfer({ expiry: 1n << 40n })), by: RANGE },
  { name: 'sender index outside the tree', batch: one(transfer({ sIdx: 64n })), by: RANGE },
  { name: 'receiver index outside the tree', batch: one(transfer({ rIdx: 65n })), by: RANGE },
  { name: 'negative receiver index', batch: one(transfer({ rIdx: -1n })), by: /./ },
  {
    name: 'amountOut of 65 bits',
    batch: quoted(convert({ amount: 1n, amountOut: 1n << 64n }), { num: 1n << 63n, den: 1n }),
    by: RANGE,
  },
  {
    name: 'amountOut that solves the rate in the field only',
    batch: quoted(convert({ amountOut: (1000n * 29999n * inverse(10000n)) % P })),
    by: RANGE,
  },
  { name: 'withdrawal to 161 bits', batch: one(withdraw({ memo: 1n << 160n })), by: /SharedRange/ },
  { name: 'withdrawal to 192 bits', batch: one(withdraw({ memo: 1n << 191n })), by: /SharedRange/ },
  { name: 'withdrawal to a field element', batch: one(withdraw({ memo: P - 1n })), by: RANGE },
  {
    name: 'batch number of 65 bits',
    batch: { slots: [], header: { batchNo: 1n << 64n } },
    by: RANGE,
  },
  { name: 'time of 41 bits', batch: { slots: [], header: { time: 1n << 40n } }, by: RANGE },
  { name: 'fee token of 17 bits', batch: { slots: [], feeTokens: [1n, 1n << 16n] }, by: RANGE },
  {
    name: 'sender balance read 2^64 too high with the nonce one lower',
    batch: one(claiming(transfer({ nonce: 3n }), { sBalance: 1_000_000n + (1n << 64n) })),
    by: RANGE,
  },
  {
    name: 'receiver balance read 2^64 too high with the nonce one lower',
    batch: one(
      claiming(
        { ...deposit({ rIdx: 3n, token: 2n }) },
        { rBalance: 30n + (1n << 64n), rNonce: 8n },
      ),
    ),
    by: RANGE,
  },
  {
    name: 'receiver balance read 2^64 too low with the nonce one higher',
    batch: one(claiming(deposit({ rIdx: 2n }), { rBalance: 250n - (1n << 64n), rNonce: 1n })),
    by: RANGE,
  },
  {
    name: 'paying balance of a quote read 2^64 too high',
    batch: quoted(convert(), {}, { outBalance: 900_000n + (1n << 64n), outNonce: 10n }),
    by: RANGE,
  },
  {
    name: 'earning balance of a quote read 2^64 too low',
    batch: quoted(convert(), {}, { inBalance: 5n - (1n << 64n), inNonce: 1n }),
    by: RANGE,
  },
  {
    name: 'conversion into a token of 17 bits',
    prepare: (ledger) => {
      ledger.open(3n, BOB, { token: 1n << 16n });
      ledger.open(7n, CAROL, { token: 1n << 16n, balance: 900_000n, nonce: 11n });
    },
    batch: quoted(convert({ tokenOut: 1n << 16n }), { tokenOut: 1n << 16n }),
    by: RANGE,
  },
  ...['tokenIn', 'uses'].map((name) => wideQuote(name, 16n)),
  ...['nonce', 'expiry'].map((name) => wideQuote(name, 40n)),
  ...['num', 'den', 'max'].map((name) => wideQuote(name, 64n)),
];

function wideQuote(name: string, width: bigint): Refusal {
  return {
    name: `quote with ${name} of ${width + 1n} bits`,
    batch: quoted(convert(), { [name]: 1n << width }),
    by: /Num2Bits|Conversion|Path/,
  };
}

function inverse(value: bigint): bigint {
  let result = 1n;
  for (let i = 255n; i >= 0n; i--) {
    result = (result * result) % P;
    if (((P - 2n) >> i) & 1n) result = (result * value) % P;
  }
  return result;
}

/** op -> fields that it does not use. */
const UNUSED_FIELDS: [string, SlotSpec, string[]][] = [
  ['NOOP', { op: NOOP }, ['sIdx', 'rIdx', 'token', 'nonce', 'expiry', 'amount', 'fee', 'memo', 'ax', 'rx', 's']],
  ['REGISTER', register(), ['sIdx', 'nonce', 'expiry', 'amount', 'fee', 'memo', 'rx', 's']],
  ['DEPOSIT', deposit(), ['sIdx', 'nonce', 'expiry', 'fee', 'memo', 'rx', 's']],
  ['WITHDRAW', withdraw(), ['rIdx']],
]; // prettier-ignore

const unusedFields: Refusal[] = UNUSED_FIELDS.flatMap(([kind, slot, names]) =>
  names.map((name) => ({
    name: `${kind} with ${name}`,
    batch: one({ ...slot, fields: { ...slot.fields, [name]: name === 'token' ? 3n : 1n } }),
    by: name === 'ax' || name === 'rx' ? /ZeroUnless|BabyCheck/ : UNUSED,
  })),
);

const amountOutWithoutQuote: Refusal[] = [transfer, withdraw, deposit, register].map((make) => ({
  name: `amountOut in operation ${make().op}`,
  batch: one(make({ amountOut: 1n })),
  by: /SharedRange|Conversion/,
}));

const WRONG_SELECTORS: [string, bigint[]][] = [
  ['two operations at once', [0n, 0n, 1n, 1n, 0n, 0n]],
  ['no operation at all', [0n, 0n, 0n, 0n, 0n, 0n]],
  ['selectors 2 and -1', [0n, 0n, 2n, -1n, 0n, 0n]],
  ['half a transfer and half a withdrawal', [0n, 0n, inverse(2n), 0n, inverse(2n), 0n]],
];

const selectors: Refusal[] = [
  ...WRONG_SELECTORS.map(([name, sel]) => ({
    name,
    batch: one({ ...transfer(), sel }),
    by: /OneHot|Num2Bits/,
  })),
  { name: 'conversion without a quote', batch: { ...quoted({ ...convert(), quoteSel: [0n] }) }, by: /OneHot/ },
  { name: 'transfer that names a quote', batch: quoted({ ...transfer(), quoteSel: [1n] }), by: /OneHot/ },
  { name: 'quote chosen twice over', batch: quoted({ ...convert(), quoteSel: [2n] }), by: /OneHot/ },
]; // prettier-ignore

const accounts: Refusal[] = [
  { name: 'more than the balance', batch: one(transfer({ amount: 1_000_000n, fee: 1n })), by: RANGE },
  { name: 'sum that wraps 64 bits', batch: one(transfer({ amount: (1n << 64n) - 1n })), by: RANGE },
  {
    name: 'receiver balance that overflows',
    prepare: (ledger) => ledger.open(2n, BOB, { token: 1n, balance: (1n << 64n) - 10n }),
    batch: one(transfer()),
    by: RANGE,
  },
  {
    name: 'deposit that overflows',
    prepare: (ledger) => ledger.open(2n, BOB, { token: 1n, balance: (1n << 64n) - 10n }),
    batch: one(deposit()),
    by: RANGE,
  },
  { name: 'wrong nonce', batch: one(transfer({ nonce: 5n })), by: STATE },
  {
    name: 'the last nonce there is',
    prepare: (ledger) => ledger.open(1n, ALICE, { token: 1n, balance: 9999n, nonce: (1n << 40n) - 1n }),
    batch: one(transfer({ nonce: (1n << 40n) - 1n })),
    by: /NonZero/,
  },
  { name: 'sender token that is not the leaf\'s', batch: one(transfer({ token: 2n, fee: 0n })), by: STATE },
  { name: 'receiver of another token', batch: one(transfer({ rIdx: 3n })), by: STATE },
  { name: 'conversion to a receiver of the paid token', batch: quoted(convert({ rIdx: 2n })), by: STATE },
  { name: 'transfer to an empty leaf', batch: one(transfer({ rIdx: 20n })), by: STATE },
  { name: 'transfer to leaf 0', batch: one(transfer({ rIdx: 0n })), by: STATE },
  {
    name: 'deposit to an empty leaf',
    batch: one(claiming(deposit({ rIdx: 20n }), { rAx: BOB.ax, rAy: BOB.ay })),
    by: STATE,
  },
  { name: 'deposit to somebody else\'s leaf', batch: one({ ...deposit(), key: DAVE }), by: /./ },
  {
    name: 'deposit that claims another owner of the leaf',
    batch: one(claiming({ ...deposit(), key: DAVE }, { rAx: BOB.ax, rAy: BOB.ay })),
    by: UNUSED,
  },
  { name: 'opening a leaf that is taken', batch: one(register({ rIdx: 9n })), by: STATE },
  { name: 'opening leaf 0', batch: one(register({ rIdx: 0n })), by: /SlotState/ },
  { name: 'opening a leaf with a balance', batch: one(claiming(register(), { rBalance: 5n })), by: UNUSED },
  { name: 'opening a leaf with a nonce', batch: one(claiming(register(), { rNonce: 5n })), by: UNUSED },
  {
    name: 'opening a leaf for another key than the one named',
    batch: one(claiming(register(), { rAx: BOB.ax, rAy: BOB.ay })),
    by: UNUSED,
  },
  { name: 'payment after expiry', batch: one(transfer({ expiry: TIME - 1n })), by: RANGE },
]; // prettier-ignore

const rate: Refusal[] = [
  { name: 'one unit too much for the payer', batch: quoted(convert({ amountOut: 3000n })), by: /Num2Bits|SharedRange/ },
  { name: 'one unit too little for the payer', batch: quoted(convert({ amountOut: 2998n })), by: /Num2Bits|SharedRange/ },
  {
    name: 'remainder equal to the denominator',
    batch: quoted(convert({ amount: 1000n, amountOut: 1n }), { num: 2n, den: 1000n }),
    by: /Num2Bits|SharedRange/,
  },
  {
    name: 'denominator 0',
    batch: quoted(convert({ amountOut: 1n }), { num: 0n, den: 0n }),
    by: /Num2Bits|SharedRange/,
  },
  { name: 'remainder that is not the rest', batch: quoted(claiming(convert(), { remainder: 0n })), by: /Conversion/ },
  { name: 'conversion of another token than offered', batch: quoted(convert(), { tokenIn: 3n }), by: /Conversion|Path/ },
]; // prettier-ignore

const quotes: Refusal[] = [
  { name: 'more than the quote allows', batch: quoted(convert(), { max: 2998n }), by: RANGE },
  { name: 'quote before its first nonce', batch: quoted(convert(), { nonce: 12n }), by: RANGE },
  {
    name: 'quote after its last use',
    batch: quoted(convert(), { nonce: 6n, uses: 5n }),
    by: RANGE,
  },
  { name: 'quote after expiry', batch: quoted(convert(), { expiry: TIME - 1n }), by: RANGE },
  {
    name: 'provider that cannot pay',
    prepare: (ledger) => ledger.open(7n, CAROL, { token: 2n, balance: 2998n, nonce: 11n }),
    batch: quoted(convert()),
    by: RANGE,
  },
  {
    name: 'quote signed by somebody else',
    batch: { slots: [convert()], quotes: [{ ...offer(), key: BOB }] },
    by: STATE,
  },
  {
    name: 'paying leaf that is empty',
    batch: quoted(convert(), { outIdx: 30n }, { outNonce: 11n, outBalance: 900_000n }),
    by: STATE,
  },
  { name: 'earning leaf of another token', batch: quoted(convert(), { inIdx: 3n }), by: STATE },
  { name: 'earning leaf that is empty', batch: quoted(convert(), { inIdx: 31n }), by: STATE },
  { name: 'settling a quote nobody used', batch: quoted(transfer()), by: UNUSED },
  {
    name: 'unused quote row with a word in it',
    batch: { slots: [transfer()], override: { qNum: [1n] } },
    by: UNUSED,
  },
  {
    name: 'unused quote row with a key',
    batch: { slots: [transfer()], override: { qAx: [CAROL.ax], qAy: [CAROL.ay] } },
    by: UNUSED,
  },
  {
    name: 'unused quote row that reads a leaf',
    batch: { slots: [transfer()], override: { inNonce: [1n] } },
    by: UNUSED,
  },
];

const fees: Refusal[] = [
  { name: 'fee in a token that is not listed', batch: { slots: [transfer()], feeTokens: [2n, 3n] }, by: /FeeShare/ },
  { name: 'fee token listed twice', batch: { slots: [], feeTokens: [4n, 4n] }, by: RANGE },
  { name: 'fee tokens in falling order', batch: { slots: [], feeTokens: [5n, 4n] }, by: RANGE },
  { name: 'fee total that is not the sum', batch: { slots: [transfer()], feeTotals: [0n, 4n] }, by: /Batch/ },
  { name: 'fee total for nothing', batch: { slots: [deposit()], feeTotals: [0n, 4n] }, by: /Batch/ },
]; // prettier-ignore

/** S B = R with R = S B holds for any S when 8A vanishes. */
function withSignature(slot: SlotSpec, key: Key, signature: Fields): SlotSpec {
  return { ...slot, key, fields: { ...slot.fields, ...signature } };
}

const LOW_ORDER: Key = { secret: 0n, ax: 0n, ay: P - 1n };
const OFF_CURVE: Key = { secret: 0n, ax: ALICE.ax, ay: 0n };
const anySignature = (): Fields => {
  const { ax: rx, ay: ry, secret: s } = keyOf('any point');
  return { rx, ry, s };
};

function foreignDomain(): SlotSpec {
  const fields = transfer().fields as Fields;
  const message = [
    DOMAIN + 2n,
    packAny('opWord', fields),
    packAny('amountWord', fields),
    77n,
  ] as const;
  return withSignature(transfer(), ALICE, { ...signMessage(ALICE, message) });
}

const signatures: Refusal[] = [
  { name: 'no signature', batch: one(withSignature(transfer(), ALICE, { rx: 0n, ry: 1n, s: 0n })), by: /ShortSchnorr/ },
  { name: 'signature for another domain', batch: one(foreignDomain()), by: /ShortSchnorr/ },
  { name: 'signature of another key', batch: one(withSignature(transfer(), ALICE, signatureOf(BOB))), by: /ShortSchnorr/ },
  { name: 'sender leaf of another owner', batch: one({ ...transfer(), key: BOB }), by: STATE },
  { name: 'R off the curve', batch: one(transfer({ rx: 5n, ry: 6n })), by: /BabyCheck/ },
  {
    name: 'key of low order',
    prepare: (ledger) => ledger.open(1n, LOW_ORDER, { token: 1n, balance: 5000n, nonce: 4n }),
    batch: one(withSignature(transfer(), LOW_ORDER, anySignature())),
    by: /ShortSchnorr/,
  },
  {
    name: 'key off the curve',
    prepare: (ledger) => ledger.open(1n, OFF_CURVE, { token: 1n, balance: 5000n, nonce: 4n }),
    batch: one(withSignature(transfer(), OFF_CURVE, anySignature())),
    by: /BabyCheck/,
  },
  { name: 'opening a leaf for a key off the curve', batch: one({ ...register(), key: OFF_CURVE }), by: /BabyCheck/ },
  { name: 'S of 252 bits', batch: one(transfer({ s: 1n << 251n })), by: RANGE },
]; // prettier-ignore

function signatureOf(key: Key): Fields {
  const fields = transfer().fields as Fields;
  const words = [packAny('opWord', fields), packAny('amountWord', fields)] as const;
  return { ...signMessage(key, [DOMAIN, ...words, 77n]) };
}

const PUBLIC_INPUTS = ['oldRoot', 'newRoot', 'commitment', 'y', 'z', 'domain'];
const publicInputs: Refusal[] = PUBLIC_INPUTS.map((name) => ({
  name: `another ${name}`,
  batch: { slots: [transfer(), deposit()], override: { [name]: 4711n } },
  by: /Batch|Path|ShortSchnorr/,
}));

export const REFUSALS: readonly (readonly [group: string, list: readonly Refusal[]])[] = [
  ['ranges', ranges],
  ['unused fields', [...unusedFields, ...amountOutWithoutQuote]],
  ['selectors', selectors],
  ['accounts', accounts],
  ['rates', rate],
  ['quotes', quotes],
  ['fees', fees],
  ['signatures', signatures],
  ['public inputs', publicInputs],
];

export const OPERATION_KINDS = [NOOP, REGISTER, TRANSFER, DEPOSIT, WITHDRAW, CONVERT];
