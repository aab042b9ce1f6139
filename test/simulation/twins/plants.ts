/** Known bugs, planted into the machine as it is loaded; the same names as the simulator's, and one more. */
import { registerHooks } from 'node:module';

interface Plant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const PLANTS: Readonly<Record<string, Plant>> = {
  'lock-not-checked': {
    file: 'consensus/rules.ts',
    from: 'if (!lock) return true;',
    to: 'if (lock || !lock) return true;',
  },
  'lock-not-updated': {
    file: 'consensus/certificates.ts',
    from: 'if (state.lock && state.lock.round >= qc.round) return isNew;',
    to: 'if (state !== undefined) return isNew;',
  },
  'quorum-off-by-one': {
    file: 'consensus/votes.ts',
    from: 'return power * 3n > total * 2n;',
    to: 'return power > 0n && (power + 1n) * 3n > total * 2n;',
  },
  'vote-not-persisted': {
    file: 'consensus/voting.ts',
    from: "emit(draft, { type: 'persist', record: { type: 'vote', request } });",
    to: '',
  },
  'justify-unbound': {
    file: 'consensus/rules.ts',
    from: 'sameBlock(justify.blockId, proposal.blockId)',
    to: 'sameBlock(proposal.blockId, proposal.blockId)',
  },
  /** A certificate one round below the lock is enough: what random search hardly ever finds. */
  'lock-off-by-one': {
    file: 'consensus/rules.ts',
    from: 'justify.round >= lock.round &&',
    to: 'justify.round >= lock.round - 1 &&',
  },
};

/** For what is imported from now on. */
export function plant(name: string): void {
  const chosen = PLANTS[name];
  if (!chosen)
    throw new RangeError(`no plant ${name}; there are: ${Object.keys(PLANTS).join(' ')}`);
  const { file, from, to } = chosen;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(file) || loaded.source == null) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      if (!source.includes(from)) throw new Error(`plant ${name} no longer fits ${url}`);
      return { ...loaded, source: source.replace(from, to) };
    },
  });
}
