/** What other modules may add to accounts. */
import type { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import type { Any } from 'cosmjs-types/google/protobuf/any';

type Json = Record<string, unknown>;

/** What an account has besides its owner, such as coins that vest. Only who made it looks inside. */
export interface AccountPart {
  /** For example `/cosmos.vesting.v1beta1.DelayedVestingAccount`. */
  readonly typeUrl: string;
}

/** How accounts with parts are written around their base: in the store, for clients, in the genesis file. */
export interface AccountForms {
  readonly typeUrls: ReadonlySet<string>;
  toAny(base: BaseAccount, part: AccountPart): Any;
  fromAny(any: Any): { readonly base: BaseAccount; readonly part: AccountPart };
  toJson(base: Json, part: AccountPart): Json;
  /** Throws app/2 or sdk/10 on what makes no sense in a chain that begins at `now`, in seconds. */
  fromJson(json: Json, now: bigint): { readonly base: Json; readonly part: AccountPart };
}

export const NO_FORMS: AccountForms = {
  typeUrls: new Set(),
  toAny: unknownPart,
  fromAny: unknownPart,
  toJson: unknownPart,
  fromJson: unknownPart,
};

function unknownPart(): never {
  throw new TypeError('this chain has no accounts with parts');
}
