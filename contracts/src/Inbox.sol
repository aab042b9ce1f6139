// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The queue from L1 to the ledger
/// @notice Items are consumed strictly in order. An item becomes *due* after a while (submissions are
/// welcome early for it) and later *overdue* (submissions that leave it behind are refused).
/// How many were consumed is the Rollup's to know: it moves only with a valid proof.
contract Inbox {
    struct Item {
        bytes32 digest;
        uint64 queuedAt;
    }

    /// @notice The Bridge, the only source of items.
    address public immutable bridge;
    /// @notice Seconds from queueing to due, and to overdue.
    uint64 public immutable dueAfter;
    uint64 public immutable overdueAfter;

    /// @notice Number of items ever queued; the next index.
    uint64 public length;
    mapping(uint64 index => Item) private _items;

    event DepositQueued(
        uint64 indexed index,
        uint16 indexed tokenId,
        uint64 amount,
        uint256 ax,
        uint256 ay,
        address from,
        uint64 overdueAt
    );

    error OnlyBridge();
    error BadDeadlines();
    error QueueOrder(uint64 index);

    constructor(uint64 dueAfter_, uint64 overdueAfter_) {
        if (overdueAfter_ == 0 || dueAfter_ > overdueAfter_) revert BadDeadlines();
        bridge = msg.sender;
        dueAfter = dueAfter_;
        overdueAfter = overdueAfter_;
    }

    /// @notice Queues a deposit that the Bridge already holds.
    function enqueue(uint16 tokenId, uint64 amount, uint256 ax, uint256 ay, address from)
        external
        returns (uint64 index)
    {
        if (msg.sender != bridge) revert OnlyBridge();
        index = length++;
        uint64 now_ = uint64(block.timestamp);
        _items[index] = Item(itemDigest(index, tokenId, amount, ax, ay), now_);
        emit DepositQueued(index, tokenId, amount, ax, ay, from, now_ + overdueAfter);
    }

    /// @notice Reverts unless item `index` is exactly this deposit.
    function check(uint64 index, uint16 tokenId, uint64 amount, uint256 ax, uint256 ay)
        external
        view
    {
        bytes32 digest = itemDigest(index, tokenId, amount, ax, ay);
        if (_items[index].digest != digest) revert QueueOrder(index);
    }

    /// @notice Is item `index` waiting for so long that a submission is welcome for its sake?
    function isDue(uint64 index) external view returns (bool) {
        return index < length && block.timestamp >= _items[index].queuedAt + dueAfter;
    }

    /// @notice Has item `index` waited so long that it may not be left behind any more?
    function isOverdue(uint64 index) external view returns (bool) {
        return index < length && block.timestamp >= _items[index].queuedAt + overdueAfter;
    }

    function itemAt(uint64 index) external view returns (Item memory) {
        return _items[index];
    }

    function itemDigest(uint64 index, uint16 tokenId, uint64 amount, uint256 ax, uint256 ay)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(index, tokenId, amount, ax, ay));
    }
}
