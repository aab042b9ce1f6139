/** Whole snapshots whose hashes are right, whatever is in them: what is not the state of the chain is refused. */
import { equal, type Bytes } from '../../../node/base/bytes.ts';
import { offerOf, piecesOf, randomStores, restore } from '../../unit/store/snapshot/fixture.ts';
import { Random } from '../../unit/store/random.ts';
import { bendBytes } from '../bend-proto.ts';
import type { Decoder, NamedDecoder } from '../decoder.ts';

async function snapshots(): Promise<Decoder> {
  const { stores } = await randomStores(new Random(3), 1);
  const { version, appHash } = stores;
  const seed = piecesOf(stores);
  const judge = async (input: Bytes): Promise<string> => {
    if (input.length === 0) return 'nothing';
    const restored = await restore(offerOf(version, input), appHash);
    const isWhole = equal(input, seed);
    if ((restored.verdict === 'accept') !== isWhole) throw new TypeError(restored.verdict);
    if (restored.stores.version !== (isWhole ? version : 0)) throw new TypeError('half restored');
    return restored.verdict;
  };
  return { name: 'snapshot', seeds: [seed], bend: bendBytes, judge };
}

export const SNAPSHOTS: readonly NamedDecoder[] = [{ name: 'snapshot', make: snapshots }];
