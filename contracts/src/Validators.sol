// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Member, Seal} from "./Types.sol";

/// @title The validators' attestation keys, weighted by stake
/// @notice Only a hash of the set is stored; the list travels in calldata. The set is replaced by a
/// certificate of the old one. Keys are secp256k1, signatures low-S, signers in list order.
contract Validators {
    bytes32 public constant SET_TAG = keccak256("bitscale.valset.v1");
    bytes32 public constant ATTEST_TAG = keccak256("bitscale.attest.v1");
    uint256 public constant MAX_MEMBERS = 256;

    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Hash of the current set, and how many sets there were before it.
    bytes32 public setHash;
    uint64 public setNo;
    /// @notice Keys proven to have signed two histories.
    mapping(address key => bool) public equivocated;

    event ValidatorSetUpdated(uint64 indexed setNo, bytes32 setHash, Member[] members);
    event Equivocation(
        address indexed key, address indexed rollup, uint64 indexed batchNo, bytes32 a, bytes32 b
    );

    error UnknownValidatorSet(bytes32 expected, bytes32 actual);
    error BadValidatorSet();
    error NoQuorum(uint256 signed, uint256 total);
    error DuplicateSigner(uint256 index);
    error SignerOrder(uint256 index);
    error WrongSigner(uint256 index);
    error BadSignature();
    error NotEquivocation();

    constructor(Member[] memory members) {
        _store(0, members);
    }

    /// @notice Reverts unless > 2/3 of the power of the current set signed the digest.
    function requireQuorum(bytes32 digest, Certificate calldata certificate) public view {
        Member[] calldata members = certificate.members;
        bytes32 actual = hashOf(setNo, members);
        if (actual != setHash) revert UnknownValidatorSet(setHash, actual);
        uint256 total = 0;
        for (uint256 i = 0; i < members.length; i++) {
            total += members[i].power;
        }
        uint256 signed = _signedPower(digest, members, certificate.seals);
        if (signed * 3 <= total * 2) revert NoQuorum(signed, total);
    }

    /// @notice Replaces the set by one that > 2/3 of the old set signed.
    function updateSet(Member[] calldata next, Certificate calldata certificate) external {
        requireQuorum(updateDigest(next), certificate);
        _store(setNo + 1, next);
    }

    /// @notice Proves that one key attested to two different rolling hashes for one batch number.
    function reportEquivocation(
        address rollup,
        uint64 batchNo,
        bytes32[2] calldata rolling,
        Seal[2] calldata seals
    ) external returns (address key) {
        if (rolling[0] == rolling[1]) revert NotEquivocation();
        key = _recover(attestationDigest(rollup, batchNo, rolling[0]), seals[0]);
        address other = _recover(attestationDigest(rollup, batchNo, rolling[1]), seals[1]);
        if (key != other) revert NotEquivocation();
        equivocated[key] = true;
        emit Equivocation(key, rollup, batchNo, rolling[0], rolling[1]);
    }

    /// @notice What validators sign for the batches of a rollup up to `batchNo`.
    function attestationDigest(address rollup, uint64 batchNo, bytes32 rolling)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(ATTEST_TAG, block.chainid, rollup, batchNo, rolling));
    }

    /// @notice What the current set signs to hand over to the next.
    function updateDigest(Member[] calldata next) public view returns (bytes32) {
        bytes32 content = keccak256(abi.encode(next));
        return keccak256(abi.encode(SET_TAG, block.chainid, address(this), setNo + 1, content));
    }

    /// @notice The stored hash of a set.
    function hashOf(uint64 number, Member[] memory members) public pure returns (bytes32) {
        return keccak256(abi.encode(number, members));
    }

    /// @dev Keys strictly increasing, so none counts twice.
    function _store(uint64 number, Member[] memory members) private {
        if (members.length == 0 || members.length > MAX_MEMBERS) revert BadValidatorSet();
        address last = address(0);
        for (uint256 i = 0; i < members.length; i++) {
            if (members[i].key <= last || members[i].power == 0) revert BadValidatorSet();
            last = members[i].key;
        }
        setNo = number;
        setHash = hashOf(number, members);
        emit ValidatorSetUpdated(number, setHash, members);
    }

    function _signedPower(bytes32 digest, Member[] calldata members, Seal[] calldata seals)
        private
        pure
        returns (uint256 signed)
    {
        uint256 next = 0;
        for (uint256 i = 0; i < seals.length; i++) {
            uint256 index = seals[i].index;
            if (index + 1 == next) revert DuplicateSigner(index);
            if (index < next) revert SignerOrder(index);
            if (index >= members.length) revert WrongSigner(index);
            if (_recover(digest, seals[i]) != members[index].key) revert WrongSigner(index);
            signed += members[index].power;
            next = index + 1;
        }
    }

    function _recover(bytes32 digest, Seal calldata seal) private pure returns (address key) {
        if (uint256(seal.s) > HALF_ORDER) revert BadSignature();
        key = ecrecover(digest, seal.v, seal.r, seal.s);
        if (key == address(0)) revert BadSignature();
    }
}
