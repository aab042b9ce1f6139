// The scalars of a Groth16 key with a known secret: Lagrange values at tau and the QAP evaluated there. All
// field work happens inside the engine's memory.
import { createHash } from 'node:crypto';
import {
  FIELD,
  FieldEngine,
  SCALAR_BYTES as N8,
  power,
  rootOfUnity,
  toLittleEndian,
} from './field-engine.js';
import { walkTerms } from './r1cs.js';

const COEFFICIENT_BYTES = 12 + N8;

/** The five secrets of a dev key, drawn from a public seed: whoever knows the seed can forge proofs. */
export function drawSecrets(seed) {
  const draw = (name) => {
    const digest = createHash('sha512').update(`${seed}/${name}`).digest('hex');
    return BigInt(`0x${digest}`) % FIELD;
  };
  const secrets = {};
  for (const name of ['tau', 'alpha', 'beta', 'gamma', 'delta']) secrets[name] = draw(name);
  assertSecrets(secrets);
  return secrets;
}

/** A key with gamma = delta lets anyone forge proofs; a secret of 0 or a root of unity breaks the key. */
export function assertSecrets({ tau, alpha, beta, gamma, delta }) {
  if (gamma === delta) throw new Error('gamma equals delta: proofs for this key can be forged');
  if ([tau, alpha, beta, gamma, delta].includes(0n)) throw new Error('a secret is zero');
  if (power(tau, 1n << 28n) === 1n) throw new Error('tau is a root of unity');
}

export function domainLog(r1cs) {
  return Math.ceil(Math.log2(r1cs.constraints + r1cs.publics + 1));
}

/**
 * Fills `count` scalars at `out` with factor * w^(start + step j) / (tau - w^(start + step j)): Lagrange values.
 */
function lagrange(engine, { out, count, first, step, tau, factor }) {
  const { wasm } = engine;
  const root = engine.newScalar(first);
  const stepAt = engine.newScalar(step);
  const tauAt = engine.newScalar(tau);
  const factorAt = engine.newScalar(factor);
  const roots = engine.alloc(count * N8);
  for (let j = 0; j < count; j++) {
    wasm.frm_sub(tauAt, root, out + j * N8);
    wasm.frm_mul(root, factorAt, roots + j * N8);
    wasm.frm_mul(root, stepAt, root);
  }
  wasm.frm_batchInverse(out, N8, count, out, N8);
  for (let j = 0; j < count; j++) wasm.frm_mul(out + j * N8, roots + j * N8, out + j * N8);
}

/** A(tau), B(tau), C(tau) of every wire and section 4 of the key (coefficients times R^2). */
function evaluateQap(engine, r1cs, values) {
  const { wasm, bytes } = engine;
  const columns = [0, 1, 2].map(() => engine.alloc(r1cs.wires * N8));
  const product = engine.alloc(N8);
  const coefficient = engine.alloc(N8);
  let terms = 0;
  walkTerms(r1cs, (matrix) => (terms += matrix < 2 ? 1 : 0));
  const section = Buffer.alloc(4 + (terms + r1cs.publics + 1) * COEFFICIENT_BYTES);
  section.writeUInt32LE(terms + r1cs.publics + 1, 0);
  let at = 4;
  const record = (matrix, constraint, wire) => {
    section.writeUInt32LE(matrix, at);
    section.writeUInt32LE(constraint, at + 4);
    section.writeUInt32LE(wire, at + 8);
    wasm.frm_toMontgomery(coefficient, product);
    section.set(bytes.subarray(product, product + N8), at + 12);
    at += COEFFICIENT_BYTES;
  };
  walkTerms(r1cs, (matrix, constraint, wire, position) => {
    bytes.set(r1cs.body.subarray(position, position + N8), coefficient);
    wasm.frm_toMontgomery(coefficient, coefficient);
    if (matrix < 2) record(matrix, constraint, wire);
    wasm.frm_mul(coefficient, values + constraint * N8, product);
    const target = columns[matrix] + wire * N8;
    wasm.frm_add(target, product, target);
  });
  engine.setScalar(coefficient, 1n);
  for (let i = 0; i <= r1cs.publics; i++) {
    record(0, r1cs.constraints + i, i);
    wasm.frm_add(columns[0] + i * N8, values + (r1cs.constraints + i) * N8, columns[0] + i * N8);
  }
  return { columns, section };
}

const inverse = (value) => power(value, FIELD - 2n);

/** beta A + alpha B + C of each wire, over gamma for public wires and over delta for the others. */
function combine(engine, r1cs, columns, secrets) {
  const { wasm } = engine;
  const out = engine.alloc(r1cs.wires * N8);
  const [alpha, beta] = [secrets.alpha, secrets.beta].map((value) => engine.newScalar(value));
  const [perPublic, perPrivate] = [secrets.gamma, secrets.delta].map((value) =>
    engine.newScalar(inverse(value)),
  );
  const term = engine.alloc(N8);
  for (let i = 0; i < r1cs.wires; i++) {
    const target = out + i * N8;
    wasm.frm_mul(columns[0] + i * N8, beta, target);
    wasm.frm_mul(columns[1] + i * N8, alpha, term);
    wasm.frm_add(target, term, target);
    wasm.frm_add(target, columns[2] + i * N8, target);
    wasm.frm_mul(target, i <= r1cs.publics ? perPublic : perPrivate, target);
  }
  return out;
}

/** All scalars of the key, plain little-endian, 32 bytes each. */
export function keyScalars(r1cs, secrets) {
  const log = domainLog(r1cs);
  const domain = 2 ** log;
  const engine = new FieldEngine(Math.ceil((domain * 6 + r1cs.wires * 5) * N8 * 1e-6) + 16);
  const { tau, delta } = secrets;
  const size = BigInt(domain);

  const values = engine.alloc(domain * N8);
  const factor = ((power(tau, size) - 1n + FIELD) * inverse(size)) % FIELD;
  lagrange(engine, { out: values, count: domain, first: 1n, step: rootOfUnity(log), tau, factor });
  const { columns, section } = evaluateQap(engine, r1cs, values);
  const mixed = combine(engine, r1cs, columns, secrets);

  // H: the odd Lagrange polynomials of the domain of twice the size, over delta.
  const odd = engine.alloc(domain * N8);
  const twice = rootOfUnity(log + 1);
  const top = (power(tau, 2n * size) - 1n + FIELD) * inverse(2n * size);
  const oddFactor = (((top % FIELD) + FIELD) * inverse(delta)) % FIELD;
  const step = (twice * twice) % FIELD;
  lagrange(engine, { out: odd, count: domain, first: twice, step, tau, factor: oddFactor });

  const plain = (at, count) => {
    engine.wasm.frm_batchFromMontgomery(at, count, at);
    return engine.copy(at, count * N8);
  };
  const all = plain(mixed, r1cs.wires);
  const split = (r1cs.publics + 1) * N8;
  return {
    domain,
    section,
    a: plain(columns[0], r1cs.wires),
    b: plain(columns[1], r1cs.wires),
    c: all.subarray(split),
    ic: all.subarray(0, split),
    h: plain(odd, domain),
    header: Buffer.concat(
      ['alpha', 'beta', 'gamma', 'delta'].map((n) => toLittleEndian(secrets[n])),
    ),
  };
}
