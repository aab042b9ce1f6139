/** The stablecoins that the ledger knows: fixed by genesis, the same ids as in the L1 bridge. */
import type { Context } from '../../node/app/context.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { Token } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import { ERR_TOKEN } from './errors.ts';
import * as keys from './keys.ts';

export class Tokens {
  list(context: Context): Token[] {
    const entries = iteratePrefix(context.store(keys.LEDGER_STORE), keys.TOKEN_PREFIX);
    return [...entries].map(([, bytes]) => Token.decode(bytes));
  }

  add(context: Context, token: Token): void {
    context.store(keys.LEDGER_STORE).set(keys.tokenKey(token.id), Token.encode(token).finish());
  }

  /** Throws when the token is not listed. */
  require(context: Context, id: number): void {
    if (!context.store(keys.LEDGER_STORE).has(keys.tokenKey(id))) {
      throw new BitscaleError(ERR_TOKEN, `token ${id} is not listed`);
    }
  }
}
