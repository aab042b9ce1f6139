/** A rule that was broken, by the names of reference lists of byzantine fault tolerant systems. */
export const INVARIANTS = {
  I1: 'agreement',
  I2: 'every block is valid and linked to the one before',
  I3: 'every commit has more than 2/3 of the power, truly signed',
  I4: 'one durable message per validator, height, round and step',
  I5: 'no precommit without the certificate',
  I6: 'the lock never goes down',
  I7: 'one application hash, live and replayed',
  I8: 'progress after the network heals',
  I9: 'double signing ends in a block; the honest are never accused',
  I12: 'memory is bounded',
  I13: 'time increases and stays near',
  I15: 'an honest node neither halts nor loses data',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant} ${INVARIANTS[invariant]}: ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

export function hold(invariant: Invariant, isHeld: boolean, detail: () => string): void {
  if (!isHeld) throw new Violation(invariant, detail());
}
