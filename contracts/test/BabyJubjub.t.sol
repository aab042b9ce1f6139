// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BabyJubjub} from "../src/lib/BabyJubjub.sol";
import {Bn254} from "../src/lib/Bn254.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

contract BabyJubjubTest is RollupFixture {
    // circomlib's Generator, of the whole group (order 8 l), and Base8 of the subgroup.
    uint256 private constant GX =
        995203441582195749578291179787384436505546430278305826713579947235728471134;
    uint256 private constant GY =
        5472060717959818805561601436314318772137091100104008585924551046643952123905;

    function test_knowsTheGenerators() public pure {
        require(BabyJubjub.isOnCurve(GX, GY) && !BabyJubjub.isSmallOrder(GX, GY));
        require(BabyJubjub.isOnCurve(AX, AY) && !BabyJubjub.isSmallOrder(AX, AY));
    }

    function test_knowsThePointsOfOrderOneAndTwo() public pure {
        require(BabyJubjub.isOnCurve(0, 1) && BabyJubjub.isSmallOrder(0, 1));
        require(BabyJubjub.isOnCurve(0, Bn254.R - 1));
        require(BabyJubjub.isSmallOrder(0, Bn254.R - 1));
    }

    function test_wantsCanonicalCoordinates() public pure {
        require(!BabyJubjub.isOnCurve(AX + Bn254.R, AY));
        require(!BabyJubjub.isOnCurve(AX, AY + Bn254.R));
        require(!BabyJubjub.isOnCurve(0, 0));
    }

    function testFuzz_refusesArbitraryPoints(uint256 x, uint256 y) public pure {
        require(!BabyJubjub.isOnCurve(x, y));
    }
}
