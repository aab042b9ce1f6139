/** Which faults have really happened in a run. The ids F1-F15 are explained in README.md. */
export const FAULTS = [
  'F1 drop',
  'F1 duplicate',
  'F1 reorder',
  'F1 delay',
  'F2 partition',
  'F2 one-way partition',
  'F2 isolated leader',
  'F3 crash at a disk operation',
  'F4 stopped and resumed',
  'F5 restart',
  'F5 unsynced tail lost',
  'F5 synced log tail lost',
  'F5 databases wiped',
  'F6 disk full',
  'F6 sync fails',
  'F6 slow disk',
  'F7 clock skewed',
  'F7 clock jumps',
  'F8 twins',
  'F9 equivocating proposals',
  'F9 justification missing',
  'F9 justification stale',
  'F9 certificate withheld from some',
  'F9 certificate to f + 1 only',
  'F9 last commit censored',
  'F9 invalid block',
  'F9 wrong application hash',
  'F9 oversized block',
  'F10 double prevote',
  'F10 double precommit',
  'F10 vote for an old round',
  'F10 forged index',
  'F10 forged address',
  'F10 malleable signature',
  'F11 lies about its height',
  'F11 wrong block in sync',
  'F11 sync never answers',
  'F12 validator set changes every height',
  'F12 grows from one',
  'F12 shrinks to one',
  'F12 replaced within two heights',
  'F12 power 0',
  'F13 application panics',
  'F13 application differs',
  'F14 flood',
  'F15 upgrade',
] as const;

export type Fault = (typeof FAULTS)[number];

export class FaultLog {
  readonly counts: Partial<Record<Fault, number>> = {};

  note(fault: Fault): void {
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
  }
}
