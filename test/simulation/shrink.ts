/** Makes a failing scenario smaller, as long as the same rule is broken: fewer nodes, faults, steps. */
import { CALM, type Faults, type Scenario } from './faults/scenario.ts';

/** Scenarios that are tried, at most. */
const MOST_TRIES = 120;

type Change = (scenario: Scenario) => Scenario | undefined;

function withoutFaulty(at: number): Change {
  return (one) =>
    one.faulty[at] && { ...one, faulty: one.faulty.filter((_, index) => index !== at) };
}

function withoutVice(at: number, vice: number): Change {
  return (one) => {
    const faulty = one.faulty[at];
    if (!faulty?.vices?.[vice] || faulty.vices.length === 1) return undefined;
    const vices = faulty.vices.filter((_, index) => index !== vice);
    return { ...one, faulty: one.faulty.with(at, { ...faulty, vices }) };
  };
}

function withoutFault(name: keyof Faults): Change {
  return (one) =>
    one.faults[name] === CALM[name]
      ? undefined
      : { ...one, faults: { ...one.faults, [name]: CALM[name] } };
}

/** Without its last validator; the faulty must stay below 1/3. */
function smaller(one: Scenario): Scenario | undefined {
  const powers = one.powers.slice(0, -1);
  const faulty = one.faulty.filter(({ index }) => index < powers.length);
  const sum = (list: readonly number[]) => list.reduce((total, power) => total + power, 0);
  const share = sum(faulty.map(({ index }) => powers[index]!));
  return powers.length === 0 || share * 3 >= sum(powers) ? undefined : { ...one, powers, faulty };
}

function shorter(one: Scenario): Scenario | undefined {
  if (one.chaosSteps !== undefined) {
    return one.chaosSteps < 200 ? undefined : { ...one, chaosSteps: one.chaosSteps >> 1 };
  }
  return one.chaosMs < 200 ? undefined : { ...one, chaosMs: Math.floor(one.chaosMs / 2) };
}

function off(name: 'liar' | 'flood' | 'upgrade'): Change {
  return (one) => (one[name] ? { ...one, [name]: false } : undefined);
}

const CHANGES: readonly Change[] = [
  smaller,
  shorter,
  off('liar'),
  off('flood'),
  off('upgrade'),
  (one) => (one.changes === 'none' ? undefined : { ...one, changes: 'none' }),
  ...[0, 1, 2].map(withoutFaulty),
  ...[0, 1, 2].flatMap((at) => [0, 1, 2, 3].map((vice) => withoutVice(at, vice))),
  ...(Object.keys(CALM) as (keyof Faults)[]).map(withoutFault),
  (one) => (one.heightsAfter === 1 ? undefined : { ...one, heightsAfter: 1 }),
];

/** `fails` runs a scenario and tells whether it breaks the rule in question. */
export async function shrink(
  scenario: Scenario,
  fails: (scenario: Scenario) => Promise<boolean>,
): Promise<Scenario> {
  let best = scenario;
  let tries = 0;
  for (let isBetter = true; isBetter;) {
    isBetter = false;
    for (const change of CHANGES) {
      const next = change(best);
      if (!next || tries >= MOST_TRIES) continue;
      tries += 1;
      if (!(await fails(next))) continue;
      best = next;
      isBetter = true;
    }
  }
  return best;
}
