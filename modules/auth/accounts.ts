/** Accounts as bytes in the store: an account of the Cosmos SDK inside an Any. */
import { BaseAccount, ModuleAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { Any } from 'cosmjs-types/google/protobuf/any';
import type { Bytes } from '../../node/base/bytes.ts';
import { assert, type BitscaleError } from '../../node/base/errors.ts';
import { PlainReader } from '../../node/base/plain-reader.ts';
import { ProtoWriter, putVarint, varintLength } from '../../node/base/proto-writer.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Account } from '../../node/app/expected.ts';
import { KeyCache } from '../../node/app/key-cache.ts';
import { readPublicKey, type PublicKey } from '../../node/app/public-key.ts';
import { readPlainAny } from '../../node/app/tx-parts.ts';
import type { AccountForms, AccountPart } from './expected.ts';

export interface StoredAccount extends Account {
  /** Set for an account that belongs to a module and has no key. */
  readonly module?: { readonly name: string; readonly permissions: readonly string[] };
  /** Set for an account to which another module has added something. */
  readonly part?: AccountPart;
}

export const BASE_URL = '/cosmos.auth.v1beta1.BaseAccount';
export const MODULE_URL = '/cosmos.auth.v1beta1.ModuleAccount';

function fromBase(base: BaseAccount, address: Bytes): Account {
  const { accountNumber, sequence } = base;
  if (!base.pubKey) return { address, accountNumber, sequence };
  return { address, accountNumber, sequence, pubKey: keyOf(readPublicKey(base.pubKey, 0)) };
}

function keyOf(read: PublicKey | BitscaleError): PublicKey {
  assert('members' in read, 'stored account with a bad key');
  return read;
}

export class AccountCodec {
  readonly #addresses: AddressText;
  readonly #forms: AccountForms;
  readonly #keys = new KeyCache();

  constructor(addresses: AddressText, forms: AccountForms) {
    this.#addresses = addresses;
    this.#forms = forms;
  }

  /** Without what belongs to modules. */
  toBase({ address, pubKey, accountNumber, sequence }: Account): BaseAccount {
    const text = this.#addresses.write(address);
    const base = { address: text, accountNumber, sequence };
    return BaseAccount.fromPartial(pubKey ? { ...base, pubKey: pubKey.any } : base);
  }

  /** The form that clients get, too. */
  toAny(account: StoredAccount): Any {
    const baseAccount = this.toBase(account);
    if (account.part) return this.#forms.toAny(baseAccount, account.part);
    if (!account.module) {
      return { typeUrl: BASE_URL, value: BaseAccount.encode(baseAccount).finish() };
    }
    const { name, permissions } = account.module;
    const message = { baseAccount, name, permissions: [...permissions] };
    return { typeUrl: MODULE_URL, value: ModuleAccount.encode(message).finish() };
  }

  encode(account: StoredAccount): Bytes {
    if (account.module || account.part) return Any.encode(this.toAny(account)).finish();
    // The same bytes as the line above would give; every transaction writes an account or two.
    const { address, pubKey, accountNumber, sequence } = account;
    const writeBase = (base: ProtoWriter): void => {
      base.string(1, this.#addresses.write(address));
      if (pubKey) {
        base.nested(2, (any) => any.string(1, pubKey.any.typeUrl).bytes(2, pubKey.any.value));
      }
      base.uint64(3, accountNumber).uint64(4, sequence);
    };
    return new ProtoWriter().string(1, BASE_URL).nested(2, writeBase).finish();
  }

  /** As encode, of an account whose sequence was counted up by one: `before` are its bytes with the last one. */
  encodeNext(before: Bytes, account: StoredAccount): Bytes {
    const { module, part } = account;
    const sequence = Number(account.sequence);
    // The sequence is the last field of a plain account, and not written when it is 0.
    const isLast = !module && !part && sequence > 1 && Number.isSafeInteger(sequence);
    const size = varintLength(sequence);
    if (!isLast || varintLength(sequence - 1) !== size) return this.encode(account);
    const bytes = new Uint8Array(before);
    putVarint(bytes, bytes.length - size, sequence);
    return bytes;
  }

  /** `address` is the one the account is stored under; reading it back from text would take longest. */
  decode(bytes: Bytes, address: Bytes): StoredAccount {
    return this.#decodePlain(bytes, address) ?? this.#decodeAny(bytes, address);
  }

  /** Without module and part, as nearly all are; undefined for others. */
  #decodePlain(bytes: Bytes, address: Bytes): StoredAccount | undefined {
    const reader = new PlainReader(bytes);
    if (reader.text(1) !== BASE_URL || !reader.enter(2)) return undefined;
    reader.skip(1);
    const key = reader.enter(2) ? readPlainAny(reader) : undefined;
    const [accountNumber, sequence] = [reader.uint64(3), reader.uint64(4)];
    reader.leave();
    if (!reader.isDone) return undefined;
    if (!key) return { address, accountNumber, sequence };
    return { address, accountNumber, sequence, pubKey: keyOf(this.#keys.read(key, 0)) };
  }

  #decodeAny(bytes: Bytes, address: Bytes): StoredAccount {
    const any = Any.decode(bytes);
    if (any.typeUrl === BASE_URL) return fromBase(BaseAccount.decode(any.value), address);
    if (this.#forms.typeUrls.has(any.typeUrl)) {
      const { base, part } = this.#forms.fromAny(any);
      return { ...fromBase(base, address), part };
    }
    assert(any.typeUrl === MODULE_URL, `stored account of type ${any.typeUrl}`);
    const { baseAccount, name, permissions } = ModuleAccount.decode(any.value);
    assert(baseAccount, 'stored module account without base account');
    return { ...fromBase(baseAccount, address), module: { name, permissions } };
  }
}
