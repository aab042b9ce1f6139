/**
 * What a batch commits to, as linear forms over the wires of the test circuit: every word that enters C, and
 * everything that a hash under the old root or inside h* pins. The new root and y are left free: they have
 * to follow from these.
 */
import type { BuiltCircuit } from './built-circuit.ts';
import type { Witness } from './constraint-system.ts';
import { TEST_SHAPE } from './reference-batch.ts';
import { P, fieldsOf } from './reference-crypto.ts';

type Form = Map<number, bigint>;
type Terms = readonly (readonly [wire: number, coefficient: bigint])[];

const form = (terms: Terms): Form => {
  const out: Form = new Map();
  for (const [wire, value] of terms) out.set(wire, ((out.get(wire) ?? 0n) + value + P) % P);
  return out;
};

/** The first signal whose full name matches. */
function wireLike(circuit: BuiltCircuit, pattern: RegExp): number {
  for (const [name, wire] of circuit.symbols) if (pattern.test(name)) return wire;
  throw new Error(`no signal matches ${pattern}`);
}

/** Packs wires as the table says; a field that is not named contributes nothing. */
function wordForm(word: string, wires: Record<string, Terms | number>): Form {
  const terms: [number, bigint][] = [];
  let shift = 0n;
  for (const [name, width] of fieldsOf(word)) {
    const entry = wires[name] ?? [];
    const list: Terms = typeof entry === 'number' ? [[entry, 1n]] : entry;
    for (const [wire, value] of list) terms.push([wire, value << shift]);
    shift += BigInt(width);
  }
  return form(terms);
}

const { depth, slots, feeTokens } = TEST_SHAPE;

function children(circuit: BuiltCircuit, name: string): Form[] {
  const out: Form[] = [];
  for (let level = 0; level < depth; level++) {
    for (let i = 0; i < 4; i++) out.push(form([[circuit.wire(`${name}[${level}][${i}]`), 1n]]));
  }
  return out;
}

function slotForms(circuit: BuiltCircuit, i: number): Form[] {
  const at = (name: string): number => circuit.wire(`${name}[${i}]`);
  const one = (name: string): Form => form([[at(name), 1n]]);
  const rToken = wireLike(
    circuit,
    new RegExp(`\\.Slot_[0-9_]+\\[${i}\\]\\.SlotState_[0-9_]+\\.rToken$`),
  );
  return [
    form([[circuit.wire(`ops[${3 * i}]`), 1n]]),
    wordForm('amountWord', { amount: at('amount'), amountOut: at('amountOut'), fee: at('fee') }),
    ...['memo', 'ax', 'ay', 'rx', 'ry', 'rAx', 'rAy'].map(one),
    wordForm('leafWord', { balance: at('sBalance'), nonce: at('nonce'), token: at('token') }),
    wordForm('leafWord', { balance: at('rBalance'), nonce: at('rNonce'), token: rToken }),
    ...children(circuit, `sChild[${i}]`),
    ...children(circuit, `rChild[${i}]`),
  ];
}

function quoteForms(circuit: BuiltCircuit): Form[] {
  const at = (name: string): number => circuit.wire(`${name}[0]`);
  const named = (word: string): Record<string, number> =>
    Object.fromEntries(
      fieldsOf(word).map(([name]) => [name, at(`q${name[0]?.toUpperCase()}${name.slice(1)}`)]),
    );
  return [
    wordForm('quoteWord0', named('quoteWord0')),
    wordForm('quoteWord1', named('quoteWord1')),
    wordForm('leafWord', {
      balance: at('outBalance'),
      nonce: at('outNonce'),
      token: at('qTokenOut'),
    }),
    wordForm('leafWord', { balance: at('inBalance'), nonce: at('inNonce'), token: at('qTokenIn') }),
    ...['qAx', 'qAy', 'qRx', 'qRy', 'inAx', 'inAy'].map((name) => form([[at(name), 1n]])),
    ...children(circuit, 'outChild[0]'),
    ...children(circuit, 'inChild[0]'),
  ];
}

function tableForms(circuit: BuiltCircuit): Form[] {
  const every = Array.from({ length: slots }, (_, i) => i);
  const share = (i: number): number => circuit.wire(`feeShare[${i}][0]`);
  // The compiler replaces the last share by fee - the others.
  const totals: Terms[] = [
    every.map((i) => [share(i), 1n] as const),
    every.flatMap(
      (i) =>
        [
          [circuit.wire(`fee[${i}]`), 1n],
          [share(i), -1n],
        ] as const,
    ),
  ];
  const deposits = every.map((i) => [circuit.wire(`sel[${i}][3]`), 1n] as const);
  const [batchNo, time] = [circuit.wire('batchNo'), circuit.wire('time')];
  return [
    wordForm('headerWord', { batchNo, time, depositCount: deposits }),
    ...Array.from({ length: feeTokens }, (_, t) =>
      wordForm('feeWord', { total: totals[t] as Terms, token: circuit.wire(`feeToken[${t}]`) }),
    ),
    ...['domain', 'oldRoot', 'commitment', 'z'].map((name) => form([[circuit.wire(name), 1n]])),
  ];
}

export function committedForms(circuit: BuiltCircuit): Form[] {
  const every = Array.from({ length: slots }, (_, i) => slotForms(circuit, i));
  return [...every.flat(), ...quoteForms(circuit), ...tableForms(circuit)];
}

/**
 * The constraints that tie the old path of every opening but the first to the root computed so far. Siblings
 * and leaf of a later opening are pinned by that root, not by the old root of the batch: they are held fixed
 * and the tie is cut, so that a freedom in one update still shows in the root it makes.
 */
export function laterOpenings(circuit: BuiltCircuit): Set<number> {
  const running = [/\.SlotState_[0-9_]+\.middleRoot$/, /\.QuoteRow_[0-9_]+\[0\]\.middleRoot$/];
  const roots = new Set<number>();
  const inside = new Set<number>();
  for (const [name, wire] of circuit.symbols) {
    if (running.some((pattern) => pattern.test(name)) || /\.root\[[0-9]\]$/.test(name))
      roots.add(wire);
    if (name.includes('.before.')) inside.add(wire);
  }
  for (const name of ['oldRoot', 'newRoot']) roots.delete(circuit.wire(name));
  const { system } = circuit;
  const found = system
    .around([...roots])
    .filter((index) =>
      (system.constraints[index] ?? []).some((row) =>
        [...row.wires].some((wire) => inside.has(wire) && !roots.has(wire)),
      ),
    );
  return new Set(found);
}

/** The hints of circomlib's IsZero for inputs that are 0: free, and used nowhere else. */
export function idleHints(circuit: BuiltCircuit, witness: Witness): number[] {
  const hints = [...circuit.symbols].filter(([name]) => name.endsWith('.inv'));
  return hints.map(([, wire]) => wire).filter((wire) => witness[wire] === 0n);
}
