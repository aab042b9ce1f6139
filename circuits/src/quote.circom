pragma circom 2.1.6;

include "accounts.circom";
include "circomlib/circuits/comparators.circom";
include "gen/layout.circom";
include "range.circom";
include "schnorr.circom";

// The offer part of a quote row: the provider's signature, validity and limits. A row is enabled exactly
// when a slot draws on it; an unused row has zero words and the identity as key and R. inIdx and outIdx
// are bounded where their paths are opened.
template Offer() {
    signal input domain, time, enabled, totalIn, totalOut;
    signal input inIdx, outIdx, tokenIn, tokenOut, nonce, uses, expiry, num, den, max;
    signal input ax, ay, rx, ry, s, leafNonce;
    signal output committed[4];

    InRange(bits_quoteWord0_tokenIn())(tokenIn);
    InRange(bits_quoteWord0_tokenOut())(tokenOut);
    InRange(bits_quoteWord0_nonce())(nonce);
    InRange(bits_quoteWord0_uses())(uses);
    InRange(bits_quoteWord0_expiry())(expiry);
    InRange(bits_quoteWord0_expiry())(enabled * (expiry - time));
    signal q0 <== PackQuoteWord0()(inIdx, outIdx, tokenIn, tokenOut, nonce, uses, expiry);
    signal q1 <== RangeQuoteWord1()(num, den, max);
    signal totals <== RangeTotalsWord()(totalIn, totalOut);

    InRange(bits_quoteWord0_uses())(leafNonce - nonce);
    InRange(bits_quoteWord0_uses())(uses - enabled - (leafNonce - nonce));
    InRange(bits_quoteWord1_max())(max - totalOut);

    var unused[7] = [q0, q1, ax, ay - 1, rx, ry - 1, s];
    for (var i = 0; i < 7; i++) ZeroUnless()(enabled, unused[i]);

    signal hash <== MessageHash()(domain + 1, q0, q1, 0, ax, ay, rx, ry);
    ShortSchnorr()(enabled, hash, ax, ay, rx, ry, s);
    committed <== [q0, q1, hash, totals];
}

// One provider's offer, settled once per batch: the paying leaf gives totalOut, then the earning leaf gets
// totalIn.
template QuoteRow(D) {
    signal input domain, time, oldRoot, drawn, totalIn, totalOut;
    signal input inIdx, outIdx, tokenIn, tokenOut, nonce, uses, expiry, num, den, max;
    signal input ax, ay, rx, ry, s;
    signal input outNonce, outBalance, outChild[D][4];
    signal input inAx, inAy, inNonce, inBalance, inChild[D][4];
    signal output newRoot, committed[4];

    signal unused <== IsZero()(drawn);
    signal enabled <== 1 - unused;
    committed <== Offer()(domain, time, enabled, totalIn, totalOut, inIdx, outIdx, tokenIn, tokenOut,
        nonce, uses, expiry, num, den, max, ax, ay, rx, ry, s, outNonce);

    ZeroUnless()(enabled, outNonce);
    InRange(bits_leafWord_nonce())(outNonce);
    ZeroUnless()(enabled, inAx);
    ZeroUnless()(enabled, inAy);
    signal middleRoot <== Pay(D)(oldRoot, enabled, outIdx, ax, ay, tokenOut, outNonce, outBalance,
        totalOut, outChild);
    newRoot <== Earn(D)(middleRoot, enabled, enabled, inIdx, inAx, inAy, tokenIn, inNonce, inBalance,
        totalIn, inChild);
}
