/** The contents of batches on a node that starts from a snapshot: carried, and checked against the headers. */
import type { Context } from '../../node/app/context.ts';
import type { PlainRecovery } from '../../node/app/module.ts';
import { equal, bytesToUint64, toHex } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { sha256 } from '../../node/base/hash.ts';
import type { KvPair } from '../../node/store/kv.ts';
import { ERR_UNKNOWN_BATCH } from './errors.ts';
import type { SettlementKeeper } from './keeper.ts';
import { batchKey, DATA_STORE, SEALED_KEY } from './keys.ts';

const KEY_BYTES = batchKey(0n).length;

export function contentRecovery(keeper: SettlementKeeper): PlainRecovery {
  return {
    carried: (context) => contents(context, keeper),
    accept: (context, pair) => acceptContent(context, keeper, pair),
    finish: (context) => {
      requireAll(context, keeper);
      return [];
    },
  };
}

function* contents(context: Context, keeper: SettlementKeeper): Iterable<KvPair> {
  const sealed = keeper.counter(context, SEALED_KEY);
  for (let number = 1n; number <= sealed; number++) {
    const content = keeper.content(context, number);
    if (!content) throw new BitscaleError(ERR_UNKNOWN_BATCH, `no content of batch ${number}`);
    yield [batchKey(number), content];
  }
}

function acceptContent(context: Context, keeper: SettlementKeeper, [key, content]: KvPair): void {
  const number = key.length === KEY_BYTES ? bytesToUint64(key, 1) : 0n;
  const header = equal(key, batchKey(number)) ? keeper.header(context, number) : undefined;
  if (!header) throw new BitscaleError(ERR_UNKNOWN_BATCH, toHex(key));
  if (!equal(header.contentHash, sha256(content))) {
    throw new BitscaleError(ERR_UNKNOWN_BATCH, `the content is not that of batch ${number}`);
  }
  context.store(DATA_STORE).set(key, content);
}

function requireAll(context: Context, keeper: SettlementKeeper): void {
  const sealed = keeper.counter(context, SEALED_KEY);
  for (let number = 1n; number <= sealed; number++) {
    if (context.store(DATA_STORE).has(batchKey(number))) continue;
    throw new BitscaleError(ERR_UNKNOWN_BATCH, `no content of batch ${number}`);
  }
}
