/** A circuit's constraints, read by our own code: checks witnesses, alone or around a few changed wires. */
import { readFileSync } from 'node:fs';
import { P } from './reference-crypto.ts';

const BYTES = 32;

/** Terms of one matrix, row by row: wire and coefficient. */
export interface Row {
  readonly wires: Uint32Array;
  readonly coefficients: readonly bigint[];
}

export type Constraint = readonly [a: Row, b: Row, c: Row];
export type Witness = bigint[];

const readNumber = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/** Witness bytes (32 little-endian each) as numbers. */
export function witnessNumbers(bytes: Uint8Array): Witness {
  return Array.from({ length: bytes.length / BYTES }, (_, i) =>
    readNumber(bytes.subarray(i * BYTES, (i + 1) * BYTES)),
  );
}

export function evaluate(row: Row, witness: Witness): bigint {
  let sum = 0n;
  for (let i = 0; i < row.wires.length; i++) {
    sum += (row.coefficients[i] as bigint) * (witness[row.wires[i] as number] as bigint);
  }
  return sum % P;
}

export class ConstraintSystem {
  readonly constraints: Constraint[] = [];
  readonly wires: number;
  /** Wires 1..publics are the public inputs. */
  readonly publics: number;
  readonly #touching: number[][];

  constructor(path: string) {
    const file = readFileSync(path);
    const sections = new Map<number, Buffer>();
    let at = 12;
    for (let i = file.readUInt32LE(8); i > 0; i--) {
      const size = Number(file.readBigUInt64LE(at + 4));
      sections.set(file.readUInt32LE(at), file.subarray(at + 12, at + 12 + size));
      at += 12 + size;
    }
    const header = sections.get(1) as Buffer;
    this.wires = header.readUInt32LE(36);
    this.publics = header.readUInt32LE(40) + header.readUInt32LE(44);
    this.#read(sections.get(2) as Buffer, header.readUInt32LE(60));
    this.#touching = Array.from({ length: this.wires }, () => []);
    for (const [index, rows] of this.constraints.entries()) {
      for (const wire of new Set(rows.flatMap((row) => [...row.wires]))) {
        this.#touching[wire]?.push(index);
      }
    }
  }

  #read(body: Buffer, count: number): void {
    const known = new Map<string, bigint>();
    let at = 0;
    const row = (): Row => {
      const terms = body.readUInt32LE(at);
      at += 4;
      const wires = new Uint32Array(terms);
      const coefficients: bigint[] = [];
      for (let i = 0; i < terms; i++) {
        wires[i] = body.readUInt32LE(at);
        const text = body.toString('latin1', at + 4, at + 4 + BYTES);
        let value = known.get(text);
        if (value === undefined) {
          value = readNumber(body.subarray(at + 4, at + 4 + BYTES));
          known.set(text, value);
        }
        coefficients.push(value);
        at += 4 + BYTES;
      }
      return { wires, coefficients };
    };
    for (let i = 0; i < count; i++) this.constraints.push([row(), row(), row()]);
  }

  holds(index: number, witness: Witness): boolean {
    const [a, b, c] = this.constraints[index] as Constraint;
    return (evaluate(a, witness) * evaluate(b, witness) - evaluate(c, witness)) % P === 0n;
  }

  accepts(witness: Witness): boolean {
    return this.constraints.every((_, index) => this.holds(index, witness));
  }

  /** The constraints that contain any of these wires. */
  around(wires: readonly number[]): number[] {
    return [...new Set(wires.flatMap((wire) => this.#touching[wire] ?? []))];
  }

  /** Is an accepted witness still accepted with these wires changed? Looks only where they occur. */
  acceptsChange(witness: Witness, changes: ReadonlyMap<number, bigint>): boolean {
    const changed = [...witness];
    for (const [wire, value] of changes) changed[wire] = ((value % P) + P) % P;
    return this.around([...changes.keys()]).every((index) => this.holds(index, changed));
  }
}

/** Signal name -> wire; signals the compiler has replaced by others are left out. */
export function readSymbols(path: string): Map<string, number> {
  const wires = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, wire, , name] = line.split(',');
    if (name !== undefined && wire !== '-1') wires.set(name, Number(wire));
  }
  return wires;
}
