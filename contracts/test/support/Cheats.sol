// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The cheat codes of forge that the tests use.
interface Vm {
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function prank(address sender) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8, bytes32, bytes32);
    function addr(uint256 key) external pure returns (address);
    function assume(bool condition) external pure;
}

/// @notice Expectations in plain Solidity.
abstract contract Cheats {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotRefused();
    error RefusedOtherwise(bytes4 expected, bytes4 actual);

    /// @notice The call must revert with this custom error.
    function refused(bytes4 selector, address target, bytes memory data) internal {
        (bool success, bytes memory answer) = target.call(data);
        if (success) revert NotRefused();
        bytes4 actual = answer.length < 4 ? bytes4(0) : bytes4(answer);
        if (actual != selector) revert RefusedOtherwise(selector, actual);
    }

    function accepted(address target, bytes memory data) internal returns (bytes memory answer) {
        bool success;
        (success, answer) = target.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
