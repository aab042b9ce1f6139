/**
 * The null space of a circuit's Jacobian at a witness: how many ways there are to move the witness a little
 * while some linear forms of it stay fixed. 0 means that those forms determine everything else, up to
 * discrete choices.
 */
import { evaluate, type ConstraintSystem, type Row, type Witness } from './constraint-system.ts';
import { P } from './reference-crypto.ts';

type Line = Map<number, bigint>;

function addTo(line: Line, row: Row, factor: bigint): void {
  if (factor === 0n) return;
  for (let i = 0; i < row.wires.length; i++) {
    const wire = row.wires[i] as number;
    line.set(wire, ((line.get(wire) ?? 0n) + (row.coefficients[i] as bigint) * factor) % P);
  }
}

/** One row per constraint: its derivative at the witness. Wire 0 is the constant. */
function jacobian(
  system: ConstraintSystem,
  witness: Witness,
  without: ReadonlySet<number>,
): Line[] {
  const lines: Line[] = [];
  for (const [index, [a, b, c]] of system.constraints.entries()) {
    if (without.has(index)) continue;
    const line: Line = new Map();
    addTo(line, a, evaluate(b, witness));
    addTo(line, b, evaluate(a, witness));
    addTo(line, c, -1n);
    lines.push(line);
  }
  return lines;
}

function inverse(value: bigint): bigint {
  let [a, b, x, y] = [((value % P) + P) % P, P, 1n, 0n];
  while (b !== 0n) {
    const q = a / b;
    [a, b, x, y] = [b, a - q * b, y, x - q * y];
  }
  return ((x % P) + P) % P;
}

/** Repeatedly strikes unknowns that stand alone in a row: those are 0. Returns what is left. */
function strike(lines: Line[], zero: Set<number>): Line[] {
  const occurrences = new Map<number, Line[]>();
  const queue: Line[] = [];
  for (const line of lines) {
    for (const [wire, value] of line) {
      if (value % P === 0n || zero.has(wire)) line.delete(wire);
      else if (!occurrences.get(wire)?.push(line)) occurrences.set(wire, [line]);
    }
    if (line.size === 1) queue.push(line);
  }
  for (let line = queue.pop(); line !== undefined; line = queue.pop()) {
    const [wire] = line.keys();
    if (wire === undefined || zero.has(wire)) continue;
    zero.add(wire);
    for (const other of occurrences.get(wire) ?? []) {
      other.delete(wire);
      if (other.size === 1) queue.push(other);
    }
  }
  return lines.filter((line) => line.size > 0);
}

/** Rank of the rows that striking leaves, by sparse elimination, shortest rows first. */
function rank(lines: Line[]): number {
  const pivots = new Map<number, Line>();
  for (const line of [...lines].sort((a, b) => a.size - b.size)) {
    const open = [...line.keys()];
    for (let hit = open.pop(); hit !== undefined; hit = open.pop()) {
      const factor = line.get(hit);
      const row = pivots.get(hit);
      if (factor === undefined || row === undefined) continue;
      for (const [wire, value] of row) {
        const before = line.get(wire);
        const next = ((before ?? 0n) - factor * value) % P;
        if (next === 0n) line.delete(wire);
        else line.set(wire, next);
        if (before === undefined) open.push(wire);
      }
    }
    const [pivot] = line.keys();
    if (pivot === undefined) continue;
    const scale = inverse(line.get(pivot) as bigint);
    for (const [wire, value] of line) line.set(wire, (value * scale) % P);
    pivots.set(pivot, line);
  }
  return pivots.size;
}

export interface NullSpace {
  readonly dimension: number;
  readonly unknowns: number;
  /** Wires that can move. */
  readonly free: number[];
}

/** `fixed` are linear forms (wire -> coefficient) whose value must not change. */
export function nullSpace(
  system: ConstraintSystem,
  witness: Witness,
  fixed: readonly ReadonlyMap<number, bigint>[],
  without: ReadonlySet<number> = new Set(),
): NullSpace {
  const zero = new Set([0]);
  const lines = [...jacobian(system, witness, without), ...fixed.map((form) => new Map(form))];
  const rest = strike(lines, zero);
  const unknowns = system.wires - zero.size;
  const free = Array.from({ length: system.wires }, (_, i) => i).filter((wire) => !zero.has(wire));
  return { dimension: unknowns - rank(rest), unknowns: system.wires - 1, free };
}
