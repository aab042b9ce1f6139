/** Known bugs, planted into the machine as it is loaded: each one must be found by the simulator. */
import { registerHooks } from 'node:module';

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const PLANTS: Readonly<Record<string, Edit | readonly Edit[]>> = {
  /** Votes for anything, whatever is locked. */
  'lock-not-checked': {
    file: 'consensus/rules.ts',
    from: 'if (!lock) return true;',
    to: 'if (lock || !lock) return true;',
  },
  /** Certificates never move the lock. */
  'lock-not-updated': {
    file: 'consensus/certificates.ts',
    from: 'if (state.lock && state.lock.round >= qc.round) return isNew;',
    to: 'if (state !== undefined) return isNew;',
  },
  /** A certificate for another block justifies any proposal. */
  'justify-unbound': {
    file: 'consensus/rules.ts',
    from: 'sameBlock(justify.blockId, proposal.blockId)',
    to: 'sameBlock(proposal.blockId, proposal.blockId)',
  },
  /** A certificate one round below the lock is enough: what random search hardly ever finds (`twins/` does). */
  'lock-off-by-one': {
    file: 'consensus/rules.ts',
    from: 'justify.round >= lock.round &&',
    to: 'justify.round >= lock.round - 1 &&',
  },
  /** One unit of power too few is taken for a quorum: n - f - 1 votes where everybody has one. */
  'quorum-off-by-one': {
    file: 'consensus/votes.ts',
    from: 'return power * 3n > total * 2n;',
    to: 'return power > 0n && (power + 1n) * 3n > total * 2n;',
  },
  /** Exactly two thirds are taken for more. */
  'quorum-not-strict': {
    file: 'consensus/votes.ts',
    from: 'return power * 3n > total * 2n;',
    to: 'return power * 3n >= total * 2n;',
  },
  /** Signs before the record is durable. */
  'vote-not-persisted': {
    file: 'consensus/voting.ts',
    from: "emit(draft, { type: 'persist', record: { type: 'vote', request } });",
    to: '',
  },
  /** Forgets after a restart what it had signed. */
  amnesia: {
    file: 'consensus/on-start.ts',
    from: 'const unfinished = restore(draft, records);',
    to: 'const unfinished = restore(draft, records.slice(0, 0));',
  },
  /** Precommits with the certificate of a round already left. */
  'stale-precommit': [
    {
      file: 'consensus/voting.ts',
      from: 'const { qc } = current;',
      to: 'const qc = current.qc ?? draft.state.lock;',
    },
    {
      file: 'consensus/rules.ts',
      from: 'round.qc !== undefined &&',
      to: '',
    },
    {
      file: 'consensus/rules.ts',
      from: 'round.qc.round === currentRound &&',
      to: '',
    },
  ],
  /** Never tells others where it is: nobody gets out of a failed round together. */
  'silent-timeout': {
    file: 'consensus/voting.ts',
    from: "emit(draft, { type: 'send', to: 'all', gossip: true, message });",
    to: 'void message;',
  },
};

/** From now on imports get the mutated source. Throws when the source no longer has the place. */
export function plant(name: string): void {
  const mutant = PLANTS[name];
  if (!mutant)
    throw new RangeError(`no mutant ${name}; there are: ${Object.keys(PLANTS).join(', ')}`);
  const edits = Array.isArray(mutant) ? (mutant as readonly Edit[]) : [mutant as Edit];
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const fitting = edits.filter(({ file }) => url.endsWith(file));
      if (fitting.length === 0 || loaded.source == null) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      for (const { from, to } of fitting) {
        if (!source.includes(from)) throw new Error(`mutant ${name} no longer fits ${url}`);
        source = source.replace(from, to);
      }
      return { ...loaded, source };
    },
  });
}
