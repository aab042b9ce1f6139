/** At the end of a run: the whole chain once more, as somebody would who was not there. */
import { toHex } from '../../../node/base/bytes.ts';
import type { Surroundings } from '../machine/surroundings.ts';
import { hold } from './violation.ts';
import type { WatchedNode } from './watched-node.ts';

export async function checkHistory(
  around: Surroundings,
  honest: readonly WatchedNode[],
): Promise<void> {
  const { watch } = around;
  watch.checkPunished();
  for (const node of honest) checkStored(node, watch.appHashes);
}

/** What is stored is what was decided, and each header carries the hash of the application before it. */
function checkStored(node: WatchedNode, appHashes: ReadonlyMap<number, string>): void {
  const { store } = node.engine!;
  for (let height = Math.max(1, store.base()); height <= store.height(); height += 1) {
    const stored = store.block(height);
    const before = appHashes.get(height - 1);
    hold('I2', stored !== undefined, () => `${node.name} has lost block ${height}`);
    if (before === undefined) continue;
    const { appHash } = stored!.block.header;
    hold('I7', toHex(appHash) === before, () => `header ${height} of ${node.name}`);
  }
}
