// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bn254} from "./Bn254.sol";
import {VerifyingKey} from "./VerifyingKey.sol";

/// @title Groth16 proofs of one circuit, all in one pairing call
/// @notice With r_i drawn after everything is fixed, the run holds if and only if (but for 2^-128)
///   prod e(r_i A_i, B_i) = e(alpha, beta)^(sum r_i) e(sum_k s_k IC_k, gamma) e(sum r_i C_i, delta)
/// where s_0 = sum r_i and s_k = sum r_i x_ik mod R: n + 3 pairs, and the scalars of the IC points
/// are summed in the field before seven multiplications that the whole run shares.
/// @dev r_0 = 1: one fixed coefficient costs no soundness and saves two multiplications.
library Groth16Run {
    uint256 private constant WORDS_PER_PAIR = 6;

    /// @notice The run folded so far.
    struct Fold {
        uint256 seed;
        uint256 count;
        uint256[7] scalars;
        Bn254.Point sumC;
        uint256[] pairs;
    }

    /// @param size Number of proofs to come.
    /// @param seed Hash of everything the sender chose, and of the state it meets.
    function open(uint256 size, bytes32 seed) internal pure returns (Fold memory fold) {
        fold.seed = uint256(seed);
        fold.pairs = new uint256[]((size + 3) * WORDS_PER_PAIR);
    }

    /// @notice Folds one proof with its public inputs, which must be below R.
    function add(Fold memory fold, uint256[8] calldata proof, uint256[6] memory inputs)
        internal
        view
    {
        uint256 r = _coefficient(fold);
        _sumScalars(fold.scalars, inputs, r);
        Bn254.Point memory a = _pairAt(fold, fold.count);
        Bn254.Point memory c = fold.count == 0 ? fold.sumC : Bn254.Point(0, 0);
        assembly ("memory-safe") {
            calldatacopy(a, proof, 0xc0)
            calldatacopy(c, add(proof, 0xc0), 0x40)
        }
        if (fold.count > 0) {
            Bn254.scale(a, r);
            Bn254.scale(c, r);
            Bn254.accumulate(fold.sumC, c);
        }
        fold.count++;
    }

    /// @notice Reverts with InvalidProof unless every folded proof is valid.
    function verify(Fold memory fold, uint256[] memory key) internal view {
        Bn254.Point memory sumIc = Bn254.Point(0, 0);
        for (uint256 k = 0; k <= VerifyingKey.PUBLIC_INPUTS; k++) {
            Bn254.Point memory ic = VerifyingKey.point(key, VerifyingKey.IC + 2 * k);
            Bn254.scale(ic, fold.scalars[k]);
            Bn254.accumulate(sumIc, ic);
        }
        Bn254.Point memory alpha = VerifyingKey.point(key, VerifyingKey.ALPHA);
        Bn254.scale(alpha, fold.scalars[0]);
        // A point with coordinates >= P could be negated to another one: C must be canonical.
        if (fold.sumC.x >= Bn254.P || fold.sumC.y >= Bn254.P) revert Bn254.InvalidProof();
        _subtract(fold, key, 0, alpha);
        _subtract(fold, key, 1, sumIc);
        _subtract(fold, key, 2, fold.sumC);
        if (!Bn254.pairing(fold.pairs)) revert Bn254.InvalidProof();
    }

    /// @dev Pair number k after the proofs: -point with beta, gamma or delta.
    function _subtract(Fold memory fold, uint256[] memory key, uint256 k, Bn254.Point memory point)
        private
        pure
    {
        Bn254.Point memory target = _pairAt(fold, fold.count + k);
        point = Bn254.negate(point);
        (target.x, target.y) = (point.x, point.y);
        uint256 source = VerifyingKey.BETA + 4 * k;
        assembly ("memory-safe") {
            mcopy(add(target, 0x40), add(add(key, 0x20), mul(source, 0x20)), 0x80)
        }
    }

    /// @dev The G1 point of pair number k; its G2 point follows in memory.
    function _pairAt(Fold memory fold, uint256 k) private pure returns (Bn254.Point memory point) {
        uint256[] memory pairs = fold.pairs;
        assert((k + 1) * WORDS_PER_PAIR <= pairs.length);
        assembly ("memory-safe") {
            point := add(add(pairs, 0x20), mul(k, 0xc0))
        }
    }

    /// @dev scalars[0] += r, scalars[k + 1] += r * inputs[k]
    function _sumScalars(uint256[7] memory scalars, uint256[6] memory inputs, uint256 r)
        private
        pure
    {
        uint256 order = Bn254.R;
        assembly ("memory-safe") {
            mstore(scalars, addmod(mload(scalars), r, order))
            for { let k := 0 } lt(k, 0xc0) { k := add(k, 0x20) } {
                let target := add(add(scalars, 0x20), k)
                let term := mulmod(r, mload(add(inputs, k)), order)
                mstore(target, addmod(mload(target), term, order))
            }
        }
    }

    /// @dev 128 bits, never zero.
    function _coefficient(Fold memory fold) private pure returns (uint256) {
        if (fold.count == 0) return 1;
        uint256 drawn = uint128(uint256(keccak256(abi.encode(fold.seed, fold.count))));
        return drawn == 0 ? 1 : drawn;
    }
}
