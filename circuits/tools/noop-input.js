// The input of an empty batch over an empty tree: the smallest valid witness, used to test a fresh key.
import { poseidon4, poseidon8, poseidon16 } from 'poseidon-lite';
import { FIELD } from './field-engine.js';

const SPONGE_RATE = 15;
const DOMAIN = 1n;
const CHALLENGE = 7n;
const FEE_TOKEN_SHIFT = 64n;

const repeat = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const zeros = (count) => repeat(count, () => 0n);
const ones = (count) => repeat(count, () => 1n);

function emptyPath(depth) {
  const path = [];
  let node = 0n;
  for (let level = 0; level < depth; level++) {
    path.push([node, node, node, node]);
    node = poseidon4([node, node, node, node]);
  }
  return { path, root: node };
}

function sponge(words) {
  let state = BigInt(words.length);
  for (let at = 0; at < words.length; at += SPONGE_RATE) {
    const chunk = repeat(SPONGE_RATE, (i) => words[at + i] ?? 0n);
    state = poseidon16([state, ...chunk]);
  }
  return state;
}

const idle = (domain) => poseidon8([domain, 0n, 0n, 0n, 0n, 1n, 0n, 1n]);

export function noopInput({ depth, slots, quotes, feeTokens }) {
  const { path, root } = emptyPath(depth);
  const header = 1n;
  const feeWords = repeat(feeTokens, (t) => BigInt(t) << FEE_TOKEN_SHIFT);
  const words = [header];
  for (let i = 0; i < slots; i++) words.push(0n, 0n, idle(DOMAIN));
  for (let j = 0; j < quotes; j++) words.push(0n, 0n, idle(DOMAIN + 1n), 0n);
  const visible = [header, ...zeros(3 * slots), ...feeWords];
  const y = visible.reduceRight((sum, word) => (sum * CHALLENGE + word) % FIELD, 0n);
  const input = {
    domain: DOMAIN, oldRoot: root, newRoot: root, commitment: sponge([...words, ...feeWords]),
    z: CHALLENGE, y, batchNo: 1n, time: 0n, feeToken: repeat(feeTokens, BigInt),
    sel: repeat(slots, () => [1n, 0n, 0n, 0n, 0n, 0n]), quoteSel: repeat(slots, () => zeros(quotes)),
    sChild: repeat(slots, () => path), rChild: repeat(slots, () => path),
    outChild: repeat(quotes, () => path), inChild: repeat(quotes, () => path),
    ay: ones(slots), ry: ones(slots), rAy: ones(slots), qAy: ones(quotes), qRy: ones(quotes),
  }; // prettier-ignore
  const perSlot =
    'sIdx rIdx token nonce expiry amount amountOut fee memo remainder ax rx s sBalance rAx rNonce rBalance';
  for (const name of perSlot.split(' ')) input[name] = zeros(slots);
  const perQuote =
    'qInIdx qOutIdx qTokenIn qTokenOut qNonce qUses qExpiry qNum qDen qMax qAx qRx qS ' +
    'outNonce outBalance inAx inAy inNonce inBalance';
  for (const name of perQuote.split(' ')) input[name] = zeros(quotes);
  return input;
}
