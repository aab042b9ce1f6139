// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Inbox} from "./Inbox.sol";
import {Validators} from "./Validators.sol";
import {BabyJubjub} from "./lib/BabyJubjub.sol";
import {Certificate} from "./Types.sol";

/// @title The vault of all stablecoins, in micro-units (6 decimals) towards the ledger
/// @notice Deposits count by what arrived. Withdrawals and fees are credited by the Rollup and paid by
/// pull. Whatever a proof says, no token pays out more than its consumed deposits: `backing`. A vault
/// never holds 2^64 micro-units, so that no balance of the ledger can overflow.
/// Nobody owns this contract: a token is added by a certificate of the validators.
contract Bridge is ReentrancyGuard {
    using SafeERC20 for IERC20;

    struct Token {
        IERC20 token;
        uint8 decimals;
    }

    /// @param held Deposits minus payments: what the vault has, in micro-units.
    /// @param backing Consumed deposits minus credits: what the ledger may still pay out.
    struct Vault {
        uint128 held;
        uint128 backing;
    }

    /// @dev `claims` tells a paid account from one that never had anything.
    struct Owed {
        uint128 amount;
        uint64 claims;
    }

    bytes32 public constant LISTING_TAG = keccak256("bitscale.token.v1");
    uint8 private constant MICRO_DECIMALS = 6;
    uint8 private constant MAX_DECIMALS = 30;

    address public immutable rollup;
    Inbox public immutable inbox;
    Validators public immutable validators;

    /// @notice Listed tokens have the ids 1 to tokenCount.
    uint16 public tokenCount;
    mapping(uint16 tokenId => Token) public tokens;
    mapping(address token => uint16 tokenId) public tokenIds;
    mapping(uint16 tokenId => Vault) public vaults;
    mapping(uint16 tokenId => mapping(address account => Owed)) public owed;

    event TokenListed(uint16 indexed tokenId, address indexed token, uint8 decimals);
    event Credited(uint16 indexed tokenId, address indexed account, uint256 micro);
    event Claimed(uint16 indexed tokenId, address indexed account, uint256 micro, uint256 paid);

    error OnlyRollup();
    error TokenNotAllowed(address token);
    error TokenAlreadyListed(address token);
    error TokenUnlisted(uint16 tokenId);
    error UnsupportedDecimals(uint8 decimals);
    error ZeroAmount();
    /// @notice The vault would hold 2^64 micro-units or more: a ledger balance could overflow.
    error VaultFull(uint16 tokenId, uint256 micro);
    error BadOwnerKey(uint256 ax, uint256 ay);
    error NothingToClaim();
    error AlreadyClaimed();
    /// @notice More would be credited than was ever deposited.
    error VaultExceeded(uint16 tokenId, uint256 backing, uint256 micro);

    modifier onlyRollup() {
        if (msg.sender != rollup) revert OnlyRollup();
        _;
    }

    constructor(
        Validators validators_,
        address[] memory initialTokens,
        uint64 dueAfter,
        uint64 overdueAfter
    ) {
        rollup = msg.sender;
        validators = validators_;
        inbox = new Inbox(dueAfter, overdueAfter);
        for (uint256 i = 0; i < initialTokens.length; i++) {
            _list(initialTokens[i]);
        }
    }

    /// @notice Lists a token under the next id, signed by > 2/3 of the validators.
    function listToken(address token, Certificate calldata certificate) external {
        validators.requireQuorum(listingDigest(token), certificate);
        _list(token);
    }

    /// @notice Pulls `amount` of a listed token and queues it for the ledger account of the key.
    /// @dev Only a multiple of a micro-unit is pulled; what arrives is what counts.
    function deposit(address token, uint256 amount, uint256 ax, uint256 ay)
        external
        nonReentrant
        returns (uint64 index)
    {
        uint16 tokenId = tokenIds[token];
        if (tokenId == 0) revert TokenNotAllowed(token);
        if (!BabyJubjub.isOnCurve(ax, ay) || BabyJubjub.isSmallOrder(ax, ay)) {
            revert BadOwnerKey(ax, ay);
        }
        uint8 decimals = tokens[tokenId].decimals;
        uint256 arrived = _pull(IERC20(token), _toRaw(_toMicro(amount, decimals), decimals));
        uint256 micro = _toMicro(arrived, decimals);
        if (micro == 0) revert ZeroAmount();
        uint256 held = vaults[tokenId].held + micro;
        if (held > type(uint64).max) revert VaultFull(tokenId, held);
        vaults[tokenId].held = uint128(held);
        return inbox.enqueue(tokenId, uint64(micro), ax, ay, msg.sender);
    }

    /// @notice Pays `account` all it is owed of a token; anyone may call.
    function claim(uint16 tokenId, address account) external nonReentrant returns (uint256 paid) {
        Token memory entry = tokens[tokenId];
        Owed memory debt = owed[tokenId][account];
        paid = _toRaw(debt.amount, entry.decimals);
        if (paid == 0) {
            if (debt.claims > 0) revert AlreadyClaimed();
            revert NothingToClaim();
        }
        uint256 micro = _toMicro(paid, entry.decimals);
        owed[tokenId][account] = Owed(uint128(debt.amount - micro), debt.claims + 1);
        vaults[tokenId].held -= uint128(micro);
        emit Claimed(tokenId, account, micro, paid);
        entry.token.safeTransfer(account, paid);
    }

    /// @notice A queued deposit entered the ledger: from now on it backs credits.
    function back(uint16 tokenId, uint64 micro) external onlyRollup {
        vaults[tokenId].backing += micro;
    }

    /// @notice Credits a proven withdrawal or fee.
    function credit(uint16 tokenId, address account, uint64 micro) external onlyRollup {
        if (tokenId == 0 || tokenId > tokenCount) revert TokenUnlisted(tokenId);
        uint128 available = vaults[tokenId].backing;
        if (micro > available) revert VaultExceeded(tokenId, available, micro);
        vaults[tokenId].backing = available - micro;
        owed[tokenId][account].amount += micro;
        emit Credited(tokenId, account, micro);
    }

    /// @notice Consumed deposits minus everything ever credited, in micro-units.
    function backing(uint16 tokenId) external view returns (uint256) {
        return vaults[tokenId].backing;
    }

    /// @notice What the validators sign to list a token next.
    function listingDigest(address token) public view returns (bytes32) {
        return
            keccak256(abi.encode(LISTING_TAG, block.chainid, address(this), tokenCount + 1, token));
    }

    function _list(address token) private {
        if (tokenIds[token] != 0) revert TokenAlreadyListed(token);
        uint8 decimals = IERC20Metadata(token).decimals();
        if (decimals > MAX_DECIMALS) revert UnsupportedDecimals(decimals);
        uint16 tokenId = ++tokenCount;
        tokens[tokenId] = Token(IERC20(token), decimals);
        tokenIds[token] = tokenId;
        emit TokenListed(tokenId, token, decimals);
    }

    function _pull(IERC20 token, uint256 raw) private returns (uint256 arrived) {
        if (raw == 0) revert ZeroAmount();
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), raw);
        arrived = token.balanceOf(address(this)) - before;
    }

    /// @dev Rounds down, so the vault never owes what it did not get.
    function _toMicro(uint256 raw, uint8 decimals) private pure returns (uint256) {
        if (decimals >= MICRO_DECIMALS) return raw / 10 ** (decimals - MICRO_DECIMALS);
        return raw * 10 ** (MICRO_DECIMALS - decimals);
    }

    /// @dev Rounds down; what is too small for the token stays owed.
    function _toRaw(uint256 micro, uint8 decimals) private pure returns (uint256) {
        if (decimals >= MICRO_DECIMALS) return micro * 10 ** (decimals - MICRO_DECIMALS);
        return micro / 10 ** (MICRO_DECIMALS - decimals);
    }
}
