/**
 * Where in its tree a proof path runs: outermost left, outermost right, or directly beside another.
 */
import { compare, equal, type Bytes } from '../../base/bytes.ts';
import type { InnerOp, InnerSpec } from './types.ts';

type Path = readonly InnerOp[];

interface Padding {
  readonly minPrefix: number;
  readonly maxPrefix: number;
  readonly suffix: number;
}

function paddingOf(spec: InnerSpec, branch: number): Padding {
  const position = spec.childOrder.indexOf(branch);
  const before = position * spec.childSize;
  return {
    minPrefix: before + spec.minPrefixLength,
    maxPrefix: before + spec.maxPrefixLength,
    suffix: (spec.childOrder.length - 1 - position) * spec.childSize,
  };
}

function hasPadding(step: InnerOp, padding: Padding): boolean {
  const length = step.prefix.length;
  return (
    length >= padding.minPrefix &&
    length <= padding.maxPrefix &&
    step.suffix.length === padding.suffix
  );
}

/** Which child the path comes from, by the bytes around it; undefined when no child fits. */
function branchOf(spec: InnerSpec, step: InnerOp): number | undefined {
  for (let branch = 0; branch < spec.childOrder.length; branch++) {
    if (hasPadding(step, paddingOf(spec, branch))) return branch;
  }
  return undefined;
}

export function isLeftMost(spec: InnerSpec, path: Path): boolean {
  const padding = paddingOf(spec, 0);
  return path.every((step) => hasPadding(step, padding) || leftBranchesAreEmpty(spec, step));
}

export function isRightMost(spec: InnerSpec, path: Path): boolean {
  const padding = paddingOf(spec, spec.childOrder.length - 1);
  return path.every((step) => hasPadding(step, padding) || rightBranchesAreEmpty(spec, step));
}

/** Is every sibling on the left the placeholder of an empty subtree? */
export function leftBranchesAreEmpty(spec: InnerSpec, step: InnerOp): boolean {
  const branch = branchOf(spec, step);
  if (branch === undefined || branch === 0) return false;
  const from = step.prefix.length - branch * spec.childSize;
  if (from < 0) return false;
  return allEmpty(spec, step.prefix.subarray(from), { first: 0, count: branch, shift: 0 });
}

/** Is every sibling on the right the placeholder of an empty subtree? */
export function rightBranchesAreEmpty(spec: InnerSpec, step: InnerOp): boolean {
  const branch = branchOf(spec, step);
  if (branch === undefined) return false;
  const count = spec.childOrder.length - 1 - branch;
  if (count === 0 || step.suffix.length !== count * spec.childSize) return false;
  return allEmpty(spec, step.suffix, { first: branch + 1, count, shift: branch + 1 });
}

function allEmpty(
  spec: InnerSpec,
  bytes: Bytes,
  range: { first: number; count: number; shift: number },
): boolean {
  if (spec.emptyChild.length !== spec.childSize) return false;
  for (let branch = range.first; branch < range.first + range.count; branch++) {
    const from = (spec.childOrder.indexOf(branch) - range.shift) * spec.childSize;
    if (from < 0) return false;
    if (!equal(bytes.subarray(from, from + spec.childSize), spec.emptyChild)) return false;
  }
  return true;
}

/** Does the right path run directly beside the left one, with nothing between them? */
export function areNeighbours(spec: InnerSpec, left: Path, right: Path): boolean {
  let l = left.length - 1;
  let r = right.length - 1;
  while (l >= 0 && r >= 0 && sameStep(left[l] as InnerOp, right[r] as InnerOp)) {
    l--;
    r--;
  }
  if (l < 0 || r < 0) return false;
  const leftBranch = branchOf(spec, left[l] as InnerOp);
  const rightBranch = branchOf(spec, right[r] as InnerOp);
  if (leftBranch === undefined || rightBranch !== leftBranch + 1) return false;
  return isRightMost(spec, left.slice(0, l)) && isLeftMost(spec, right.slice(0, r));
}

function sameStep(a: InnerOp, b: InnerOp): boolean {
  return compare(a.prefix, b.prefix) === 0 && compare(a.suffix, b.suffix) === 0;
}
