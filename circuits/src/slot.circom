pragma circom 2.1.6;

include "accounts.circom";
include "fees.circom";
include "operation.circom";

// One operation: its own part and the two leaves it touches.
template Slot(D, Q, T) {
    signal input domain, time, feeToken[T], oldRoot;
    signal input quoteTokenIn[Q], quoteTokenOut[Q], quoteNum[Q], quoteDen[Q];
    signal input sel[6], quoteSel[Q];
    signal input sIdx, rIdx, token, nonce, expiry, amount, amountOut, fee, memo, remainder;
    signal input ax, ay, rx, ry, s;
    signal input sBalance, sChild[D][4], rAx, rAy, rNonce, rBalance, rChild[D][4];
    signal output newRoot, feeShare[T];
    signal output committed[3], visible[3], shareIn[Q], shareOut[Q];

    signal (signed, receives, tokenOut, words[3], shown[3], ins[Q], outs[Q]) <== Operation(Q)(
        domain, time, quoteTokenIn, quoteTokenOut, quoteNum, quoteDen, sel, quoteSel,
        sIdx, rIdx, token, nonce, expiry, amount, amountOut, fee, memo, remainder, ax, ay, rx, ry, s);
    (committed, visible, shareIn, shareOut) <== (words, shown, ins, outs);
    feeShare <== FeeShare(T)(fee, token, feeToken);
    newRoot <== SlotState(D)(oldRoot, sel, signed, receives, sIdx, rIdx, token, tokenOut, nonce,
        amount, amountOut, fee, ax, ay, sBalance, sChild, rAx, rAy, rNonce, rBalance, rChild);
}

// N slots one after the other.
template Slots(D, N, Q, T) {
    signal input domain, time, feeToken[T], oldRoot;
    signal input quoteTokenIn[Q], quoteTokenOut[Q], quoteNum[Q], quoteDen[Q];
    signal input sel[N][6], quoteSel[N][Q];
    signal input sIdx[N], rIdx[N], token[N], nonce[N], expiry[N];
    signal input amount[N], amountOut[N], fee[N], memo[N], remainder[N];
    signal input ax[N], ay[N], rx[N], ry[N], s[N];
    signal input sBalance[N], sChild[N][D][4];
    signal input rAx[N], rAy[N], rNonce[N], rBalance[N], rChild[N][D][4];
    signal output newRoot, feeShare[N][T];
    signal output committed[3 * N], visible[3 * N], totalIn[Q], totalOut[Q], uses[Q];

    signal root[N + 1], words[N][3], shown[N][3], ins[N][Q], outs[N][Q];
    root[0] <== oldRoot;
    for (var i = 0; i < N; i++) {
        (root[i + 1], feeShare[i], words[i], shown[i], ins[i], outs[i]) <== Slot(D, Q, T)(
            domain, time, feeToken, root[i], quoteTokenIn, quoteTokenOut, quoteNum, quoteDen,
            sel[i], quoteSel[i], sIdx[i], rIdx[i], token[i], nonce[i], expiry[i],
            amount[i], amountOut[i], fee[i], memo[i], remainder[i], ax[i], ay[i], rx[i], ry[i], s[i],
            sBalance[i], sChild[i], rAx[i], rAy[i], rNonce[i], rBalance[i], rChild[i]);
        for (var k = 0; k < 3; k++) {
            committed[3 * i + k] <== words[i][k];
            visible[3 * i + k] <== shown[i][k];
        }
    }
    newRoot <== root[N];

    for (var j = 0; j < Q; j++) {
        var sums[3] = [0, 0, 0];
        for (var i = 0; i < N; i++) {
            sums[0] += ins[i][j];
            sums[1] += outs[i][j];
            sums[2] += quoteSel[i][j];
        }
        totalIn[j] <== sums[0];
        totalOut[j] <== sums[1];
        uses[j] <== sums[2];
    }
}
