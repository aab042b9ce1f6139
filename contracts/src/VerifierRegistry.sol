// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Validators} from "./Validators.sol";
import {VerifyingKey} from "./lib/VerifyingKey.sol";
import {Certificate} from "./Types.sol";

/// @notice Where a verifier gets its key: one function, so that another registry can stand in.
interface KeySource {
    /// @notice The words of an active verifying key (see VerifyingKey); reverts otherwise.
    function key(uint32 version) external view returns (uint256[] memory);
}

/// @title Verifying keys by circuit version
/// @notice Each key is the code of a contract of its own (one cold account instead of thirty cold
/// slots) and its hash is pinned. A new key needs a certificate of the validators and a delay, in
/// which everybody can leave; the key before it retires one more delay later.
contract VerifierRegistry is KeySource {
    struct Entry {
        address pointer;
        bytes32 keyHash;
        uint64 activeFrom;
        uint64 retiredFrom;
    }

    bytes32 public constant KEY_TAG = keccak256("bitscale.key.v1");
    /// @dev Returns all of the init code behind these 11 bytes; the STOP byte makes it inert.
    bytes private constant POINTER_PREFIX = hex"600B5981380380925939F300";
    uint64 private constant NEVER = type(uint64).max;

    Validators public immutable validators;
    /// @notice Seconds between the announcement of a key and its first use.
    uint64 public immutable timelock;
    /// @notice Versions are 1 to versionCount.
    uint32 public versionCount;
    mapping(uint32 version => Entry) public entries;

    event KeyAnnounced(uint32 indexed version, bytes32 keyHash, address pointer, uint64 activeFrom);

    error UnknownKey(uint32 version);
    /// @notice The key may be used only later.
    error Timelock(uint64 activeFrom);
    error KeyRetired(uint64 retiredFrom);
    error NoCode(address pointer);
    error KeyHashMismatch(bytes32 expected, bytes32 actual);

    constructor(Validators validators_, uint64 timelock_, uint256[] memory firstKey) {
        validators = validators_;
        timelock = timelock_;
        _announce(firstKey, uint64(block.timestamp));
    }

    /// @notice Announces the key of the next version, signed by > 2/3 of the validators.
    function announce(uint256[] calldata nextKey, Certificate calldata certificate) external {
        validators.requireQuorum(announceDigest(nextKey), certificate);
        uint64 activeFrom = uint64(block.timestamp) + timelock;
        entries[versionCount].retiredFrom = activeFrom + timelock;
        _announce(nextKey, activeFrom);
    }

    /// @inheritdoc KeySource
    function key(uint32 version) external view returns (uint256[] memory words) {
        Entry memory entry = entries[version];
        if (entry.activeFrom == 0) revert UnknownKey(version);
        if (block.timestamp < entry.activeFrom) revert Timelock(entry.activeFrom);
        if (block.timestamp >= entry.retiredFrom) revert KeyRetired(entry.retiredFrom);
        words = _read(entry.pointer);
        bytes32 actual = keyHash(words);
        if (actual != entry.keyHash) revert KeyHashMismatch(entry.keyHash, actual);
    }

    /// @notice What the validators sign to announce a key.
    function announceDigest(uint256[] calldata nextKey) public view returns (bytes32) {
        return keccak256(
            abi.encode(KEY_TAG, block.chainid, address(this), versionCount + 1, keyHash(nextKey))
        );
    }

    /// @notice keccak256 of the words of a key, 32 bytes each.
    function keyHash(uint256[] memory words) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(words));
    }

    function _announce(uint256[] memory words, uint64 activeFrom) private {
        VerifyingKey.check(words);
        uint32 version = ++versionCount;
        address pointer = _write(words);
        bytes32 hash = keyHash(words);
        entries[version] = Entry(pointer, hash, activeFrom, NEVER);
        emit KeyAnnounced(version, hash, pointer, activeFrom);
    }

    function _write(uint256[] memory words) private returns (address pointer) {
        bytes memory code = abi.encodePacked(POINTER_PREFIX, words);
        assembly ("memory-safe") {
            pointer := create(0, add(code, 0x20), mload(code))
        }
        if (pointer.code.length == 0) revert NoCode(pointer);
    }

    function _read(address pointer) private view returns (uint256[] memory words) {
        if (pointer.code.length != 1 + 32 * VerifyingKey.WORDS) revert NoCode(pointer);
        words = new uint256[](VerifyingKey.WORDS);
        assembly ("memory-safe") {
            extcodecopy(pointer, add(words, 0x20), 1, mul(mload(words), 0x20))
        }
    }
}
