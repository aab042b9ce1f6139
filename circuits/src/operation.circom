pragma circom 2.1.6;

include "conversion.circom";
include "gen/layout.circom";
include "range.circom";
include "schnorr.circom";
include "select.circom";

// What kind of operation it is. Codes: 0 NOOP, 1 REGISTER, 2 TRANSFER, 3 DEPOSIT, 4 WITHDRAW, 5 CONVERT.
template Kind() {
    signal input sel[6];
    signal output op, signed, receives;

    op <== OneHot(6)(sel, 1);
    signed <== sel[2] + sel[4] + sel[5];
    receives <== sel[1] + sel[2] + sel[3] + sel[5];
}

// Every field that the kind does not use is 0; without a signature R is the identity and S is 0. amountOut,
// tokenOut and quoteIdx follow from Conversion. A NOOP has the identity as its key. Fields with a range are
// not negative, so a sum of them is 0 only if each of them is.
template UnusedFields() {
    signal input sel[6], signed, receives;
    signal input sIdx, rIdx, token, nonce, expiry, amount, fee, memo, ax, ay, rx, ry, s;

    var signedOnly[4] = [sIdx + nonce + expiry + fee + s, memo, rx, ry - 1];
    for (var i = 0; i < 4; i++) ZeroUnless()(signed, signedOnly[i]);
    ZeroUnless()(receives, rIdx);
    ZeroUnless()(1 - sel[0] - sel[1], amount);
    var noNoop[3] = [token, ax, ay - 1];
    for (var i = 0; i < 3; i++) ZeroUnless()(1 - sel[0], noNoop[i]);
}

// What L1 sees of a slot: deposits with their owner, withdrawals with their recipient, else zeros.
template PublicSlot() {
    signal input deposit, withdraw;
    signal input token, amount, recipient, ax, ay;
    signal output word[3];

    component first = PackPublicWord();
    first.kind <== deposit + 2 * withdraw;
    first.token <== (deposit + withdraw) * token;
    first.amount <== (deposit + withdraw) * amount;
    first.recipient <== recipient;
    word[0] <== first.out;
    word[1] <== deposit * ax;
    word[2] <== deposit * ay;
}

// The operation part of a slot: ranges, signature, rate, words. It knows nothing of leaves or paths.
// sIdx and rIdx are bounded where their paths are opened.
template Operation(Q) {
    signal input domain, time;
    signal input quoteTokenIn[Q], quoteTokenOut[Q], quoteNum[Q], quoteDen[Q];
    signal input sel[6], quoteSel[Q];
    signal input sIdx, rIdx, token, nonce, expiry, amount, amountOut, fee, memo, remainder;
    signal input ax, ay, rx, ry, s;
    signal output signed, receives, tokenOut;
    signal output committed[3], visible[3], shareIn[Q], shareOut[Q];

    signal op;
    (op, signed, receives) <== Kind()(sel);
    UnusedFields()(sel, signed, receives, sIdx, rIdx, token, nonce, expiry, amount, fee, memo,
        ax, ay, rx, ry, s);
    InRange(bits_opWord_token())(token);
    InRange(bits_opWord_nonce())(nonce);
    InRange(bits_opWord_expiry())(expiry);
    InRange(bits_opWord_expiry())(signed * (expiry - time));
    InRange(bits_amountWord_amount())(amount);
    InRange(bits_amountWord_fee())(fee);

    signal (convertedToken, quoteIdx, recipient, ins[Q], outs[Q]) <== Conversion(Q)(sel[5], sel[4],
        quoteSel, quoteTokenIn, quoteTokenOut, quoteNum, quoteDen,
        token, amount, amountOut, remainder, memo);
    (tokenOut, shareIn, shareOut) <== (convertedToken, ins, outs);

    signal w0 <== PackOpWord()(op, sIdx, rIdx, token, tokenOut, nonce, expiry);
    signal w1 <== PackAmountWord()(amount, amountOut, fee);
    signal hash <== MessageHash()(domain, w0, w1, memo, ax, ay, rx, ry);
    ShortSchnorr()(signed, hash, ax, ay, rx, ry, s);

    signal w0q <== PackSlotWord()(op, sIdx, rIdx, token, tokenOut, nonce, expiry, quoteIdx);
    committed <== [w0q, w1, hash];
    visible <== PublicSlot()(sel[3], sel[4], token, amount, recipient, ax, ay);
}
