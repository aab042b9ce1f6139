// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Bridge} from "../src/Bridge.sol";
import {Inbox} from "../src/Inbox.sol";
import {TestToken} from "../src/TestToken.sol";
import {Validators} from "../src/Validators.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {FalseToken, FeeToken, ReentrantToken, ShrinkingToken} from "./tokens/HostileTokens.sol";

contract BridgeTest is RollupFixture {
    FeeToken private fee;
    FalseToken private lying;
    ReentrantToken private reentrant;
    ShrinkingToken private shrinking;
    TestToken private two;

    function _tokens() internal override returns (address[] memory tokens) {
        (fee, lying, reentrant) = (new FeeToken(), new FalseToken(), new ReentrantToken());
        (shrinking, two) = (new ShrinkingToken(), new TestToken("Two", "TWO", 2));
        tokens = new address[](7);
        (tokens[0], tokens[1]) = (address(six), address(eighteen));
        (tokens[2], tokens[3], tokens[4]) = (address(fee), address(lying), address(reentrant));
        (tokens[5], tokens[6]) = (address(shrinking), address(two));
    }

    function fund(TestToken token, uint256 amount) private returns (bytes memory) {
        token.mint(address(this), amount);
        token.approve(address(bridge), amount);
        return abi.encodeCall(Bridge.deposit, (address(token), amount, AX, AY));
    }

    function test_creditsWhatArrivesOfAFeeOnTransferToken() public {
        accepted(address(bridge), fund(fee, 1000));
        _expectItem(0, 3, 990);
        require(fee.balanceOf(address(bridge)) == 990);
    }

    function _expectItem(uint64 index, uint16 tokenId, uint64 amount) private view {
        bytes32 digest = inbox.itemDigest(index, tokenId, amount, AX, AY);
        require(inbox.itemAt(index).digest == digest);
        require(digest == keccak256(abi.encode(index, tokenId, amount, AX, AY)));
    }

    function test_refusesATokenThatAnswersFalse() public {
        bytes4 refusal = SafeERC20.SafeERC20FailedOperation.selector;
        refused(refusal, address(bridge), fund(lying, 1000));
    }

    function test_refusesATokenThatReentersADeposit() public {
        bytes memory data = fund(reentrant, 1000);
        reentrant.arm(bridge, abi.encodeCall(Bridge.deposit, (address(six), 1, AX, AY)));
        bytes4 refusal = ReentrancyGuard.ReentrancyGuardReentrantCall.selector;
        refused(refusal, address(bridge), data);
        reentrant.arm(bridge, abi.encodeCall(Bridge.claim, (1, address(this))));
        refused(refusal, address(bridge), data);
    }

    function test_refusesATokenThatReentersAClaim() public {
        accepted(address(bridge), fund(reentrant, 1000));
        _withdraw(5, 1000, 400);
        bytes memory claim = abi.encodeCall(Bridge.claim, (5, address(0xA)));
        reentrant.arm(bridge, claim);
        bytes4 refusal = ReentrancyGuard.ReentrancyGuardReentrantCall.selector;
        refused(refusal, address(bridge), claim);
        reentrant.arm(bridge, "");
        accepted(address(bridge), claim);
        require(reentrant.balanceOf(address(0xA)) == 400);
    }

    function _withdraw(uint16 tokenId, uint64 deposited, uint64 withdrawn) private {
        uint256[] memory words = emptyWords(rollup.state().batchCount + 1);
        putDeposit(words, 0, tokenId, deposited);
        putWithdrawal(words, 1, tokenId, withdrawn, address(0xA));
        submit(words);
    }

    function test_refusesATokenWhoseBalanceShrinks() public {
        shrinking.mint(address(bridge), 5);
        (bool success,) = address(bridge).call(fund(shrinking, 1000));
        require(!success && inbox.length() == 0);
    }

    function test_refusesUnlistedTokensAndZero() public {
        bytes memory data = fund(new TestToken("Else", "ELSE", 6), 1000);
        refused(Bridge.TokenNotAllowed.selector, address(bridge), data);
        refused(Bridge.ZeroAmount.selector, address(bridge), fund(six, 0));
        refused(Bridge.ZeroAmount.selector, address(bridge), fund(eighteen, 1e12 - 1));
    }

    function test_neverHoldsMoreThanALedgerBalanceCan() public {
        refused(Bridge.VaultFull.selector, address(bridge), fund(six, 1 << 64));
        accepted(address(bridge), fund(six, (1 << 64) - 1));
        refused(Bridge.VaultFull.selector, address(bridge), fund(six, 1));
        _withdraw(1, (1 << 64) - 1, 5);
        refused(Bridge.VaultFull.selector, address(bridge), fund(six, 5));
        bridge.claim(1, address(0xA));
        accepted(address(bridge), fund(six, 5));
    }

    function test_refusesOwnerKeysThatAreNotKeys() public {
        bytes4 refusal = Bridge.BadOwnerKey.selector;
        fund(six, 1000);
        uint256[2][3] memory bad = [[AX, AY + 1], [uint256(0), 1], [uint256(0), 0]];
        for (uint256 i = 0; i < 3; i++) {
            bytes memory data =
                abi.encodeCall(Bridge.deposit, (address(six), 1000, bad[i][0], bad[i][1]));
            refused(refusal, address(bridge), data);
        }
    }

    function test_pullsOnlyWholeMicroUnits() public {
        accepted(address(bridge), fund(eighteen, 5e12 + 7));
        _expectItem(0, 2, 5);
        require(eighteen.balanceOf(address(this)) == 7);
    }

    function test_paysATokenOfFewDecimalsInItsOwnUnits() public {
        accepted(address(bridge), fund(two, 3));
        _expectItem(0, 7, 30_000);
        _withdraw(7, 30_000, 25_001);
        bridge.claim(7, address(0xA));
        require(two.balanceOf(address(0xA)) == 2);
        (uint128 rest,) = bridge.owed(7, address(0xA));
        require(rest == 5_001);
        bytes memory again = abi.encodeCall(Bridge.claim, (7, address(0xA)));
        refused(Bridge.AlreadyClaimed.selector, address(bridge), again);
    }

    function test_paysEachWithdrawalOnce() public {
        accepted(address(bridge), fund(eighteen, 1000e18));
        bytes memory claim = abi.encodeCall(Bridge.claim, (2, address(0xA)));
        refused(Bridge.NothingToClaim.selector, address(bridge), claim);
        _withdraw(2, 1000e6, 400e6);
        accepted(address(bridge), claim);
        require(eighteen.balanceOf(address(0xA)) == 400e18);
        refused(Bridge.AlreadyClaimed.selector, address(bridge), claim);
    }

    function test_obeysOnlyTheRollupAndTheBridge() public {
        bytes memory data = abi.encodeCall(Bridge.credit, (1, address(this), 1));
        refused(Bridge.OnlyRollup.selector, address(bridge), data);
        data = abi.encodeCall(Bridge.back, (1, 1));
        refused(Bridge.OnlyRollup.selector, address(bridge), data);
        data = abi.encodeCall(Inbox.enqueue, (1, 1, AX, AY, address(this)));
        refused(Inbox.OnlyBridge.selector, address(inbox), data);
    }

    function test_refusesToCreditATokenThatIsNotListed() public {
        uint256[] memory words = emptyWords(1);
        putWithdrawal(words, 0, 9, 1, address(0xA));
        bytes memory data = submission(runOf(words));
        refused(Bridge.TokenUnlisted.selector, address(rollup), data);
    }

    function test_listsATokenByCertificateOnly() public {
        TestToken fresh = new TestToken("Fresh", "NEW", 6);
        bytes32 digest = bridge.listingDigest(address(fresh));
        bytes memory data =
            abi.encodeCall(Bridge.listToken, (address(fresh), certificate(digest, 7)));
        refused(Validators.NoQuorum.selector, address(bridge), data);
        data = abi.encodeCall(Bridge.listToken, (address(fresh), certificate(digest, 12)));
        accepted(address(bridge), data);
        require(bridge.tokenIds(address(fresh)) == 8);
        refused(Validators.WrongSigner.selector, address(bridge), data);
    }

    function testFuzz_depositsAndWithdrawsToTheMicroUnit(uint64 amount, uint64 part) public {
        vm.assume(amount > 0);
        uint64 out = part % amount + 1;
        accepted(address(bridge), fund(eighteen, uint256(amount) * 1e12));
        _withdraw(2, amount, out);
        require(bridge.claim(2, address(0xA)) == uint256(out) * 1e12);
        require(bridge.backing(2) == amount - out);
    }
}
