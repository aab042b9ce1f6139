/**
 * ICS-23 proofs from the IAVL tree: a key with its value, or two neighbours with nothing between.
 */
import { concat, type Bytes } from '../../base/bytes.ts';
import { HashOp, IAVL_SPEC, type CommitmentProof } from '../ics23/types.ts';
import type { ExistenceProof, InnerOp } from '../ics23/types.ts';
import { fromText, toText } from '../kv.ts';
import { writeNodePrefix, type TreeNode } from './node.ts';
import type { NodeSource } from './tree.ts';
import { neighbourPath, pathTo, type Path } from './walk.ts';

const LENGTH_32 = Uint8Array.of(32);
const NOTHING: Bytes = new Uint8Array(0);

/** An absence proof from an empty tree names no neighbour; no verifier accepts it. */
export function proveKey(
  source: NodeSource,
  root: TreeNode | undefined,
  key: Bytes,
): CommitmentProof {
  if (!root) return { nonexist: { key } };
  const text = toText(key);
  const path = pathTo(source, root, text);
  const found = (path.at(-1) as TreeNode).key as string;
  if (found === text) return { exist: existence(path) };
  const left = found < text ? path : neighbourPath(source, path, 'left');
  const right = found > text ? path : neighbourPath(source, path, 'right');
  return {
    nonexist: { key, left: left && existence(left), right: right && existence(right) },
  };
}

function existence(path: Path): ExistenceProof {
  const leaf = path.at(-1) as TreeNode;
  const steps: InnerOp[] = [];
  for (let depth = path.length - 2; depth >= 0; depth--) {
    steps.push(stepOver(path[depth] as TreeNode, path[depth + 1] as TreeNode));
  }
  return {
    key: fromText(leaf.key as string),
    value: leaf.value as Bytes,
    leaf: { ...IAVL_SPEC.leafSpec, prefix: prefixOf(leaf) },
    path: steps,
  };
}

function stepOver(parent: TreeNode, child: TreeNode): InnerOp {
  const left = fromText((parent.left as TreeNode).hash as string);
  const right = fromText((parent.right as TreeNode).hash as string);
  const prefix = prefixOf(parent);
  return parent.left === child
    ? { hash: HashOp.SHA256, prefix: concat(prefix, LENGTH_32), suffix: concat(LENGTH_32, right) }
    : { hash: HashOp.SHA256, prefix: concat(prefix, LENGTH_32, left, LENGTH_32), suffix: NOTHING };
}

function prefixOf(node: TreeNode): Bytes {
  const out = new Uint8Array(32);
  return out.slice(0, writeNodePrefix(out, node));
}
