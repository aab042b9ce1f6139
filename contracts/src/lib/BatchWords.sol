// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bn254} from "./Bn254.sol";
import {Layout} from "../Layout.sol";

/// @title Reading a batch's public words, and what binds them to its proof
/// @notice Words: header | slots x (public word, owner ax, owner ay) | fee words. The circuit computes
/// y = sum words[k] z^k; the contract does the same here from what it reads, with z drawn by keccak
/// from all that was fixed before, so the proof holds for exactly these words and this prover.
library BatchWords {
    bytes32 internal constant BATCH_TAG = keccak256("bitscale.batch.v1");

    uint256 internal constant KIND_DEPOSIT = 1;
    uint256 internal constant KIND_WITHDRAWAL = 2;
    uint256 internal constant WORDS_PER_SLOT = 3;

    /// @notice A packed word has bits above its fields.
    error WordOutOfRange(uint256 index);
    /// @notice A scalar is not below the order of the group.
    error FieldOverflow(uint256 value);
    error WordCount(uint256 expected, uint256 actual);
    /// @notice The public words of a slot contradict each other.
    error BadSlot(uint256 slot);
    /// @notice Fee words are not strictly increasing by token.
    error FeeOrder(uint256 tokenId);
    /// @notice Fees in a token that is not listed.
    error UnknownFeeToken(uint256 tokenId);

    struct Header {
        uint64 batchNo;
        uint40 time;
        uint16 depositCount;
    }

    struct Slot {
        uint256 kind;
        uint16 tokenId;
        uint64 amount;
        address recipient;
        uint256 ax;
        uint256 ay;
    }

    /// @notice The number of words must be the one of the circuit: trailing zeros do not change y.
    function checkCount(uint256[] calldata words, uint256 slots, uint256 feeTokens) internal pure {
        uint256 expected = 1 + WORDS_PER_SLOT * slots + feeTokens;
        if (words.length != expected) revert WordCount(expected, words.length);
    }

    function header(uint256[] calldata words) internal pure returns (Header memory result) {
        uint256 word = words[0];
        if (word >> Layout.HEADER_BITS != 0) revert WordOutOfRange(0);
        result.batchNo = uint64(word >> Layout.HEADER_BATCH_NO_SHIFT & Layout.HEADER_BATCH_NO_MASK);
        result.time = uint40(word >> Layout.HEADER_TIME_SHIFT & Layout.HEADER_TIME_MASK);
        result.depositCount =
            uint16(word >> Layout.HEADER_DEPOSIT_COUNT_SHIFT & Layout.HEADER_DEPOSIT_COUNT_MASK);
    }

    /// @notice Are all words of slot `i` zero? So they are when L1 need not see its operation.
    function isUnused(uint256[] calldata words, uint256 i) internal pure returns (bool) {
        uint256 place = 1 + WORDS_PER_SLOT * i;
        return words[place] | words[place + 1] | words[place + 2] == 0;
    }

    /// @notice Slot `i`, a used one, with all its words in range; only deposits name an owner key.
    function slot(uint256[] calldata words, uint256 i) internal pure returns (Slot memory result) {
        uint256 place = 1 + WORDS_PER_SLOT * i;
        uint256 word = words[place];
        result.ax = words[place + 1];
        result.ay = words[place + 2];
        if (word >> Layout.PUBLIC_BITS != 0) revert WordOutOfRange(place);
        requireScalar(result.ax);
        requireScalar(result.ay);
        result.kind = word >> Layout.PUBLIC_KIND_SHIFT & Layout.PUBLIC_KIND_MASK;
        result.tokenId = uint16(word >> Layout.PUBLIC_TOKEN_SHIFT & Layout.PUBLIC_TOKEN_MASK);
        result.amount = uint64(word >> Layout.PUBLIC_AMOUNT_SHIFT & Layout.PUBLIC_AMOUNT_MASK);
        result.recipient = address(uint160(word >> Layout.PUBLIC_RECIPIENT_SHIFT));
        if (result.kind == KIND_DEPOSIT) {
            if (result.recipient != address(0)) revert BadSlot(i);
        } else if (result.kind != KIND_WITHDRAWAL || result.ax | result.ay != 0) {
            revert BadSlot(i);
        }
    }

    /// @notice Adds the fees of a batch to the totals by token id.
    /// @dev Strictly increasing: a token listed twice could have its fees counted twice.
    function sumFees(uint256[] calldata words, uint256 first, uint64[] memory totals)
        internal
        pure
    {
        uint256 least = 0;
        for (uint256 i = first; i < words.length; i++) {
            uint256 word = words[i];
            if (word >> Layout.FEE_BITS != 0) revert WordOutOfRange(i);
            uint256 tokenId = word >> Layout.FEE_TOKEN_SHIFT & Layout.FEE_TOKEN_MASK;
            uint256 total = word >> Layout.FEE_TOTAL_SHIFT & Layout.FEE_TOTAL_MASK;
            if (tokenId < least) revert FeeOrder(tokenId);
            least = tokenId + 1;
            if (total == 0) continue;
            if (tokenId == 0 || tokenId >= totals.length) revert UnknownFeeToken(tokenId);
            totals[tokenId] += uint64(total);
        }
    }

    function requireScalar(uint256 value) internal pure {
        if (value >= Bn254.R) revert FieldOverflow(value);
    }

    /// @notice keccak256 of the words, 32 bytes each.
    function hash(uint256[] calldata words) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            let size := mul(words.length, 0x20)
            calldatacopy(buffer, words.offset, size)
            result := keccak256(buffer, size)
        }
    }

    /// @notice y = sum words[k] z^k mod R
    function evaluate(uint256[] calldata words, uint256 z) internal pure returns (uint256 y) {
        uint256 r = Bn254.R;
        assembly ("memory-safe") {
            let place := add(words.offset, mul(words.length, 0x20))
            for {} gt(place, words.offset) {} {
                place := sub(place, 0x20)
                y := addmod(mulmod(y, z, r), calldataload(place), r)
            }
        }
    }
}
