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

/**
 * Rows and the columns they touch, shrinking as unknowns are eliminated: always the shortest row, and in it
 * the unknown that the fewest other rows contain. Rows of one unknown make it 0 everywhere.
 */
class Elimination {
  readonly #columns = new Map<number, Set<Line>>();
  readonly #bySize: Set<Line>[] = [];
  rank = 0;

  constructor(lines: Iterable<Line>) {
    for (const line of lines) {
      for (const [wire, value] of line) {
        if (wire === 0 || value % P === 0n) line.delete(wire);
        else this.#column(wire).add(line);
      }
      this.#bucket(line.size).add(line);
    }
  }

  #column(wire: number): Set<Line> {
    let column = this.#columns.get(wire);
    if (column === undefined) this.#columns.set(wire, (column = new Set()));
    return column;
  }

  #bucket(size: number): Set<Line> {
    return (this.#bySize[size] ??= new Set());
  }

  #shortest(): Line | undefined {
    for (let size = 1; size < this.#bySize.length; size++) {
      for (const line of this.#bySize[size] ?? []) return line;
    }
    return undefined;
  }

  run(): this {
    for (let line = this.#shortest(); line !== undefined; line = this.#shortest()) {
      this.#bucket(line.size).delete(line);
      let pivot = -1;
      for (const wire of line.keys()) {
        this.#column(wire).delete(line);
        if (pivot < 0 || this.#column(wire).size < this.#column(pivot).size) pivot = wire;
      }
      const scale = inverse(line.get(pivot) as bigint);
      for (const other of this.#column(pivot)) this.#subtract(other, line, { pivot, scale });
      this.#columns.delete(pivot);
      this.rank++;
    }
    return this;
  }

  /** Takes the multiple of `line` from `other` that makes the pivot vanish there. */
  #subtract(other: Line, line: Line, { pivot, scale }: { pivot: number; scale: bigint }): void {
    this.#bucket(other.size).delete(other);
    const factor = ((other.get(pivot) as bigint) * scale) % P;
    other.delete(pivot);
    for (const [wire, value] of line) {
      if (wire === pivot) continue;
      const before = other.get(wire);
      const next = ((before ?? 0n) - factor * value) % P;
      if (next === 0n) {
        other.delete(wire);
        this.#column(wire).delete(other);
      } else {
        other.set(wire, next);
        if (before === undefined) this.#column(wire).add(other);
      }
    }
    this.#bucket(other.size).add(other);
  }
}

export interface NullSpace {
  readonly dimension: number;
  readonly unknowns: number;
}

/** `fixed` are linear forms (wire -> coefficient) whose value must not change. */
export function nullSpace(
  system: ConstraintSystem,
  witness: Witness,
  fixed: readonly ReadonlyMap<number, bigint>[],
  without: ReadonlySet<number> = new Set(),
): NullSpace {
  const lines = [...jacobian(system, witness, without), ...fixed.map((form) => new Map(form))];
  const unknowns = system.wires - 1;
  return { dimension: unknowns - new Elimination(lines).run().rank, unknowns };
}
