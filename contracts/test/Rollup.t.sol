// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "../src/Bridge.sol";
import {Inbox} from "../src/Inbox.sol";
import {Rollup} from "../src/Rollup.sol";
import {Batch, Certificate, Run} from "../src/Types.sol";
import {Validators} from "../src/Validators.sol";
import {BatchWords} from "../src/lib/BatchWords.sol";
import {Bn254} from "../src/lib/Bn254.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

contract RollupTest is RollupFixture {
    function test_acceptsARunAndMovesTheTip() public {
        uint256[][] memory words = new uint256[][](3);
        for (uint64 i = 0; i < 3; i++) {
            words[i] = emptyWords(i + 1);
        }
        Run memory run = runOf(words);
        accepted(address(rollup), submission(run));
        Rollup.Tip memory tip = rollup.state();
        require(tip.batchCount == 3 && tip.root == run.batches[2].newRoot);
        require(tip.submittedAt == block.number && tip.time == block.timestamp);
    }

    function test_refusesAReplay() public {
        bytes memory data = submission(runOf(emptyWords(1)));
        accepted(address(rollup), data);
        vm.roll(block.number + CADENCE);
        refused(Rollup.StaleRoot.selector, address(rollup), data);
    }

    function test_refusesTheSubmissionOfAnother() public {
        Run memory run = runOf(emptyWords(1));
        bytes memory data = submission(run);
        vm.prank(address(0xBAD));
        refused(Rollup.ProverMismatch.selector, address(rollup), data);
        run.prover = address(0xBAD);
        data = submission(run);
        vm.prank(address(0xBAD));
        refused(Bn254.InvalidProof.selector, address(rollup), data);
    }

    function test_refusesAnEmptyRun() public {
        Run memory run = runOf(new uint256[][](0));
        refused(Rollup.EmptyRun.selector, address(rollup), submission(run));
    }

    function test_refusesZeroRootsAndScalarsOutOfTheField() public {
        Run memory run = runOf(emptyWords(1));
        run.batches[0].newRoot = 0;
        proveAll(run, address(this));
        refused(Rollup.ZeroRoot.selector, address(rollup), submission(run));
        run.batches[0].newRoot = Bn254.R;
        refused(BatchWords.FieldOverflow.selector, address(rollup), submission(run));
        run.batches[0].newRoot = 78;
        run.batches[0].commitment += Bn254.R;
        refused(BatchWords.FieldOverflow.selector, address(rollup), submission(run));
    }

    function test_refusesAKeyWordPlusTheOrder() public {
        depositSix(5);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 0, 1, 5);
        words[2] += Bn254.R;
        Run memory run = runOf(words);
        refused(BatchWords.FieldOverflow.selector, address(rollup), submission(run));
    }

    function test_refusesSkippedAndRepeatedBatchNumbers() public {
        bytes4 refusal = Rollup.BatchNumber.selector;
        refused(refusal, address(rollup), submission(runOf(emptyWords(2))));
        refused(refusal, address(rollup), submission(runOf(emptyWords(0))));
        submit(emptyWords(1));
        vm.roll(block.number + CADENCE);
        refused(refusal, address(rollup), submission(runOf(emptyWords(1))));
    }

    function test_refusesBatchTimesInTheFutureAndBackwards() public {
        uint256[] memory words = emptyWords(1);
        words[0] += 13 << 64;
        refused(Rollup.BatchTime.selector, address(rollup), submission(runOf(words)));
        submit(emptyWords(1));
        vm.roll(block.number + CADENCE);
        words = emptyWords(2);
        words[0] -= 1 << 64;
        refused(Rollup.BatchTime.selector, address(rollup), submission(runOf(words)));
    }

    function test_refusesAnotherNumberOfWords() public {
        uint256[] memory words = new uint256[](WORDS + 1);
        uint256[] memory right = emptyWords(1);
        for (uint256 i = 0; i < WORDS; i++) {
            words[i] = right[i];
        }
        refused(BatchWords.WordCount.selector, address(rollup), submission(runOf(words)));
    }

    function test_refusesFeeRowsOutOfOrder() public {
        uint256[] memory words = emptyWords(1);
        words[11] = words[10];
        refused(BatchWords.FeeOrder.selector, address(rollup), submission(runOf(words)));
    }

    function test_refusesFeesInATokenThatIsNotListed() public {
        uint256[] memory words = emptyWords(1);
        putFee(words, 3, 1);
        bytes memory data = submission(runOf(words));
        refused(BatchWords.UnknownFeeToken.selector, address(rollup), data);
    }

    function test_refusesContradictingSlots() public {
        bytes4 refusal = BatchWords.BadSlot.selector;
        uint256[4] memory bad = [uint256(3), 1 << 4, 1 | 5 << 20 | 1 << 84, 15];
        for (uint256 i = 0; i < bad.length; i++) {
            uint256[] memory words = emptyWords(1);
            words[4] = bad[i];
            refused(refusal, address(rollup), submission(runOf(words)));
        }
        uint256[] memory keyed = emptyWords(1);
        putWithdrawal(keyed, 0, 1, 5, address(1));
        keyed[2] = AX;
        refused(refusal, address(rollup), submission(runOf(keyed)));
    }

    function test_refusesBitsAboveTheFields() public {
        uint8[3] memory place = [0, 1, 10];
        uint8[3] memory bits = [120, 244, 80];
        for (uint256 i = 0; i < 3; i++) {
            uint256[] memory words = emptyWords(1);
            words[place[i]] |= 1 << bits[i];
            bytes memory data = submission(runOf(words));
            refused(BatchWords.WordOutOfRange.selector, address(rollup), data);
        }
    }

    function test_keepsTheCadenceUnlessAnItemIsDue() public {
        submit(emptyWords(1));
        bytes memory early = submission(runOf(emptyWords(2)));
        vm.roll(block.number + CADENCE - 1);
        refused(Rollup.TooEarly.selector, address(rollup), early);
        depositSix(5);
        vm.warp(block.timestamp + DUE_AFTER);
        require(rollup.nextSubmissionBlock() == block.number);
        accepted(address(rollup), early);
    }

    function test_refusesToLeaveAnOverdueItemBehind() public {
        depositSix(5);
        vm.warp(START + OVERDUE_AFTER);
        bytes memory data = submission(runOf(emptyWords(1)));
        refused(Rollup.QueueOverdue.selector, address(rollup), data);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 1, 1, 5);
        accepted(address(rollup), submission(runOf(words)));
        require(rollup.state().consumed == 1);
    }

    function test_letsABacklogOfOverdueItemsBeWorkedOff() public {
        for (uint64 i = 0; i < 7; i++) {
            depositSix(i + 1);
        }
        vm.warp(START + OVERDUE_AFTER);
        uint256[] memory one = _threeDeposits(1);
        refused(Rollup.QueueOverdue.selector, address(rollup), submission(runOf(one)));
        uint256[][] memory words = new uint256[][](2);
        words[0] = one;
        words[1] = _threeDeposits(2);
        accepted(address(rollup), submission(runOf(words)));
        require(rollup.state().consumed == 6);
    }

    function test_letsALongBacklogBeforeAnOverdueItemBeSubmitted() public {
        depositSix(5);
        vm.warp(START + OVERDUE_AFTER);
        uint64 longest = uint64(rollup.MAX_RUN());
        bytes memory data = submission(runOf(_emptyRun(longest - 1)));
        refused(Rollup.QueueOverdue.selector, address(rollup), data);
        data = submission(runOf(_emptyRun(longest + 1)));
        refused(Rollup.RunTooLong.selector, address(rollup), data);
        accepted(address(rollup), submission(runOf(_emptyRun(longest))));
    }

    function _emptyRun(uint64 size) private view returns (uint256[][] memory words) {
        words = new uint256[][](size);
        for (uint64 i = 0; i < size; i++) {
            words[i] = emptyWords(i + 1);
        }
    }

    function _threeDeposits(uint64 batchNo) private view returns (uint256[] memory words) {
        words = emptyWords(batchNo);
        for (uint64 i = 0; i < 3; i++) {
            putDeposit(words, i, 1, 3 * (batchNo - 1) + i + 1);
        }
    }

    function test_refusesSkippedAlteredOrInventedQueueItems() public {
        depositSix(5);
        depositSix(6);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 0, 1, 6);
        refused(Inbox.QueueOrder.selector, address(rollup), submission(runOf(words)));
        words = emptyWords(1);
        putDeposit(words, 0, 2, 5);
        refused(Inbox.QueueOrder.selector, address(rollup), submission(runOf(words)));
        words = emptyWords(1);
        putDeposit(words, 0, 1, 5);
        putDeposit(words, 1, 1, 6);
        putDeposit(words, 2, 1, 7);
        refused(Inbox.QueueOrder.selector, address(rollup), submission(runOf(words)));
        words[7] = words[8] = words[9] = 0;
        refused(Rollup.DepositCount.selector, address(rollup), submission(runOf(words)));
    }

    function test_creditsWithdrawalsAndSplitsFees() public {
        depositSix(1000);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 0, 1, 1000);
        putWithdrawal(words, 1, 1, 300, address(0xA));
        putFee(words, 1, 25);
        submit(words);
        require(bridge.backing(1) == 675);
        _expectOwed(address(0xA), 300);
        _expectOwed(TREASURY, 2);
        _expectOwed(address(this), 23);
    }

    function _expectOwed(address account, uint256 expected) private view {
        (uint128 amount,) = bridge.owed(1, account);
        require(amount == expected);
    }

    function test_paysOutNoMoreThanWasDeposited() public {
        depositSix(1000);
        depositSix(1);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 0, 1, 1000);
        putWithdrawal(words, 1, 1, 1001, address(0xA));
        bytes memory data = submission(runOf(words));
        refused(Bridge.VaultExceeded.selector, address(rollup), data);
    }

    function test_refusesTooFewAttestations() public {
        Run memory run = runOf(emptyWords(1));
        // Powers 10, 20, 30, 40: 60 of 100 are too few, 70 are enough.
        bytes memory data = abi.encodeCall(Rollup.submit, (run, attest(run, 7)));
        refused(Validators.NoQuorum.selector, address(rollup), data);
        data = abi.encodeCall(Rollup.submit, (run, attest(run, 12)));
        accepted(address(rollup), data);
    }

    function testFuzz_refusesAnyChangedWord(uint256 place, uint256 change) public {
        depositSix(1000);
        uint256[] memory words = emptyWords(1);
        putDeposit(words, 0, 1, 1000);
        putWithdrawal(words, 1, 1, 300, address(0xA));
        putFee(words, 1, 25);
        Run memory run = runOf(words);
        change = change % Bn254.R;
        vm.assume(change != 0);
        unchecked {
            run.batches[0].words[place % WORDS] += change;
        }
        // Even with a certificate over the changed words: the proof is for others.
        bytes memory data = submission(run);
        (bool success,) = address(rollup).call(data);
        require(!success);
    }

    function testFuzz_refusesAnyAlteredProof(uint256 which, uint256 place, uint256 word) public {
        uint256[][] memory words = new uint256[][](3);
        for (uint64 i = 0; i < 3; i++) {
            words[i] = emptyWords(i + 1);
        }
        Run memory run = runOf(words);
        Batch memory batch = run.batches[which % 3];
        vm.assume(batch.proof[place % 8] != word);
        batch.proof[place % 8] = word;
        refused(Bn254.InvalidProof.selector, address(rollup), submission(run));
    }

    function testFuzz_refusesProofsSwappedBetweenBatches(uint8 a, uint8 b) public {
        uint256[][] memory words = new uint256[][](4);
        for (uint64 i = 0; i < 4; i++) {
            words[i] = emptyWords(i + 1);
        }
        Run memory run = runOf(words);
        vm.assume(a % 4 != b % 4);
        (run.batches[a % 4].proof, run.batches[b % 4].proof) =
        (run.batches[b % 4].proof, run.batches[a % 4].proof);
        refused(Bn254.InvalidProof.selector, address(rollup), submission(run));
    }
}
