pragma circom 2.1.6;

include "circomlib/circuits/bitify.circom";
include "gen/layout.circom";
include "select.circom";

// 192 bits that two kinds of operation share: a CONVERT keeps amountOut, the remainder and its distance to
// the denominator there (64 bits each), a WITHDRAW its 160-bit recipient. All are 0 for other operations.
template SharedRange() {
    signal input convert, withdraw;
    signal input amountOut, remainder, slack;
    signal input memo;
    signal output recipient;

    recipient <== withdraw * memo;
    signal offer <== convert * (remainder + slack * (1 << 64) + amountOut * (1 << 128));
    component bits = Num2Bits(192);
    bits.in <== offer + recipient;

    var first = 0;
    var last = 0;
    var aboveAddress = 0;
    for (var i = 0; i < 64; i++) {
        first += bits.out[i] * (1 << i);
        last += bits.out[128 + i] * (1 << i);
        if (128 + i >= bits_publicWord_recipient()) aboveAddress += bits.out[128 + i];
    }
    remainder === convert * first;
    amountOut === convert * last;
    withdraw * aboveAddress === 0;
}

// amount * num = amountOut * den + remainder with 0 <= remainder < den, by the quote row that is drawn on.
// quoteSel has its one bit set for a CONVERT and none otherwise; then amountOut and remainder are 0.
template Conversion(Q) {
    signal input convert, withdraw;
    signal input quoteSel[Q];
    signal input quoteTokenIn[Q], quoteTokenOut[Q], quoteNum[Q], quoteDen[Q];
    signal input token, amount, amountOut, remainder, memo;
    signal output tokenOut, quoteIdx, recipient;
    signal output shareIn[Q], shareOut[Q];

    quoteIdx <== OneHot(Q)(quoteSel, convert);
    tokenOut <== Pick(Q)(quoteSel, quoteTokenOut);
    signal tokenIn <== Pick(Q)(quoteSel, quoteTokenIn);
    convert * (token - tokenIn) === 0;

    signal num <== Pick(Q)(quoteSel, quoteNum);
    signal den <== Pick(Q)(quoteSel, quoteDen);
    signal paid <== amount * num;
    paid - remainder === amountOut * den;
    recipient <== SharedRange()(convert, withdraw, amountOut, remainder, den - 1 - remainder, memo);

    for (var j = 0; j < Q; j++) {
        shareIn[j] <== quoteSel[j] * amount;
        shareOut[j] <== quoteSel[j] * amountOut;
    }
}
