/** The validators of a scenario, with leaders as written. */
import { sha256 } from '../../../node/base/hash.ts';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';

const POWER = 1n;
const realSets = new Map<number, ValidatorSet>();

function realSet(size: number): ValidatorSet {
  let set = realSets.get(size);
  if (set === undefined) {
    const validators = Array.from({ length: size }, (_, index) => {
      const pubKey = sha256(utf8(`twins ${index}`));
      return { address: sha256(pubKey).slice(0, 20), pubKey, power: POWER };
    });
    set = ValidatorSet.create(validators);
    realSets.set(size, set);
  }
  return set;
}

/** A set whose leaders are those of the script, and after it each validator in turn. */
export function castOf(size: number, leaders: readonly number[]): ValidatorSet {
  const real = realSet(size);
  const leader = (round: number) => real.validators[leaders[round] ?? round % size]!;
  const cast: Pick<ValidatorSet, keyof ValidatorSet> = {
    validators: real.validators,
    proposer: leader(0),
    totalPower: real.totalPower,
    size,
    leader,
    indexOf: (address) => real.indexOf(address),
    byAddress: (address) => real.byAddress(address),
    hash: () => real.hash(),
    advance: (turns) => real.advance(turns),
    update: (changes) => real.update(changes),
  };
  // The class has private parts, of which nobody else may know.
  return cast as ValidatorSet;
}

const NAMES = new Map<string, Bytes>();

/** A hash for a name; the same for the same name. */
export function nameHash(name: string): Bytes {
  let hash = NAMES.get(name);
  if (hash === undefined) {
    hash = sha256(utf8(name));
    NAMES.set(name, hash);
  }
  return hash;
}
