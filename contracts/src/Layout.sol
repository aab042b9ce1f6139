// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Bit positions of the packed public words, first field lowest
/// @dev Generated from circuits/layout.json by contracts/tools/layout.ts. Do not edit.
library Layout {
    // headerWord
    uint256 internal constant HEADER_BATCH_NO_SHIFT = 0;
    uint256 internal constant HEADER_BATCH_NO_MASK = (1 << 64) - 1;
    uint256 internal constant HEADER_TIME_SHIFT = 64;
    uint256 internal constant HEADER_TIME_MASK = (1 << 40) - 1;
    uint256 internal constant HEADER_DEPOSIT_COUNT_SHIFT = 104;
    uint256 internal constant HEADER_DEPOSIT_COUNT_MASK = (1 << 16) - 1;
    uint256 internal constant HEADER_BITS = 120;
    // feeWord
    uint256 internal constant FEE_TOTAL_SHIFT = 0;
    uint256 internal constant FEE_TOTAL_MASK = (1 << 64) - 1;
    uint256 internal constant FEE_TOKEN_SHIFT = 64;
    uint256 internal constant FEE_TOKEN_MASK = (1 << 16) - 1;
    uint256 internal constant FEE_BITS = 80;
    // publicWord
    uint256 internal constant PUBLIC_KIND_SHIFT = 0;
    uint256 internal constant PUBLIC_KIND_MASK = (1 << 4) - 1;
    uint256 internal constant PUBLIC_TOKEN_SHIFT = 4;
    uint256 internal constant PUBLIC_TOKEN_MASK = (1 << 16) - 1;
    uint256 internal constant PUBLIC_AMOUNT_SHIFT = 20;
    uint256 internal constant PUBLIC_AMOUNT_MASK = (1 << 64) - 1;
    uint256 internal constant PUBLIC_RECIPIENT_SHIFT = 84;
    uint256 internal constant PUBLIC_RECIPIENT_MASK = (1 << 160) - 1;
    uint256 internal constant PUBLIC_BITS = 244;
}
