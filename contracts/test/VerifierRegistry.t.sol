// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Rollup} from "../src/Rollup.sol";
import {Run} from "../src/Types.sol";
import {Validators} from "../src/Validators.sol";
import {VerifierRegistry} from "../src/VerifierRegistry.sol";
import {Bn254} from "../src/lib/Bn254.sol";
import {VerifyingKey} from "../src/lib/VerifyingKey.sol";
import {KnownKey} from "./support/KnownKey.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

contract VerifierRegistryTest is RollupFixture {
    function announcement(uint256[] memory key, uint256 mask) private view returns (bytes memory) {
        bytes32 digest = registry.announceDigest(key);
        return abi.encodeCall(VerifierRegistry.announce, (key, certificate(digest, mask)));
    }

    function refuseKey(bytes4 selector, uint256[] memory key) private {
        refused(selector, address(registry), announcement(key, 15));
    }

    function test_givesBackTheKeyItWasGiven() public view {
        require(keccak256(abi.encode(registry.key(1))) == keccak256(abi.encode(KnownKey.words())));
    }

    function test_refusesAKeyWithGammaEqualToDelta() public {
        uint256[] memory key = KnownKey.words();
        for (uint256 i = 0; i < 4; i++) {
            key[12 + i] = key[8 + i];
        }
        refuseKey(VerifyingKey.GammaIsDelta.selector, key);
        (key[14], key[15]) = (Bn254.P - key[14], Bn254.P - key[15]);
        refuseKey(VerifyingKey.GammaIsDelta.selector, key);
    }

    function test_refusesAKeyWhoseDeltaIsTheGenerator() public {
        uint256[] memory key = KnownKey.words();
        uint256[8] memory proof = KnownKey.prove([uint256(0), 0, 0, 0, 0, 0], 1);
        for (uint256 i = 0; i < 4; i++) {
            key[12 + i] = proof[2 + i];
        }
        refuseKey(VerifyingKey.DeltaIsGenerator.selector, key);
    }

    function test_refusesPointsThatAreZeroOrOffTheCurve() public {
        uint256[] memory key = KnownKey.words();
        (key[2], key[3]) = (0, 0);
        refuseKey(VerifyingKey.KeyPoint.selector, key);
        key = KnownKey.words();
        key[20] += Bn254.P;
        refuseKey(VerifyingKey.KeyPoint.selector, key);
        key = KnownKey.words();
        key[28]++;
        refuseKey(Bn254.InvalidProof.selector, key);
        key = KnownKey.words();
        key[12]++;
        refuseKey(Bn254.InvalidProof.selector, key);
    }

    function test_refusesKeysOfAnotherShape() public {
        refuseKey(VerifyingKey.KeyLength.selector, new uint256[](29));
        uint256[] memory key = KnownKey.words();
        key[0] = 0;
        refuseKey(VerifyingKey.KeyShape.selector, key);
    }

    function test_aNewKeyWaitsAndTheOldOneRetires() public {
        uint256[] memory key = KnownKey.words();
        key[0] = 2;
        refused(Validators.NoQuorum.selector, address(registry), announcement(key, 7));
        accepted(address(registry), announcement(key, 15));
        bytes memory next = abi.encodeCall(VerifierRegistry.key, (2));
        bytes memory old = abi.encodeCall(VerifierRegistry.key, (1));
        refused(VerifierRegistry.Timelock.selector, address(registry), next);
        vm.warp(START + 1 days);
        accepted(address(registry), next);
        accepted(address(registry), old);
        vm.warp(START + 2 days);
        refused(VerifierRegistry.KeyRetired.selector, address(registry), old);
    }

    function test_refusesASubmissionForAnUnknownVersion() public {
        Run memory run = runOf(emptyWords(1));
        run.keyVersion = 2;
        refused(VerifierRegistry.UnknownKey.selector, address(rollup), submission(run));
        run.keyVersion = 0;
        refused(VerifierRegistry.UnknownKey.selector, address(rollup), submission(run));
    }
}
