/** Which page each new node of a tree goes to. */
import type { TreeNode } from './node.ts';
import { beginsPage } from './page.ts';
import type { PageBatch } from './page-batch.ts';

/**
 * Gives every new node its place in a page of the batch, and a new one to saved nodes whose page has gone. Returns the
 * roots of the pages that are to be written, and the number of new nodes.
 */
export function placeNodes(
  root: TreeNode | undefined,
  batch: PageBatch,
): { readonly pages: readonly TreeNode[]; readonly count: number } {
  const pages: TreeNode[] = [];
  let count = 0;
  const place = (node: TreeNode, parent: TreeNode | undefined): void => {
    if (node.nonce > 0) return;
    const isNew = node.page === 0;
    if (isNew) {
      count++;
      node.page = batch.version;
    }
    if (beginsPage(node, parent)) {
      pages.push(node);
      node.page = batch.version;
      node.nonce = batch.claim();
    }
    if (!isNew || node.height === 0) return;
    place(node.left as TreeNode, node);
    place(node.right as TreeNode, node);
  };
  if (root) place(root, undefined);
  return { pages, count };
}
