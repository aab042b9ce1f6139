/** What all simulated nodes share: keys, genesis and the plan by which the validators change. */
import { toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { timeFromMillis } from '../../../node/base/time.ts';
import type { ConsensusParams, ValidatorUpdate } from '../../../node/app/abci.ts';
import type { Genesis } from '../../../node/engine/replay.ts';
import type { FaultLog } from '../faults/fault-log.ts';
import type { Scenario } from '../faults/scenario.ts';
import { START_MS } from '../kernel/host.ts';

export const CHAIN_ID = 'simulation-1';

export const PARAMS: ConsensusParams = {
  block: { maxBytes: 200_000n, maxGas: -1n },
  evidence: {
    maxAgeNumBlocks: 100_000n,
    maxAgeDurationNanos: 1_000_000_000_000_000n,
    maxBytes: 50_000n,
  },
  validator: { pubKeyTypes: ['ed25519'] },
  version: { app: 1n },
};

export interface Identity {
  readonly seed: Bytes;
  readonly pubKey: Bytes;
  readonly address: Bytes;
}

/** The change is made by blocks from this height on. */
const FIRST_CHANGE = 3;

export class World {
  readonly scenario: Scenario;
  readonly identities: readonly Identity[];
  readonly genesis: Genesis;
  readonly #log: FaultLog;
  /** Power by index, as the plan has left it. */
  readonly #members: Map<number, number>;
  readonly #changes: (readonly ValidatorUpdate[])[] = [];
  readonly #faulty: ReadonlySet<number>;
  readonly #indexes = new Map<string, number>();

  constructor(scenario: Scenario, log: FaultLog) {
    this.scenario = scenario;
    this.#log = log;
    this.identities = scenario.powers.map((_, index) => {
      const seed = sha256(utf8(`validator ${index}`));
      const pubKey = ed25519PublicKey(seed);
      return { seed, pubKey, address: sha256(pubKey).slice(0, 20) };
    });
    this.identities.forEach(({ address }, index) => this.#indexes.set(toHex(address), index));
    this.#faulty = new Set(scenario.faulty.map(({ index }) => index));
    const first = firstMembers(scenario);
    this.#members = new Map(first.map((index) => [index, scenario.powers[index]!]));
    this.genesis = {
      chainId: CHAIN_ID,
      initialHeight: 1,
      time: timeFromMillis(START_MS),
      params: PARAMS,
      validators: first.map((index) => this.#update(index, scenario.powers[index]!)),
      appState: {},
    };
  }

  indexOf(address: Bytes): number | undefined {
    return this.#indexes.get(toHex(address));
  }

  isFaulty(index: number): boolean {
    return this.#faulty.has(index);
  }

  /** What the block of `height` changes. */
  plan(height: number): readonly ValidatorUpdate[] {
    for (let next = this.#changes.length; next <= height; next += 1) {
      this.#changes[next] = this.#planOf(next);
    }
    return this.#changes[height]!;
  }

  #update(index: number, power: number): ValidatorUpdate {
    return { pubKey: this.identities[index]!.pubKey, power: BigInt(power) };
  }

  #planOf(height: number): ValidatorUpdate[] {
    switch (this.scenario.changes) {
      case 'none':
        return [];
      case 'some':
        return height % 3 === 0 ? this.#rotate(height) : [];
      case 'every height':
        return this.#rotate(height);
      case 'grow':
        return this.#grow(height);
      case 'shrink':
        return this.#shrink(height);
      case 'replace':
        return this.#replace(height);
    }
  }

  /** One honest validator changes its power, leaves or returns. */
  #rotate(height: number): ValidatorUpdate[] {
    const { powers } = this.scenario;
    const index = (height * 7 + (height >> 2)) % powers.length;
    if (height < 1 || this.#faulty.has(index)) return [];
    const leaves = this.#members.has(index) && height % 2 === 1 && this.#members.size > 1;
    const power = leaves ? 0 : powers[index]! + (height % 3);
    const after = new Map(this.#members).set(index, power);
    const sum = (of: (index: number) => boolean) =>
      [...after].reduce((total, [one, own]) => total + (of(one) ? own : 0), 0);
    const faulty = sum((one) => this.#faulty.has(one));
    if (faulty * 3 >= sum(() => true)) return [];
    this.#log.note('F12 validator set changes every height');
    return [this.#become(index, power)];
  }

  #become(index: number, power: number): ValidatorUpdate {
    if (power === 0) {
      this.#members.delete(index);
      this.#log.note('F12 power 0');
    } else this.#members.set(index, power);
    return this.#update(index, power);
  }

  #grow(height: number): ValidatorUpdate[] {
    const index = height - FIRST_CHANGE + 1;
    if (height < FIRST_CHANGE || index >= this.scenario.powers.length) return [];
    this.#log.note('F12 grows from one');
    return [this.#become(index, this.scenario.powers[index]!)];
  }

  #shrink(height: number): ValidatorUpdate[] {
    if (height < FIRST_CHANGE || this.#members.size === 1) return [];
    const index = Math.max(...this.#members.keys());
    if (this.#members.size === 2) this.#log.note('F12 shrinks to one');
    return [this.#become(index, 0)];
  }

  /** The newcomers come in one block, those before them go in the next; and back again later. */
  #replace(height: number): ValidatorUpdate[] {
    const { powers } = this.scenario;
    const [early, late] = [firstMembers(this.scenario), lastMembers(this.scenario)];
    const turn = height % 12;
    if (height < FIRST_CHANGE || late.length === 0) return [];
    const [come, go] = turn < 6 ? [late, early] : [early, late];
    if (turn % 6 === 3) {
      return come
        .filter((index) => !this.#members.has(index))
        .map((index) => this.#become(index, powers[index]!));
    }
    if (turn % 6 !== 4 || !come.every((index) => this.#members.has(index))) return [];
    this.#log.note('F12 replaced within two heights');
    return go.filter((one) => this.#members.has(one)).map((one) => this.#become(one, 0));
  }
}

function firstMembers({ changes, powers }: Scenario): number[] {
  const all = [...powers.keys()];
  if (changes === 'grow') return [0];
  return changes === 'replace' ? all.slice(0, Math.ceil(all.length / 2)) : all;
}

function lastMembers({ powers }: Scenario): number[] {
  return [...powers.keys()].slice(Math.ceil(powers.length / 2));
}
