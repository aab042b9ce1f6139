/** Answers the sync requests of peers. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import type { BlockSupply } from './expected.ts';
import { decodeSyncRequest, encodeSyncBlock } from './messages.ts';

/** The parts of the answer; throws BitscaleError when the request is malformed. */
export function answerSync(supply: BlockSupply, question: Bytes): Bytes[] {
  const { fromHeight, count, hash, maxBytes } = decodeSyncRequest(question);
  if (hash.length > 0) {
    const block = supply.byHash(fromHeight, hash);
    return block === undefined
      ? []
      : [encodeSyncBlock({ height: fromHeight, block, commit: EMPTY })];
  }
  const parts: Bytes[] = [];
  let size = 0;
  for (let height = fromHeight; height < fromHeight + count; height += 1) {
    const decided = supply.decided(height);
    if (decided === undefined) break;
    const part = encodeSyncBlock({ height, ...decided });
    size += part.length;
    if (parts.length > 0 && size > maxBytes) break;
    parts.push(part);
  }
  return parts;
}
