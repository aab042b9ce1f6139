/** Which upgrade is planned and which were made. Only this file touches the store. */
import { Plan } from 'cosmjs-types/cosmos/upgrade/v1beta1/upgrade';
import { bytesToUint64, fromUtf8, uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { INVALID_REQUEST } from '../../node/base/sdk-errors.ts';
import { ZERO_TIME, compareTime } from '../../node/base/time.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import { INVALID_SIGNER } from '../../node/app/authority.ts';
import type { Context } from '../../node/app/context.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import type { ChainAuthority } from './authority.ts';
import * as keys from './keys.ts';
import type { Done } from './keys.ts';

/** Brings the state to what the new program expects, at the start of the block of the plan. */
export type UpgradeHandler = (context: Context) => void;

export interface ModuleVersion {
  readonly name: string;
  readonly version: bigint;
}

export interface UpgradeOptions {
  readonly addresses: AddressText;
  /** Who may plan. */
  readonly authority: ChainAuthority;
  /** The upgrades this program makes, by name of the plan; those it has made must stay. */
  readonly handlers: ReadonlyMap<string, UpgradeHandler>;
  /** Versions of the modules as this program has them. */
  readonly versions: readonly ModuleVersion[];
}

export class UpgradeKeeper {
  readonly #options: UpgradeOptions;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  get addresses(): AddressText {
    return this.#options.addresses;
  }

  authority(context: Context): Bytes {
    return this.#options.authority.authority(context);
  }

  setAuthority(context: Context, address: Bytes): void {
    this.#options.authority.set(context, address);
  }

  /** Throws gov/13 unless this is how the authority is written. */
  checkAuthority(context: Context, written: string): void {
    const expected = this.addresses.write(this.authority(context));
    if (written === expected) return;
    throw new BitscaleError(INVALID_SIGNER, `expected ${expected} got ${written}`);
  }

  plan(context: Context): Plan | undefined {
    const bytes = context.store(keys.STORE).get(keys.PLAN_KEY);
    return bytes && Plan.decode(bytes);
  }

  /** In place of an earlier plan. Throws sdk/18 on one that is past, made already or senseless. */
  schedule(context: Context, plan: Plan): void {
    checkPlan(plan);
    if (plan.height < BigInt(context.height)) {
      throw new BitscaleError(INVALID_REQUEST, 'upgrade cannot be scheduled in the past');
    }
    if (this.doneHeight(context, plan.name) !== undefined) {
      const detail = `upgrade with name ${plan.name} has already been completed`;
      throw new BitscaleError(INVALID_REQUEST, detail);
    }
    context.store(keys.STORE).set(keys.PLAN_KEY, Plan.encode(plan).finish());
  }

  cancel(context: Context): void {
    context.store(keys.STORE).delete(keys.PLAN_KEY);
  }

  doneHeight(context: Context, name: string): bigint | undefined {
    return [...this.done(context)].find((done) => done.name === name)?.height;
  }

  versions(context: Context): readonly ModuleVersion[] {
    const pairs = iteratePrefix(context.store(keys.STORE), keys.VERSION_PREFIX);
    return [...pairs].map(([key, value]) => ({
      name: fromUtf8(key.slice(keys.VERSION_PREFIX.length)),
      version: bytesToUint64(value),
    }));
  }

  writeVersions(context: Context): void {
    const store = context.store(keys.STORE);
    for (const { name, version } of this.#options.versions) {
      store.set(keys.versionKey(name), uint64ToBytes(version));
    }
  }

  /** Makes the upgrade whose block this is. */
  begin(context: Context): void {
    const plan = this.plan(context);
    if (!plan || plan.height > BigInt(context.height)) return;
    const handler = this.#options.handlers.get(plan.name);
    assert(handler, neededText(plan));
    handler(context);
    const store = context.store(keys.STORE);
    this.writeVersions(context);
    store.delete(keys.PLAN_KEY);
    this.setDone(context, { name: plan.name, height: BigInt(context.height) });
  }

  /** Records an upgrade that was made, and counts it. */
  setDone(context: Context, done: Done): void {
    const store = context.store(keys.STORE);
    const protocol = store.get(keys.PROTOCOL_VERSION_KEY);
    const next = (protocol ? bytesToUint64(protocol) : 0n) + 1n;
    store.set(keys.PROTOCOL_VERSION_KEY, uint64ToBytes(next));
    store.set(keys.doneKey(done), keys.PRESENT);
  }

  /** Why another program must execute the block after the one of `context`, in the SDK's words. */
  haltReason(context: Context): string | undefined {
    const { handlers } = this.#options;
    const plan = this.plan(context);
    if (plan && plan.height <= BigInt(context.height) + 1n) {
      return handlers.has(plan.name) ? undefined : neededText(plan);
    }
    if (plan && handlers.has(plan.name)) {
      const what = `UPGRADE "${plan.name}" - in binary but not executed on chain`;
      return `BINARY UPDATED BEFORE TRIGGER! ${what}. Downgrade your binary`;
    }
    const last = this.#lastDone(context);
    if (!last || handlers.has(last.name)) return undefined;
    const { app } = context.block.consensusParams.version;
    return `wrong app version ${app}, upgrade handler is missing for ${last.name} upgrade plan`;
  }

  /** In the order they were made. */
  *done(context: Context): IterableIterator<Done> {
    for (const [key] of iteratePrefix(context.store(keys.STORE), keys.DONE_PREFIX)) {
      yield keys.readDoneKey(key);
    }
  }

  #lastDone(context: Context): Done | undefined {
    const [newest] = iteratePrefix(context.store(keys.STORE), keys.DONE_PREFIX, true);
    return newest && keys.readDoneKey(newest[0]);
  }
}

function neededText({ name, height, info }: Plan): string {
  return `UPGRADE "${name}" NEEDED at height: ${height}: ${info}`;
}

/** Throws sdk/18. */
export function checkPlan({ name, time, height, upgradedClientState }: Plan): void {
  const wrong = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);
  if (compareTime(time, ZERO_TIME) !== 0) {
    throw wrong('time-based upgrades have been deprecated in the SDK');
  }
  if (upgradedClientState) throw wrong('upgrade logic for IBC has been moved to the IBC module');
  if (name === '') throw wrong('name cannot be empty');
  if (height <= 0n) throw wrong('height must be greater than 0');
}
