// BN254 arithmetic inside the WebAssembly of wasmcurves: scalars and points live in its memory, in Montgomery
// form, and are addressed by pointer. One instance per thread; nothing is ever freed.
import { createRequire } from 'node:module';

const curve = createRequire(import.meta.url)('wasmcurves/build/bn128_wasm.js');

/** Order of the scalar field and of the two groups. */
export const FIELD = BigInt(curve.r);
export const SCALAR_BYTES = 32;
export const G1_BYTES = 64;
export const G2_BYTES = 128;

export class FieldEngine {
  constructor(megabytes) {
    const pages = Math.ceil((megabytes * 1024 * 1024) / 65536) + 32;
    this.memory = new WebAssembly.Memory({ initial: pages });
    const code = Buffer.from(curve.code, 'base64');
    const module = new WebAssembly.Module(code);
    this.wasm = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
    this.top = this.words[0];
    this.pointers = { g1: curve.pG1gen, g2: curve.pG2gen };
  }

  /** The library's own routines scratch above the bump pointer, so fresh memory is cleared. */
  alloc(size) {
    const at = this.top;
    this.top += (size + 7) & ~7;
    if (this.top > this.bytes.length) throw new Error('field engine: out of memory');
    this.words[0] = this.top;
    this.bytes.fill(0, at, this.top);
    return at;
  }

  /** Writes a number below the field order; Montgomery form. */
  setScalar(at, value) {
    this.bytes.set(toLittleEndian(value), at);
    this.wasm.frm_toMontgomery(at, at);
  }

  newScalar(value) {
    const at = this.alloc(SCALAR_BYTES);
    this.setScalar(at, value);
    return at;
  }

  /** A copy of the bytes at a pointer. */
  copy(at, size) {
    return this.bytes.slice(at, at + size);
  }
}

export function toLittleEndian(value) {
  const out = new Uint8Array(SCALAR_BYTES);
  let rest = value;
  for (let i = 0; i < SCALAR_BYTES; i++) {
    out[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return out;
}

export function fromLittleEndian(bytes) {
  let out = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) out = (out << 8n) | BigInt(bytes[i]);
  return out;
}

export function power(base, exponent) {
  let result = 1n;
  let square = base % FIELD;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD;
    square = (square * square) % FIELD;
  }
  return result;
}

const TWO_ADICITY = 28;
const NON_RESIDUE = 5n;

/** The root of unity of order 2^log that the provers use. */
export function rootOfUnity(log) {
  if (log > TWO_ADICITY) throw new Error(`no root of unity of order 2^${log}`);
  return power(NON_RESIDUE, (FIELD - 1n) >> BigInt(log));
}
