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
        _sumScalars(fold, inputs, r);
        Bn254.Point memory a = Bn254.Point(proof[0], proof[1]);
        Bn254.Point memory c = Bn254.Point(proof[6], proof[7]);
        uint256 place = fold.count * WORDS_PER_PAIR;
        if (fold.count > 0) {
            a = Bn254.mul(a, r);
            c = Bn254.add(fold.sumC, Bn254.mul(c, r));
        }
        fold.sumC = c;
        fold.pairs[place] = a.x;
        fold.pairs[place + 1] = a.y;
        for (uint256 k = 2; k < WORDS_PER_PAIR; k++) {
            fold.pairs[place + k] = proof[k];
        }
        fold.count++;
    }

    /// @notice Reverts with InvalidProof unless every folded proof is valid.
    function verify(Fold memory fold, uint256[] memory key) internal view {
        Bn254.Point memory sumIc = Bn254.Point(0, 0);
        for (uint256 k = 0; k <= VerifyingKey.PUBLIC_INPUTS; k++) {
            Bn254.Point memory ic = VerifyingKey.point(key, VerifyingKey.IC + 2 * k);
            sumIc = Bn254.add(sumIc, Bn254.mul(ic, fold.scalars[k]));
        }
        Bn254.Point memory alpha = VerifyingKey.point(key, VerifyingKey.ALPHA);
        alpha = Bn254.mul(alpha, fold.scalars[0]);
        // A point with coordinates >= P could be negated to another one: C must be canonical.
        if (fold.sumC.x >= Bn254.P || fold.sumC.y >= Bn254.P) revert Bn254.InvalidProof();
        _pair(fold, key, 0, alpha);
        _pair(fold, key, 1, sumIc);
        _pair(fold, key, 2, fold.sumC);
        if (!Bn254.pairing(fold.pairs)) revert Bn254.InvalidProof();
    }

    /// @dev Pair number k after the proofs: -point with beta, gamma or delta.
    function _pair(
        Fold memory fold,
        uint256[] memory key,
        uint256 k,
        Bn254.Point memory point
    ) private pure {
        point = Bn254.negate(point);
        uint256 place = (fold.count + k) * WORDS_PER_PAIR;
        fold.pairs[place] = point.x;
        fold.pairs[place + 1] = point.y;
        for (uint256 w = 0; w < 4; w++) {
            fold.pairs[place + 2 + w] = key[VerifyingKey.BETA + 4 * k + w];
        }
    }

    function _sumScalars(Fold memory fold, uint256[6] memory inputs, uint256 r) private pure {
        fold.scalars[0] = addmod(fold.scalars[0], r, Bn254.R);
        for (uint256 k = 0; k < VerifyingKey.PUBLIC_INPUTS; k++) {
            uint256 term = mulmod(r, inputs[k], Bn254.R);
            fold.scalars[k + 1] = addmod(fold.scalars[k + 1], term, Bn254.R);
        }
    }

    /// @dev 128 bits, never zero.
    function _coefficient(Fold memory fold) private pure returns (uint256) {
        if (fold.count == 0) return 1;
        uint256 drawn = uint128(uint256(keccak256(abi.encode(fold.seed, fold.count))));
        return drawn == 0 ? 1 : drawn;
    }
}
