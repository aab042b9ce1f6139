// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The BN254 precompiles
/// @notice Every call checks success first and the returned length after it, as separate statements:
/// a failed call means bad points, a short answer means a chain without the precompile.
library Bn254 {
    /// @notice Order of the group, the field of all scalars.
    uint256 internal constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice The field of the coordinates.
    uint256 internal constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    uint256 private constant EC_ADD = 6;
    uint256 private constant EC_MUL = 7;
    uint256 private constant EC_PAIRING = 8;

    struct Point {
        uint256 x;
        uint256 y;
    }

    /// @notice A point is off its curve or subgroup, or the pairing equation does not hold.
    error InvalidProof();
    /// @notice This chain answers the precompile with too few bytes.
    error PrecompileMissing(uint256 id);

    /// @notice point := scalar * point
    function scale(Point memory point, uint256 scalar) internal view {
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            let io := mload(0x40)
            mcopy(io, point, 0x40)
            mstore(add(io, 0x40), scalar)
            success := staticcall(gas(), EC_MUL, io, 0x60, point, 0x40)
            size := returndatasize()
        }
        if (!success) revert InvalidProof();
        if (size != 0x40) revert PrecompileMissing(EC_MUL);
    }

    /// @notice sum := sum + point
    function accumulate(Point memory sum, Point memory point) internal view {
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            let io := mload(0x40)
            mcopy(io, sum, 0x40)
            mcopy(add(io, 0x40), point, 0x40)
            success := staticcall(gas(), EC_ADD, io, 0x80, sum, 0x40)
            size := returndatasize()
        }
        if (!success) revert InvalidProof();
        if (size != 0x40) revert PrecompileMissing(EC_ADD);
    }

    /// @notice -point, for coordinates below P
    function negate(Point memory point) internal pure returns (Point memory) {
        return Point(point.x, point.y == 0 ? 0 : P - point.y);
    }

    /// @notice Does the product of the pairings of (G1, G2) pairs, six words each, equal one?
    function pairing(uint256[] memory pairs) internal view returns (bool) {
        bool success;
        uint256 size;
        uint256 result;
        assembly ("memory-safe") {
            let length := mul(mload(pairs), 0x20)
            success := staticcall(gas(), EC_PAIRING, add(pairs, 0x20), length, 0, 0x20)
            size := returndatasize()
            result := mload(0)
        }
        if (!success) revert InvalidProof();
        if (size != 0x20) revert PrecompileMissing(EC_PAIRING);
        return result == 1;
    }
}
