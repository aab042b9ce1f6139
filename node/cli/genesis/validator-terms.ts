/** What the staking module of the Cosmos SDK asks of a new validator. */
import type { StakedValidator } from '../../../genesis/stake-records.ts';
import { POWER_REDUCTION } from '../../../genesis/validate.ts';
import { Dec } from '../../base/dec.ts';

const KEY_BYTES = 32;
const LONGEST: Readonly<Record<string, number>> = {
  moniker: 70,
  identity: 3000,
  website: 140,
  security_contact: 140,
  details: 280,
};

/** Throws RangeError. */
export function checkTerms(staked: StakedValidator): void {
  const { description, pubKey, tokens, minSelfDelegation = 1n, rates } = staked;
  const refuse = (why: string): never => {
    throw new RangeError(why);
  };
  if (description.moniker === '') refuse('the moniker is empty');
  for (const [name, text = ''] of Object.entries(description)) {
    const most = LONGEST[name] ?? 0;
    if (Buffer.byteLength(text) > most) refuse(`${name} has more than ${most} bytes`);
  }
  if (pubKey.length !== KEY_BYTES) refuse('the consensus key must have 32 bytes');
  if (minSelfDelegation < 1n) refuse('the least self-delegation must be positive');
  if (tokens < minSelfDelegation) refuse('stakes less than its least self-delegation');
  if (tokens < POWER_REDUCTION) {
    refuse(`stakes ${tokens}; a unit of voting power takes ${POWER_REDUCTION}`);
  }
  const [rate, max, change] = [rates.rate, rates.max_rate, rates.max_change_rate].map(Dec.parse);
  const isFraction = [rate, max, change].every((one) => !one!.lt(Dec.ZERO) && !one!.gt(Dec.ONE));
  if (!isFraction) refuse('commission rates must be from 0 to 1');
  if (rate!.gt(max!)) refuse('the commission rate is above its largest');
  if (change!.gt(max!)) refuse('the largest change of the commission is above its largest rate');
}
