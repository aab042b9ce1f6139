/** The messages of cosmos.ics23.v1 that this chain makes and accepts, and the specs it knows. */
import type { Bytes } from '../../base/bytes.ts';

export const HashOp = {
  NONE: 0,
  SHA256: 1,
  SHA512: 2,
  KECCAK256: 3,
  RIPEMD160: 4,
  BITCOIN: 5,
  SHA512_256: 6,
  BLAKE2B_512: 7,
  BLAKE2S_256: 8,
} as const;

export const LengthOp = {
  NONE: 0,
  VAR_PROTO: 1,
  VAR_RLP: 2,
  FIXED32_BIG: 3,
  FIXED32_LITTLE: 4,
  FIXED64_BIG: 5,
  FIXED64_LITTLE: 6,
  REQUIRE_32_BYTES: 7,
  REQUIRE_64_BYTES: 8,
} as const;

export interface LeafOp {
  readonly hash: number;
  readonly prehashKey: number;
  readonly prehashValue: number;
  readonly length: number;
  readonly prefix: Bytes;
}

export interface InnerOp {
  readonly hash: number;
  readonly prefix: Bytes;
  readonly suffix: Bytes;
}

export interface ExistenceProof {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly leaf?: LeafOp | undefined;
  /** From the leaf up. */
  readonly path: readonly InnerOp[];
}

export interface NonExistenceProof {
  readonly key: Bytes;
  readonly left?: ExistenceProof | undefined;
  readonly right?: ExistenceProof | undefined;
}

export type CommitmentProof =
  | { readonly exist: ExistenceProof; readonly nonexist?: undefined }
  | { readonly nonexist: NonExistenceProof; readonly exist?: undefined };

export interface InnerSpec {
  readonly childOrder: readonly number[];
  readonly childSize: number;
  readonly minPrefixLength: number;
  readonly maxPrefixLength: number;
  readonly emptyChild: Bytes;
  readonly hash: number;
}

export interface ProofSpec {
  readonly leafSpec: LeafOp;
  readonly innerSpec: InnerSpec;
  /** 0: no bound of its own, MAX_PROOF_DEPTH counts. */
  readonly maxDepth: number;
  readonly minDepth: number;
  readonly prehashKeyBeforeComparison: boolean;
}

const NOTHING: Bytes = new Uint8Array(0);

const SHA256_LEAF: LeafOp = {
  hash: HashOp.SHA256,
  prehashKey: HashOp.NONE,
  prehashValue: HashOp.SHA256,
  length: LengthOp.VAR_PROTO,
  prefix: Uint8Array.of(0),
};

export const IAVL_SPEC: ProofSpec = {
  leafSpec: SHA256_LEAF,
  innerSpec: {
    childOrder: [0, 1],
    childSize: 33,
    minPrefixLength: 4,
    maxPrefixLength: 12,
    emptyChild: NOTHING,
    hash: HashOp.SHA256,
  },
  maxDepth: 0,
  minDepth: 0,
  prehashKeyBeforeComparison: false,
};

export const TENDERMINT_SPEC: ProofSpec = {
  ...IAVL_SPEC,
  innerSpec: { ...IAVL_SPEC.innerSpec, childSize: 32, minPrefixLength: 1, maxPrefixLength: 1 },
};

/** The sparse Merkle tree of other chains; none of ours. */
export const SMT_SPEC: ProofSpec = {
  leafSpec: { ...SHA256_LEAF, prehashKey: HashOp.SHA256, length: LengthOp.NONE },
  innerSpec: { ...TENDERMINT_SPEC.innerSpec, emptyChild: new Uint8Array(32) },
  maxDepth: 256,
  minDepth: 0,
  prehashKeyBeforeComparison: true,
};
