// Reader of circom's .r1cs: header and a walk over the constraints without building objects.
import { readFileSync } from 'node:fs';
import { FIELD, SCALAR_BYTES, fromLittleEndian } from './field-engine.js';

const HEADER = 1;
const CONSTRAINTS = 2;

/** Section number -> bytes of a file in iden3's binary format. */
export function readSections(path, magic) {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 4) !== magic) throw new Error(`${path} is not a ${magic} file`);
  const count = file.readUInt32LE(8);
  const sections = new Map();
  let at = 12;
  for (let i = 0; i < count; i++) {
    const size = Number(file.readBigUInt64LE(at + 4));
    sections.set(file.readUInt32LE(at), file.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return sections;
}

export function readR1cs(path) {
  const sections = readSections(path, 'r1cs');
  const header = sections.get(HEADER);
  if (
    header.readUInt32LE(0) !== SCALAR_BYTES ||
    fromLittleEndian(header.subarray(4, 36)) !== FIELD
  ) {
    throw new Error(`${path} is not over the scalar field of BN254`);
  }
  const [wires, outputs, publicInputs] = [36, 40, 44].map((at) => header.readUInt32LE(at));
  const constraints = header.readUInt32LE(60);
  const body = sections.get(CONSTRAINTS);
  return { wires, publics: outputs + publicInputs, constraints, body };
}

/**
 * Calls `visit(matrix, constraint, wire, position)` for every term; matrix 0 = A, 1 = B, 2 = C; the
 * coefficient is the 32 little-endian bytes of `body` at `position`.
 */
export function walkTerms(r1cs, visit) {
  const { body } = r1cs;
  let at = 0;
  for (let constraint = 0; constraint < r1cs.constraints; constraint++) {
    for (let matrix = 0; matrix < 3; matrix++) {
      const terms = body.readUInt32LE(at);
      at += 4;
      for (let i = 0; i < terms; i++) {
        visit(matrix, constraint, body.readUInt32LE(at), at + 4);
        at += 4 + SCALAR_BYTES;
      }
    }
  }
}
