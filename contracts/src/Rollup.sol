// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "./Bridge.sol";
import {Inbox} from "./Inbox.sol";
import {Validators} from "./Validators.sol";
import {KeySource} from "./VerifierRegistry.sol";
import {BatchWords} from "./lib/BatchWords.sol";
import {Bn254} from "./lib/Bn254.sol";
import {Groth16Run} from "./lib/Groth16Run.sol";
import {VerifyingKey} from "./lib/VerifyingKey.sol";
import {Batch, Certificate, Run} from "./Types.sol";

/// @title The proven state of the ledger
/// @notice Moves only by `submit`: consecutive batches, each with a Groth16 proof from the current
/// root to a new one, all verified in one pairing call, and a certificate of > 2/3 of the validators
/// over the rolling hash of the batch headers. There is no owner and no way to set a root.
contract Rollup {
    using BatchWords for uint256[];
    using Groth16Run for Groth16Run.Fold;

    /// @param chainId Chain id of the ledger's chain; part of the domain every intent is signed for.
    /// @param genesisRoot Root of the ledger before batch 1.
    /// @param treasury Receives `treasuryBps` / 10,000 of the fees; provers get the rest.
    /// @param minBlocksBetween L1 blocks between submissions, unless a queue item is due.
    /// @param dueAfter Seconds until a queue item is due.
    /// @param overdueAfter Seconds until a queue item may not be left behind.
    struct Params {
        string chainId;
        uint256 genesisRoot;
        address treasury;
        uint16 treasuryBps;
        uint32 minBlocksBetween;
        uint64 dueAfter;
        uint64 overdueAfter;
    }

    /// @notice Where the proven history ends.
    struct Tip {
        uint256 root;
        bytes32 rolling;
        uint64 batchCount;
        uint64 consumed;
        uint64 submittedAt;
        uint40 time;
    }

    /// @notice Most batches of a run. A run this long may leave an overdue item behind: the batch that
    /// consumes it can come after a backlog that one run does not hold.
    uint256 public constant MAX_RUN = 64;
    /// @notice After an outage more items can be overdue than one run holds: a run may leave an
    /// overdue item behind if it consumed at least this many.
    uint256 public constant CATCH_UP = 4;
    /// @notice One L1 slot: how far a batch time may be ahead of the L1 block's.
    uint256 public constant MAX_CLOCK_DRIFT = 12;
    uint256 private constant BPS = 10_000;

    Validators public immutable validators;
    KeySource public immutable keys;
    Bridge public immutable bridge;
    Inbox public immutable inbox;
    /// @notice What intents are signed for, as a field element: chain id, L1 chain and this contract.
    uint256 public immutable domain;
    address public immutable treasury;
    uint256 public immutable treasuryBps;
    uint256 public immutable minBlocksBetween;

    Tip private _tip;

    event BatchProven(
        uint64 indexed batchNo,
        uint256 newRoot,
        uint256 commitment,
        bytes32 rolling,
        uint64 consumed,
        uint40 time
    );
    event RunAccepted(address indexed prover, uint64 first, uint64 last, uint32 keyVersion);

    error BadParams();
    error ProverMismatch(address prover);
    error EmptyRun();
    error RunTooLong(uint256 batches);
    error StaleRoot(uint256 current, uint256 claimed);
    error ZeroRoot();
    error BatchNumber(uint64 expected, uint64 actual);
    error BatchTime(uint40 time);
    error DepositCount(uint16 expected, uint256 actual);
    error QueueOverdue(uint64 index);
    error TooEarly(uint256 nextBlock);

    constructor(
        Params memory params,
        Validators validators_,
        KeySource keys_,
        address[] memory tokens
    ) {
        BatchWords.requireScalar(params.genesisRoot);
        if (params.genesisRoot == 0) revert ZeroRoot();
        if (params.treasury == address(0) || params.treasuryBps > BPS) revert BadParams();
        validators = validators_;
        keys = keys_;
        bridge = new Bridge(validators_, tokens, params.dueAfter, params.overdueAfter);
        inbox = bridge.inbox();
        treasury = params.treasury;
        treasuryBps = params.treasuryBps;
        minBlocksBetween = params.minBlocksBetween;
        _tip.root = params.genesisRoot;
        domain = uint256(
            keccak256(
                abi.encodePacked("bitscale.ledger.v1", params.chainId, block.chainid, address(this))
            )
        ) >> 8;
    }

    /// @notice Verifies a run of batches and settles it: all or nothing.
    function submit(Run calldata run, Certificate calldata certificate) external {
        Tip memory tip = _tip;
        _checkRun(run, tip);
        uint256[] memory key = keys.key(run.keyVersion);
        uint64 first = tip.batchCount + 1;
        uint64 consumedBefore = tip.consumed;
        uint64[] memory fees = new uint64[](uint256(bridge.tokenCount()) + 1);
        Groth16Run.Fold memory fold = Groth16Run.open(run.batches.length, _seed(tip));
        for (uint256 i = 0; i < run.batches.length; i++) {
            _checkWords(tip, run.batches[i].words, key, fees);
            _addBatch(tip, fold, run.batches[i]);
        }
        if (run.batches.length < MAX_RUN) _checkQueue(tip.consumed, consumedBefore);
        validators.requireQuorum(attestationDigest(tip.batchCount, tip.rolling), certificate);
        fold.verify(key);

        tip.submittedAt = uint64(block.number);
        _tip = tip;
        _settle(run.batches, key[VerifyingKey.SLOTS], fees);
        emit RunAccepted(msg.sender, first, tip.batchCount, run.keyVersion);
    }

    /// @notice The end of the proven history.
    function state() external view returns (Tip memory) {
        return _tip;
    }

    /// @notice The first L1 block in which a submission is welcome.
    function nextSubmissionBlock() public view returns (uint256) {
        if (_tip.batchCount == 0 || inbox.isDue(_tip.consumed)) return block.number;
        return _tip.submittedAt + minBlocksBetween;
    }

    /// @notice What validators sign for the history up to a batch.
    function attestationDigest(uint64 batchNo, bytes32 rolling) public view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("bitscale.attest.v1"), block.chainid, address(this), batchNo, rolling
            )
        );
    }

    function _checkRun(Run calldata run, Tip memory tip) private view {
        if (run.prover != msg.sender) revert ProverMismatch(run.prover);
        if (run.batches.length == 0) revert EmptyRun();
        if (run.batches.length > MAX_RUN) revert RunTooLong(run.batches.length);
        if (run.oldRoot != tip.root) revert StaleRoot(tip.root, run.oldRoot);
        uint256 next = nextSubmissionBlock();
        if (block.number < next) revert TooEarly(next);
    }

    /// @dev Seed of the random linear combination: all that the sender chose, and the state it meets.
    function _seed(Tip memory tip) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(keccak256(msg.data), block.chainid, address(this), msg.sender, tip)
            );
    }

    /// @dev Folds in the proof from the tip's root to the batch's, and moves the tip (in memory).
    function _addBatch(Tip memory tip, Groth16Run.Fold memory fold, Batch calldata batch) private {
        BatchWords.requireScalar(batch.newRoot);
        BatchWords.requireScalar(batch.commitment);
        if (batch.newRoot == 0) revert ZeroRoot();
        fold.add(batch.proof, _publicInputs(tip, batch));
        tip.root = batch.newRoot;
        emit BatchProven(
            tip.batchCount, batch.newRoot, batch.commitment, tip.rolling, tip.consumed, tip.time
        );
    }

    /// @dev Header, deposits against the queue, ranges of every word; adds up the fees.
    function _checkWords(
        Tip memory tip,
        uint256[] calldata words,
        uint256[] memory key,
        uint64[] memory fees
    ) private view {
        uint256 slots = key[VerifyingKey.SLOTS];
        words.checkCount(slots, key[VerifyingKey.FEE_TOKENS]);
        BatchWords.Header memory header = words.header();
        if (header.batchNo != tip.batchCount + 1) {
            revert BatchNumber(tip.batchCount + 1, header.batchNo);
        }
        if (header.time < tip.time || header.time > block.timestamp + MAX_CLOCK_DRIFT) {
            revert BatchTime(header.time);
        }
        uint256 deposits = _checkSlots(tip, words, slots);
        if (deposits != header.depositCount) revert DepositCount(header.depositCount, deposits);
        words.sumFees(1 + BatchWords.WORDS_PER_SLOT * slots, fees);
        tip.batchCount = header.batchNo;
        tip.time = header.time;
    }

    function _checkSlots(Tip memory tip, uint256[] calldata words, uint256 slots)
        private
        view
        returns (uint256 deposits)
    {
        for (uint256 i = 0; i < slots; i++) {
            if (words.isUnused(i)) continue;
            BatchWords.Slot memory slot = words.slot(i);
            if (slot.kind != BatchWords.KIND_DEPOSIT) continue;
            inbox.check(tip.consumed++, slot.tokenId, slot.amount, slot.ax, slot.ay);
            deposits++;
        }
    }

    /// @dev Extends the rolling hash, draws z, and evaluates the words at it.
    /// z = keccak(tag, chain, this, prover, statement) and rolling = keccak(rolling, statement).
    function _publicInputs(Tip memory tip, Batch calldata batch)
        private
        view
        returns (uint256[6] memory)
    {
        (uint256 newRoot, uint256 commitment) = (batch.newRoot, batch.commitment);
        uint256[9] memory context = [
            uint256(BatchWords.BATCH_TAG),
            block.chainid,
            uint160(address(this)),
            uint160(msg.sender),
            tip.batchCount,
            tip.root,
            newRoot,
            commitment,
            uint256(batch.words.hash())
        ];
        uint256 z;
        bytes32 rolling = tip.rolling;
        assembly ("memory-safe") {
            z := keccak256(context, 0x120)
            mstore(add(context, 0x60), rolling)
            rolling := keccak256(add(context, 0x60), 0xc0)
        }
        tip.rolling = rolling;
        z %= Bn254.R;
        return [domain, tip.root, newRoot, commitment, z, batch.words.evaluate(z)];
    }

    function _checkQueue(uint64 consumed, uint64 consumedBefore) private view {
        if (consumed - consumedBefore >= CATCH_UP) return;
        if (inbox.isOverdue(consumed)) revert QueueOverdue(consumed);
    }

    /// @dev Credits what the proven words say; every payment is pulled from the Bridge later.
    function _settle(Batch[] calldata batches, uint256 slots, uint64[] memory fees) private {
        for (uint256 i = 0; i < batches.length; i++) {
            _settleSlots(batches[i].words, slots);
        }
        for (uint16 tokenId = 1; tokenId < fees.length; tokenId++) {
            uint64 share = uint64(uint256(fees[tokenId]) * treasuryBps / BPS);
            if (share > 0) bridge.credit(tokenId, treasury, share);
            uint64 rest = fees[tokenId] - share;
            if (rest > 0) bridge.credit(tokenId, msg.sender, rest);
        }
    }

    function _settleSlots(uint256[] calldata words, uint256 slots) private {
        for (uint256 i = 0; i < slots; i++) {
            if (words.isUnused(i)) continue;
            BatchWords.Slot memory slot = words.slot(i);
            if (slot.kind == BatchWords.KIND_DEPOSIT) bridge.back(slot.tokenId, slot.amount);
            else bridge.credit(slot.tokenId, slot.recipient, slot.amount);
        }
    }
}
