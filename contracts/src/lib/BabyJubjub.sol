// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bn254} from "./Bn254.sol";

/// @title Owner keys of the ledger: points of BabyJubjub, a x^2 + y^2 = 1 + d x^2 y^2 over BN254's R
/// @dev Off-curve keys slip past the circuit's multiplication, and a key of order 8 or less can be
/// signed for by anyone. That a key lies in the prime subgroup is left to the wallet: whoever deposits
/// to a key outside it can only lock that deposit, never anybody else's.
library BabyJubjub {
    uint256 private constant R = Bn254.R;
    uint256 private constant A = 168700;
    uint256 private constant D = 168696;

    /// @notice Is (x, y) on the curve, with canonical coordinates?
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= R || y >= R) return false;
        uint256 xx = mulmod(x, x, R);
        uint256 yy = mulmod(y, y, R);
        uint256 left = addmod(mulmod(A, xx, R), yy, R);
        return left == addmod(1, mulmod(D, mulmod(xx, yy, R), R), R);
    }

    /// @notice Is 8 * (x, y) the identity? Only for points on the curve.
    function isSmallOrder(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 z = 1;
        for (uint256 i = 0; i < 3; i++) {
            (x, y, z) = _double(x, y, z);
        }
        return x == 0 && y == z;
    }

    /// @dev Projective doubling, Bernstein, Birkner, Joye, Lange, Peters 2008 ("dbl-2008-bbjlp").
    function _double(uint256 x, uint256 y, uint256 z)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        uint256 b = addmod(x, y, R);
        b = mulmod(b, b, R);
        uint256 c = mulmod(x, x, R);
        uint256 d = mulmod(y, y, R);
        uint256 e = mulmod(A, c, R);
        uint256 f = addmod(e, d, R);
        uint256 zz = mulmod(z, z, R);
        uint256 j = addmod(f, R - mulmod(2, zz, R), R);
        uint256 crossed = addmod(b, R - addmod(c, d, R), R);
        return (mulmod(crossed, j, R), mulmod(f, addmod(e, R - d, R), R), mulmod(f, j, R));
    }
}
