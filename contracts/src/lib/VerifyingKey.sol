// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bn254} from "./Bn254.sol";

/// @title A verifying key as one array of words
/// @dev 0 slots of a batch, 1 fee tokens of a batch, 2 alpha (G1), 4 beta, 8 gamma, 12 delta (G2,
/// EIP-197 order: imaginary part first), 16 IC: seven points of G1, for one and the six public
/// inputs domain, oldRoot, newRoot, C, z, y. The shape is part of the key: the same proof read with
/// another number of slots would mean something else.
library VerifyingKey {
    uint256 internal constant WORDS = 30;
    uint256 internal constant SLOTS = 0;
    uint256 internal constant FEE_TOKENS = 1;
    uint256 internal constant ALPHA = 2;
    uint256 internal constant BETA = 4;
    uint256 internal constant GAMMA = 8;
    uint256 internal constant DELTA = 12;
    uint256 internal constant IC = 16;
    uint256 internal constant PUBLIC_INPUTS = 6;

    uint256 private constant MAX_SLOTS = 1024;
    uint256 private constant MAX_FEE_TOKENS = 64;

    // Generator of G2, and the generator of G1 is (1, 2).
    uint256 private constant G2_X1 =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant G2_X0 =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;

    error KeyLength(uint256 words);
    error KeyShape(uint256 slots, uint256 feeTokens);
    /// @notice Gamma and delta are equal or opposite: anybody can forge proofs for such a key.
    error GammaIsDelta();
    /// @notice Delta is the generator or its opposite: nobody contributed to the set-up.
    error DeltaIsGenerator();
    /// @notice A point of the key is zero or not canonical.
    error KeyPoint(uint256 word);

    /// @notice Reverts unless the key is one that only a set-up with contributions can have made.
    /// @dev x alone is compared: P and -P share it, and both are forgeries.
    function check(uint256[] memory key) internal view {
        if (key.length != WORDS) revert KeyLength(key.length);
        if (key[SLOTS] == 0 || key[SLOTS] > MAX_SLOTS) revert KeyShape(key[0], key[1]);
        if (key[FEE_TOKENS] == 0 || key[FEE_TOKENS] > MAX_FEE_TOKENS) {
            revert KeyShape(key[0], key[1]);
        }
        if (key[GAMMA] == key[DELTA] && key[GAMMA + 1] == key[DELTA + 1]) revert GammaIsDelta();
        if (key[DELTA] == G2_X1 && key[DELTA + 1] == G2_X0) revert DeltaIsGenerator();
        for (uint256 i = ALPHA; i < WORDS; i += 2) {
            if (key[i] >= Bn254.P || key[i + 1] >= Bn254.P) revert KeyPoint(i);
            if (key[i] == 0 && key[i + 1] == 0) revert KeyPoint(i);
        }
        _checkOnCurve(key);
    }

    /// @notice The G1 point at a word of the key.
    function point(uint256[] memory key, uint256 word) internal pure returns (Bn254.Point memory) {
        return Bn254.Point(key[word], key[word + 1]);
    }

    /// @dev The precompiles revert for points off the curve or, in G2, outside the subgroup.
    function _checkOnCurve(uint256[] memory key) private view {
        for (uint256 i = ALPHA; i < WORDS; i += 2) {
            if (i == BETA) i = IC;
            Bn254.accumulate(Bn254.Point(0, 0), point(key, i));
        }
        uint256[] memory pairs = new uint256[](18);
        for (uint256 k = 0; k < 3; k++) {
            pairs[6 * k] = 1;
            pairs[6 * k + 1] = 2;
            for (uint256 w = 0; w < 4; w++) {
                pairs[6 * k + 2 + w] = key[BETA + 4 * k + w];
            }
        }
        Bn254.pairing(pairs);
    }
}
