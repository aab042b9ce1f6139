// Runs a circuit's WebAssembly: inputs by name -> witness. Every `===` of the circuit is checked on the way.
import { FIELD, SCALAR_BYTES, toLittleEndian } from './field-engine.js';

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK_64 = (1n << 64n) - 1n;
const WORDS = SCALAR_BYTES / 4;
const FAULTS = new Map([
  [1, 'signal not found'],
  [2, 'too many signals set'],
  [3, 'signal already set'],
  [4, 'constraint broken'],
]);

function nameHash(name) {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK_64;
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

export class WitnessCalculator {
  #module;

  constructor(code) {
    this.#module = new WebAssembly.Module(code);
  }

  #start() {
    let trace = '';
    const exports = {};
    const message = () => {
      let text = '';
      for (let char = exports.getMessageChar(); char !== 0; char = exports.getMessageChar()) {
        text += String.fromCharCode(char);
      }
      return text;
    };
    const runtime = {
      exceptionHandler: (code) => {
        throw new Error(`${FAULTS.get(code) ?? `fault ${code}`}: ${trace.trim()}`);
      },
      printErrorMessage: () => (trace += `${message()}\n`),
      writeBufferMessage: () => void message(),
      showSharedRWMemory: () => {},
    };
    Object.assign(exports, new WebAssembly.Instance(this.#module, { runtime }).exports);
    exports.init(1);
    return exports;
  }

  /** Witness as consecutive 32-byte little-endian numbers. Throws when the input breaks a constraint. */
  calculate(input) {
    const wasm = this.#start();
    let set = 0;
    for (const [name, value] of Object.entries(input)) {
      const [high, low] = nameHash(name);
      const list = [value].flat(Infinity);
      const size = wasm.getInputSignalSize(high, low);
      if (size !== list.length)
        throw new Error(`input ${name} has ${list.length} of ${size} values`);
      for (const [at, item] of list.entries()) {
        const number = ((BigInt(item) % FIELD) + FIELD) % FIELD;
        const words = new Uint32Array(toLittleEndian(number).buffer);
        for (let i = 0; i < WORDS; i++) wasm.writeSharedRWMemory(i, words[i]);
        wasm.setInputSignal(high, low, at);
        set++;
      }
    }
    if (set < wasm.getInputSize()) throw new Error(`${set} of ${wasm.getInputSize()} inputs given`);
    const count = wasm.getWitnessSize();
    const witness = new Uint32Array(count * WORDS);
    for (let wire = 0; wire < count; wire++) {
      wasm.getWitness(wire);
      for (let i = 0; i < WORDS; i++) witness[wire * WORDS + i] = wasm.readSharedRWMemory(i);
    }
    return new Uint8Array(witness.buffer);
  }
}

/** The witness file that snarkjs and its replacements read. */
export function wtnsFile(witness) {
  const head = Buffer.alloc(76);
  head.write('wtns', 0, 'latin1');
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(1, 12);
  head.writeBigUInt64LE(BigInt(8 + SCALAR_BYTES), 16);
  head.writeUInt32LE(SCALAR_BYTES, 24);
  head.set(toLittleEndian(FIELD), 28);
  head.writeUInt32LE(witness.length / SCALAR_BYTES, 60);
  head.writeUInt32LE(2, 64);
  head.writeBigUInt64LE(BigInt(witness.length), 68);
  return Buffer.concat([head, witness]);
}
