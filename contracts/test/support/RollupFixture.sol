// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "../../src/Bridge.sol";
import {Inbox} from "../../src/Inbox.sol";
import {Rollup} from "../../src/Rollup.sol";
import {TestToken} from "../../src/TestToken.sol";
import {Batch, Certificate, Member, Run, Seal} from "../../src/Types.sol";
import {Validators} from "../../src/Validators.sol";
import {VerifierRegistry} from "../../src/VerifierRegistry.sol";
import {Bn254} from "../../src/lib/Bn254.sol";
import {Cheats} from "./Cheats.sol";
import {KnownKey} from "./KnownKey.sol";

/// @title All contracts deployed, four validators, and runs with valid proofs and certificates
abstract contract RollupFixture is Cheats {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant WORDS = 1 + 3 * KnownKey.SLOTS + KnownKey.FEE_TOKENS;
    uint64 internal constant DUE_AFTER = 100;
    uint64 internal constant OVERDUE_AFTER = 1000;
    uint32 internal constant CADENCE = 5;
    uint256 internal constant AX =
        5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 internal constant AY =
        16950150798460657717958625567821834550301663161624707787222815936182638968203;
    address internal constant TREASURY = address(0x7EA);

    Validators internal validators;
    VerifierRegistry internal registry;
    Rollup internal rollup;
    Bridge internal bridge;
    Inbox internal inbox;
    TestToken internal six;
    TestToken internal eighteen;
    uint256[] internal signerKeys;
    Member[] internal members;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1000);
        _makeMembers();
        validators = new Validators(members);
        registry = new VerifierRegistry(validators, 1 days, KnownKey.words());
        six = new TestToken("Six", "SIX", 6);
        eighteen = new TestToken("Eighteen", "EIGHT", 18);
        rollup = new Rollup(_params(), validators, registry, _tokens());
        bridge = rollup.bridge();
        inbox = rollup.inbox();
    }

    function _tokens() internal virtual returns (address[] memory tokens) {
        tokens = new address[](2);
        tokens[0] = address(six);
        tokens[1] = address(eighteen);
    }

    function _params() internal pure returns (Rollup.Params memory) {
        return Rollup.Params("test-1", 77, TREASURY, 1000, CADENCE, DUE_AFTER, OVERDUE_AFTER);
    }

    /// @dev Powers 10, 20, 30, 40 in the order of the addresses.
    function _makeMembers() private {
        uint256[4] memory keys = [uint256(11), 22, 33, 44];
        for (uint256 i = 0; i < 4; i++) {
            for (uint256 j = i + 1; j < 4; j++) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
            signerKeys.push(keys[i]);
            members.push(Member(vm.addr(keys[i]), uint64(10 * (i + 1))));
        }
    }

    /// @notice A certificate of the members whose bit is set in `mask`.
    function certificate(bytes32 digest, uint256 mask) internal view returns (Certificate memory) {
        uint256 count = 0;
        for (uint256 i = 0; i < 4; i++) {
            count += mask >> i & 1;
        }
        Seal[] memory seals = new Seal[](count);
        uint256 place = 0;
        for (uint16 i = 0; i < 4; i++) {
            if (mask >> i & 1 == 1) seals[place++] = seal(i, digest);
        }
        return Certificate(members, seals);
    }

    function seal(uint16 index, bytes32 digest) internal view returns (Seal memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKeys[index], digest);
        return Seal(index, v, r, s);
    }

    /// @notice Public words of an empty batch: fee rows for the tokens 1 to 4, all zero.
    function emptyWords(uint64 batchNo) internal view returns (uint256[] memory words) {
        words = new uint256[](WORDS);
        words[0] = uint256(batchNo) | block.timestamp << 64;
        for (uint256 t = 0; t < KnownKey.FEE_TOKENS; t++) {
            words[1 + 3 * KnownKey.SLOTS + t] = (t + 1) << 64;
        }
    }

    function putDeposit(uint256[] memory words, uint256 slot, uint16 token, uint64 amount)
        internal
        pure
    {
        words[1 + 3 * slot] = 1 | uint256(token) << 4 | uint256(amount) << 20;
        words[2 + 3 * slot] = AX;
        words[3 + 3 * slot] = AY;
        words[0] += 1 << 104;
    }

    function putWithdrawal(
        uint256[] memory words,
        uint256 slot,
        uint16 token,
        uint64 amount,
        address to
    ) internal pure {
        words[1 + 3 * slot] = 2 | uint256(token) << 4 | uint256(amount) << 20 | uint256(uint160(to))
            << 84;
    }

    function putFee(uint256[] memory words, uint16 token, uint64 total) internal pure {
        words[3 * KnownKey.SLOTS + token] = uint256(token) << 64 | total;
    }

    /// @notice A run of batches with these words, proven by this contract.
    function runOf(uint256[][] memory words) internal view returns (Run memory run) {
        Rollup.Tip memory tip = rollup.state();
        run.prover = address(this);
        run.keyVersion = 1;
        run.oldRoot = tip.root;
        run.batches = new Batch[](words.length);
        for (uint256 i = 0; i < words.length; i++) {
            run.batches[i].newRoot = tip.root + 1 + i;
            run.batches[i].commitment = uint256(keccak256(abi.encode(i))) >> 8;
            run.batches[i].words = words[i];
        }
        proveAll(run, address(this));
    }

    function runOf(uint256[] memory words) internal view returns (Run memory) {
        uint256[][] memory list = new uint256[][](1);
        list[0] = words;
        return runOf(list);
    }

    /// @notice (Re)makes the proofs for what the batches say now, as this prover.
    function proveAll(Run memory run, address prover) internal view {
        uint256 root = run.oldRoot;
        for (uint256 i = 0; i < run.batches.length; i++) {
            Batch memory batch = run.batches[i];
            batch.proof = KnownKey.prove(inputsOf(root, batch, prover), 5 + i);
            root = batch.newRoot;
        }
    }

    function inputsOf(uint256 root, Batch memory batch, address prover)
        internal
        view
        returns (uint256[6] memory)
    {
        bytes32 tag = keccak256("bitscale.batch.v1");
        bytes32 wordsHash = keccak256(abi.encodePacked(batch.words));
        uint64 number = uint64(batch.words[0]);
        bytes memory head = abi.encode(tag, block.chainid, address(rollup), prover);
        bytes memory tail = abi.encode(number, root, batch.newRoot, batch.commitment, wordsHash);
        uint256 z = uint256(keccak256(bytes.concat(head, tail))) % Bn254.R;
        uint256 y = 0;
        for (uint256 k = batch.words.length; k > 0; k--) {
            y = addmod(mulmod(y, z, Bn254.R), batch.words[k - 1], Bn254.R);
        }
        return [rollup.domain(), root, batch.newRoot, batch.commitment, z, y];
    }

    function attest(Run memory run, uint256 mask) internal view returns (Certificate memory) {
        return certificate(digestOf(run), mask);
    }

    function digestOf(Run memory run) internal view returns (bytes32) {
        bytes32 rolling = rollup.state().rolling;
        uint256 root = run.oldRoot;
        uint64 number = 0;
        for (uint256 i = 0; i < run.batches.length; i++) {
            Batch memory batch = run.batches[i];
            number = uint64(batch.words[0]);
            bytes32 wordsHash = keccak256(abi.encodePacked(batch.words));
            rolling = keccak256(
                abi.encode(rolling, number, root, batch.newRoot, batch.commitment, wordsHash)
            );
            root = batch.newRoot;
        }
        return rollup.attestationDigest(number, rolling);
    }

    /// @notice Calldata of `submit` with the seals of all members.
    function submission(Run memory run) internal view returns (bytes memory) {
        return abi.encodeCall(Rollup.submit, (run, attest(run, 15)));
    }

    function submit(uint256[] memory words) internal {
        vm.roll(block.number + CADENCE);
        accepted(address(rollup), submission(runOf(words)));
    }

    function depositSix(uint64 amount) internal {
        six.mint(address(this), amount);
        six.approve(address(bridge), amount);
        bridge.deposit(address(six), amount, AX, AY);
    }
}
