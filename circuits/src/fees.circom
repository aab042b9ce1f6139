pragma circom 2.1.6;

include "circomlib/circuits/comparators.circom";
include "gen/layout.circom";
include "range.circom";

// Books a fee on the entry of the table that lists the token. A fee of 0 needs no entry.
template FeeShare(T) {
    signal input fee;
    signal input token;
    signal input feeToken[T];
    signal output share[T];

    signal same[T];
    var sum = 0;
    for (var t = 0; t < T; t++) {
        same[t] <== IsEqual()([token, feeToken[t]]);
        share[t] <== same[t] * fee;
        sum += share[t];
    }
    sum === fee;
}

// Totals per token as words. Tokens increase strictly, so none is listed twice and a batch has one table.
template FeeTable(N, T) {
    signal input feeToken[T];
    signal input share[N][T];
    signal output word[T];

    component entry[T];
    for (var t = 0; t < T; t++) {
        var total = 0;
        for (var i = 0; i < N; i++) total += share[i][t];
        entry[t] = RangeFeeWord();
        entry[t].total <== total;
        entry[t].token <== feeToken[t];
        word[t] <== entry[t].out;
        if (t > 0) InRange(bits_feeWord_token())(feeToken[t] - feeToken[t - 1] - 1);
    }
}
