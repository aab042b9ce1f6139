// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "../../src/Bridge.sol";
import {TestToken} from "../../src/TestToken.sol";

/// @title Keeps 1 % of every transfer
contract FeeToken is TestToken("Fee on transfer", "FEE", 6) {
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) ? 0 : amount / 100;
        if (fee > 0) super._update(from, address(0), fee);
        super._update(from, to, amount - fee);
    }
}

/// @title Answers false instead of reverting, and moves nothing
contract FalseToken is TestToken("False", "FALSE", 6) {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }

    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @title Calls back into the bridge during a transfer
contract ReentrantToken is TestToken("Re-entrant", "RE", 6) {
    Bridge public target;
    bytes public attack;

    /// @notice What to call during the next transfers; nothing when empty.
    function arm(Bridge target_, bytes calldata attack_) external {
        target = target_;
        attack = attack_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (attack.length == 0) return;
        (bool success, bytes memory answer) = address(target).call(attack);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}

/// @title Reports fewer tokens after a transfer than before
contract ShrinkingToken is TestToken("Shrinking", "SHRINK", 6) {
    function balanceOf(address account) public view override returns (uint256) {
        uint256 balance = super.balanceOf(account);
        return balance > 10 ? 0 : balance + 10;
    }
}
