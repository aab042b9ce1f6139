// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Cheats} from "./support/Cheats.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Random users and provers: deposits, batches with whatever withdrawals and fees, claims.
contract VaultActor is RollupFixture {
    struct Waiting {
        uint16 token;
        uint64 amount;
    }

    Waiting[] private _queue;
    uint256 public refusals;
    uint256 public batches;

    function deposit(bool first, uint32 amount) external {
        uint256 raw = uint256(amount) + 1;
        if (first) {
            depositSix(uint64(raw));
        } else {
            eighteen.mint(address(this), raw * 1e12);
            eighteen.approve(address(bridge), raw * 1e12);
            bridge.deposit(address(eighteen), raw * 1e12, AX, AY);
        }
        _queue.push(Waiting(first ? 1 : 2, uint64(raw)));
    }

    /// A soundness bug of the circuit would look like this: any withdrawal and fee has a proof.
    function submitBatch(uint8 take, bool first, uint32 amount, uint16 fee) external {
        vm.warp(block.timestamp + 1);
        vm.roll(block.number + CADENCE);
        uint256[] memory words = emptyWords(rollup.state().batchCount + 1);
        uint64 next = rollup.state().consumed;
        for (uint256 i = 0; i < take % 3 && next < _queue.length; i++) {
            putDeposit(words, i, _queue[next].token, _queue[next].amount);
            next++;
        }
        putWithdrawal(words, 2, first ? 1 : 2, amount, address(0xA));
        putFee(words, 1, fee);
        (bool success,) = address(rollup).call(submission(runOf(words)));
        if (success) batches++;
        else refusals++;
    }

    function claim(bool first, uint8 who) external {
        address[3] memory accounts = [address(0xA), TREASURY, address(this)];
        try bridge.claim(first ? 1 : 2, accounts[who % 3]) {} catch {}
    }

    /// @notice Does the vault hold at least what backs the ledger, plus all it owes?
    function solvent(uint16 token) external view returns (bool) {
        address[3] memory accounts = [address(0xA), TREASURY, address(this)];
        uint256 due = bridge.backing(token);
        for (uint256 i = 0; i < 3; i++) {
            (uint128 amount,) = bridge.owed(token, accounts[i]);
            due += amount;
        }
        for (uint256 i = rollup.state().consumed; i < _queue.length; i++) {
            if (_queue[i].token == token) due += _queue[i].amount;
        }
        uint256 held = token == 1
            ? six.balanceOf(address(bridge))
            : eighteen.balanceOf(address(bridge)) / 1e12;
        (uint128 counted,) = bridge.vaults(token);
        return held == due && counted == due;
    }
}

contract VaultInvariantTest {
    VaultActor private actor;

    function setUp() public {
        actor = new VaultActor();
        actor.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actor);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = VaultActor.deposit.selector;
        selectors[1] = VaultActor.submitBatch.selector;
        selectors[2] = VaultActor.claim.selector;
        targets[0] = FuzzSelector(address(actor), selectors);
    }

    /// Whatever is proven, the vault holds every micro-unit it owes, and not one more is credited.
    function invariant_theVaultIsSolvent() public view {
        require(actor.solvent(1));
        require(actor.solvent(2));
    }
}
