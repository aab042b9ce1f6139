pragma circom 2.1.6;

include "fees.circom";
include "gen/layout.circom";
include "quote.circom";
include "slot.circom";
include "sponge.circom";

// A batch of N operations and Q quotes with fees in T tokens over a tree of depth D: from oldRoot to newRoot,
// with `commitment` to all its words, and y = the public words' polynomial at z.
template Batch(D, N, Q, T) {
    signal input domain, oldRoot, newRoot, commitment, z, y;
    signal input batchNo, time, feeToken[T];
    signal input sel[N][6], quoteSel[N][Q];
    signal input sIdx[N], rIdx[N], token[N], nonce[N], expiry[N];
    signal input amount[N], amountOut[N], fee[N], memo[N], remainder[N];
    signal input ax[N], ay[N], rx[N], ry[N], s[N];
    signal input sBalance[N], sChild[N][D][4];
    signal input rAx[N], rAy[N], rNonce[N], rBalance[N], rChild[N][D][4];
    signal input qInIdx[Q], qOutIdx[Q], qTokenIn[Q], qTokenOut[Q], qNonce[Q], qUses[Q], qExpiry[Q];
    signal input qNum[Q], qDen[Q], qMax[Q], qAx[Q], qAy[Q], qRx[Q], qRy[Q], qS[Q];
    signal input outNonce[Q], outBalance[Q], outChild[Q][D][4];
    signal input inAx[Q], inAy[Q], inNonce[Q], inBalance[Q], inChild[Q][D][4];

    var deposits = 0;
    for (var i = 0; i < N; i++) deposits += sel[i][3];
    signal header <== RangeHeaderWord()(batchNo, time, deposits);

    signal root[Q + 1], feeShare[N][T], ops[3 * N], shown[3 * N], totalIn[Q], totalOut[Q], drawn[Q];
    (root[0], feeShare, ops, shown, totalIn, totalOut, drawn) <== Slots(D, N, Q, T)(
        domain, time, feeToken, oldRoot, qTokenIn, qTokenOut, qNum, qDen, sel, quoteSel,
        sIdx, rIdx, token, nonce, expiry, amount, amountOut, fee, memo, remainder, ax, ay, rx, ry, s,
        sBalance, sChild, rAx, rAy, rNonce, rBalance, rChild);

    signal offers[Q][4];
    for (var j = 0; j < Q; j++) {
        (root[j + 1], offers[j]) <== QuoteRow(D)(domain, time, root[j], drawn[j], totalIn[j],
            totalOut[j], qInIdx[j], qOutIdx[j], qTokenIn[j], qTokenOut[j], qNonce[j], qUses[j],
            qExpiry[j], qNum[j], qDen[j], qMax[j], qAx[j], qAy[j], qRx[j], qRy[j], qS[j],
            outNonce[j], outBalance[j], outChild[j], inAx[j], inAy[j], inNonce[j], inBalance[j],
            inChild[j]);
    }
    newRoot === root[Q];

    signal fees[T] <== FeeTable(N, T)(feeToken, feeShare);
    component all = Commit(1 + 3 * N + 4 * Q + T);
    component seen = Evaluate(1 + 3 * N + T);
    all.word[0] <== header;
    seen.word[0] <== header;
    for (var i = 0; i < 3 * N; i++) {
        all.word[1 + i] <== ops[i];
        seen.word[1 + i] <== shown[i];
    }
    for (var j = 0; j < 4 * Q; j++) all.word[1 + 3 * N + j] <== offers[j \ 4][j % 4];
    for (var t = 0; t < T; t++) {
        all.word[1 + 3 * N + 4 * Q + t] <== fees[t];
        seen.word[1 + 3 * N + t] <== fees[t];
    }
    seen.z <== z;
    commitment === all.out;
    y === seen.out;
}
