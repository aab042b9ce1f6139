// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Member, Seal} from "../src/Types.sol";
import {Validators} from "../src/Validators.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

contract ValidatorsTest is RollupFixture {
    uint256 private constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 private constant DIGEST = keccak256("digest");

    function check(Certificate memory cert) private pure returns (bytes memory) {
        return abi.encodeCall(Validators.requireQuorum, (DIGEST, cert));
    }

    /// Powers are 10, 20, 30, 40: bit i of the mask is member i.
    function testFuzz_wantsMoreThanTwoThirdsOfThePower(uint8 seed) public {
        uint256 mask = seed % 16;
        uint256 power = 0;
        for (uint256 i = 0; i < 4; i++) {
            power += (mask >> i & 1) * 10 * (i + 1);
        }
        bytes memory data = check(certificate(DIGEST, mask));
        if (power * 3 > 200) accepted(address(validators), data);
        else refused(Validators.NoQuorum.selector, address(validators), data);
    }

    function test_exactlyTwoThirdsAreTooFew() public {
        Member[] memory three = new Member[](3);
        for (uint256 i = 0; i < 3; i++) {
            three[i] = Member(members[i].key, 1);
        }
        validators = new Validators(three);
        Certificate memory cert = certificate(DIGEST, 3);
        cert.members = three;
        refused(Validators.NoQuorum.selector, address(validators), check(cert));
    }

    function test_refusesDuplicateAndUnorderedSigners() public {
        Certificate memory cert = certificate(DIGEST, 15);
        cert.seals[1] = cert.seals[0];
        refused(Validators.DuplicateSigner.selector, address(validators), check(cert));
        cert = certificate(DIGEST, 15);
        (cert.seals[2], cert.seals[3]) = (cert.seals[3], cert.seals[2]);
        refused(Validators.SignerOrder.selector, address(validators), check(cert));
    }

    function test_refusesSignaturesOfOthers() public {
        Certificate memory cert = certificate(DIGEST, 15);
        cert.seals[3] = seal(2, DIGEST);
        cert.seals[3].index = 3;
        refused(Validators.WrongSigner.selector, address(validators), check(cert));
        cert.seals[3].index = 4;
        refused(Validators.WrongSigner.selector, address(validators), check(cert));
        cert = certificate(keccak256("another"), 15);
        refused(Validators.WrongSigner.selector, address(validators), check(cert));
    }

    function test_refusesHighSAndBrokenSignatures() public {
        Certificate memory cert = certificate(DIGEST, 15);
        Seal memory first = cert.seals[0];
        first.s = bytes32(ORDER - uint256(first.s));
        first.v = first.v == 27 ? 28 : 27;
        refused(Validators.BadSignature.selector, address(validators), check(cert));
        cert = certificate(DIGEST, 15);
        cert.seals[0].v = 0;
        refused(Validators.BadSignature.selector, address(validators), check(cert));
        cert.seals[0] = Seal(0, 27, 0, 0);
        refused(Validators.BadSignature.selector, address(validators), check(cert));
    }

    function test_refusesAnotherSet() public {
        Certificate memory cert = certificate(DIGEST, 15);
        cert.members[0].power = 1000;
        refused(Validators.UnknownValidatorSet.selector, address(validators), check(cert));
    }

    function test_theOldSetHandsOverToTheNew() public {
        Member[] memory next = new Member[](1);
        next[0] = Member(vm.addr(99), 5);
        bytes32 digest = validators.updateDigest(next);
        bytes memory data = abi.encodeCall(Validators.updateSet, (next, certificate(digest, 7)));
        refused(Validators.NoQuorum.selector, address(validators), data);
        data = abi.encodeCall(Validators.updateSet, (next, certificate(digest, 15)));
        accepted(address(validators), data);
        require(validators.setNo() == 1);
        refused(Validators.UnknownValidatorSet.selector, address(validators), data);
    }

    function test_refusesSetsThatAreEmptyUnorderedOrPowerless() public {
        Member[] memory next = new Member[](0);
        _refuseSet(next);
        next = new Member[](2);
        (next[0], next[1]) = (members[1], members[0]);
        _refuseSet(next);
        (next[0], next[1]) = (members[1], members[1]);
        _refuseSet(next);
        (next[0], next[1]) = (members[0], Member(members[1].key, 0));
        _refuseSet(next);
        next[0].key = address(0);
        _refuseSet(next);
    }

    function _refuseSet(Member[] memory next) private {
        bytes32 digest = validators.updateDigest(next);
        bytes memory data = abi.encodeCall(Validators.updateSet, (next, certificate(digest, 15)));
        refused(Validators.BadValidatorSet.selector, address(validators), data);
    }

    function test_provesThatAKeySignedTwoHistories() public {
        bytes32[2] memory rolling = [keccak256("a"), keccak256("b")];
        Seal[2] memory seals;
        for (uint256 i = 0; i < 2; i++) {
            seals[i] = seal(1, rollup.attestationDigest(7, rolling[i]));
        }
        validators.reportEquivocation(address(rollup), 7, rolling, seals);
        require(validators.equivocated(members[1].key));
        require(!validators.equivocated(members[0].key));
    }

    function test_refusesWhatIsNoEquivocation() public {
        bytes32[2] memory rolling = [keccak256("a"), keccak256("b")];
        Seal[2] memory seals;
        seals[0] = seal(1, rollup.attestationDigest(7, rolling[0]));
        seals[1] = seal(2, rollup.attestationDigest(7, rolling[1]));
        _refuseReport(rolling, seals);
        seals[1] = seal(1, rollup.attestationDigest(8, rolling[1]));
        _refuseReport(rolling, seals);
        (rolling[1], seals[1]) = (rolling[0], seals[0]);
        _refuseReport(rolling, seals);
    }

    function _refuseReport(bytes32[2] memory rolling, Seal[2] memory seals) private {
        bytes memory data =
            abi.encodeCall(Validators.reportEquivocation, (address(rollup), 7, rolling, seals));
        refused(Validators.NotEquivocation.selector, address(validators), data);
    }
}
