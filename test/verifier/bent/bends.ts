/** Mistakes that a node could make the same way on both sides, when it writes and when it checks. */
interface Bend {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The rule of the verifier that tells. */
  readonly rule: string;
}

export const BENDS: Readonly<Record<string, Bend>> = {
  'leaves and inner nodes hash alike': {
    file: 'base/merkle.ts',
    from: 'const INNER_PREFIX = 1;',
    to: 'const INNER_PREFIX = 0;',
    rule: 'data hash',
  },
  'trees are split in the middle': {
    file: 'base/merkle.ts',
    from: 'while (split * 2 < count) split *= 2;',
    to: 'split = count >> 1;',
    rule: 'data hash',
  },
  'transactions are leaves themselves': {
    file: 'consensus/hashing.ts',
    from: 'merkleRoot(txs.map(txHash))',
    to: 'merkleRoot(txs)',
    rule: 'data hash',
  },
  'the header hash forgets the app hash': {
    file: 'consensus/hashing.ts',
    from: '    wrapped(header.appHash),\n',
    to: '',
    rule: 'block id',
  },
  'parts of another size': {
    file: 'consensus/hashing.ts',
    from: 'PART_SIZE = 65_536',
    to: 'PART_SIZE = 512',
    rule: 'block id',
  },
  'results hash over other gas': {
    file: 'consensus/hashing.ts',
    from: '.int64(5, result.gasWanted)',
    to: '.int64(5, result.gasWanted + 1n)',
    rule: 'last results hash',
  },
  'validators change at once': {
    file: 'engine/chain-state.ts',
    from: 'validators: state.nextValidators,\n    nextValidators: changed',
    to: 'validators: changed,\n    nextValidators: changed',
    rule: 'validators hash',
  },
  'validators in order of address alone': {
    file: 'consensus/validator-set.ts',
    from: 'if (a.power !== b.power) return a.power > b.power ? -1 : 1;',
    to: '',
    rule: 'next validators hash',
  },
  'sign bytes without the chain': {
    file: 'consensus/sign-bytes.ts',
    from: '.string(6, chainId)',
    to: '',
    rule: 'last commit',
  },
  'sign bytes with plain numbers': {
    file: 'consensus/sign-bytes.ts',
    from: '.sfixed64(2, vote.height)',
    to: '.int64(2, vote.height)',
    rule: 'last commit',
  },
  'an explicit zero in every block id': {
    file: 'consensus/encoding.ts',
    from: '.uint64(1, parts.total)',
    to: '.uint64(1, parts.total, ALWAYS)',
    rule: 'encoding',
  },
  'the hash of a commit forgets its first entry': {
    file: 'consensus/hashing.ts',
    from: 'merkleRoot(commit.signatures.map(encodeCommitSig))',
    to: 'merkleRoot(commit.signatures.slice(1).map(encodeCommitSig))',
    rule: 'last commit hash',
  },
};
