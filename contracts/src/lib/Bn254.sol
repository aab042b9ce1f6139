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

    /// @notice scalar * point
    function mul(Point memory point, uint256 scalar) internal view returns (Point memory) {
        uint256[4] memory io = [point.x, point.y, scalar, 0];
        return _call(EC_MUL, io, 0x60);
    }

    /// @notice a + b
    function add(Point memory a, Point memory b) internal view returns (Point memory) {
        uint256[4] memory io = [a.x, a.y, b.x, b.y];
        return _call(EC_ADD, io, 0x80);
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

    function _call(uint256 id, uint256[4] memory io, uint256 inputSize)
        private
        view
        returns (Point memory result)
    {
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            success := staticcall(gas(), id, io, inputSize, result, 0x40)
            size := returndatasize()
        }
        if (!success) revert InvalidProof();
        if (size != 0x40) revert PrecompileMissing(id);
    }
}
