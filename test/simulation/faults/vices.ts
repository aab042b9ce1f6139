/** What a villain does wrong; each is one of the faults F9 and F10. */
export const VICES = [
  'equivocate',
  'justify nothing',
  'justify stale',
  'withhold certificate',
  'certificate to f + 1',
  'censor last commit',
  'invalid block',
  'wrong app hash',
  'oversized block',
  'double prevote',
  'double precommit',
  'old round',
  'forged index',
  'forged address',
  'malleable signature',
] as const;

export type Vice = (typeof VICES)[number];
