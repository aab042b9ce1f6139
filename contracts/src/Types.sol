// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One proven batch as it is submitted.
/// @param newRoot Ledger root after the batch.
/// @param commitment C: the Poseidon commitment to every operation of the batch.
/// @param proof A.x A.y | B.x1 B.x0 B.y1 B.y0 (EIP-197 order) | C.x C.y
/// @param words Public words: header, three per slot (public word, owner ax, owner ay), fee words.
struct Batch {
    uint256 newRoot;
    uint256 commitment;
    uint256[8] proof;
    uint256[] words;
}

/// @notice Consecutive batches, verified together.
/// @param prover Who made the proofs; must be the sender, and is part of every challenge z.
/// @param keyVersion Version of the circuit in the VerifierRegistry.
/// @param oldRoot Ledger root before the first batch of the run.
struct Run {
    address prover;
    uint32 keyVersion;
    uint256 oldRoot;
    Batch[] batches;
}

/// @notice A validator's attestation key and its voting power.
struct Member {
    address key;
    uint64 power;
}

/// @notice One validator's signature; `index` is its place in the member list.
struct Seal {
    uint16 index;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice The whole validator set (checked against a stored hash) and the seals of > 2/3 of it.
struct Certificate {
    Member[] members;
    Seal[] seals;
}
