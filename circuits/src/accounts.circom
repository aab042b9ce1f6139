pragma circom 2.1.6;

include "circomlib/circuits/comparators.circom";
include "gen/layout.circom";
include "leaf.circom";
include "path.circom";
include "range.circom";

// Takes `debit` from the leaf that holds (ax, ay, token, nonce) and counts its nonce up. When `present` is 0
// everything is 0 and the empty leaf 0 stays empty. Who uses it has bounded nonce and token.
template Pay(D) {
    signal input oldRoot, present;
    signal input index, ax, ay, token, nonce, balance, debit;
    signal input child[D][4];
    signal output newRoot;

    ZeroUnless()(present, balance);
    InRange(bits_leafWord_balance())(balance);
    InRange(bits_leafWord_balance())(balance - debit);
    NonZero()(nonce + 1 - (1 << bits_leafWord_nonce()));

    signal before <== Leaf()(present, ax, ay, balance, nonce, token);
    signal after <== Leaf()(present, ax, ay, balance - debit, nonce + present, token);
    newRoot <== PathUpdate(D)(index, child, before, after, oldRoot);
}

// Adds `credit` to the leaf that holds (ax, ay, token), or opens it: `opened` says that the leaf exists
// before, `present` that it exists afterwards. Who uses it has bounded token.
template Earn(D) {
    signal input oldRoot, opened, present;
    signal input index, ax, ay, token, nonce, balance, credit;
    signal input child[D][4];
    signal output newRoot;

    ZeroUnless()(opened, balance + nonce);
    InRange(bits_leafWord_balance())(balance);
    InRange(bits_leafWord_nonce())(nonce);
    InRange(bits_leafWord_balance())(balance + credit);

    signal before <== Leaf()(opened, ax, ay, balance, nonce, token);
    signal after <== Leaf()(present, ax, ay, balance + credit, nonce, token);
    newRoot <== PathUpdate(D)(index, child, before, after, oldRoot);
}

// The state part of a slot: first the sender's leaf, then the receiver's.
template SlotState(D) {
    signal input oldRoot;
    signal input sel[6], signed, receives;
    signal input sIdx, rIdx, token, tokenOut, nonce, amount, amountOut, fee, ax, ay;
    signal input sBalance, sChild[D][4];
    signal input rAx, rAy, rNonce, rBalance, rChild[D][4];
    signal output newRoot;

    signal debit <== signed * (amount + fee);
    signal middleRoot <== Pay(D)(oldRoot, signed, sIdx, ax, ay, token, nonce, sBalance, debit, sChild);

    // The receiver is the key of the operation, except where money goes to somebody else.
    var foreign = sel[2] + sel[5];
    ZeroUnless()(foreign, rAx - ax);
    ZeroUnless()(foreign, rAy - ay);

    // Leaf 0 stays empty for ever.
    signal first <== IsZero()(rIdx);
    sel[1] * first === 0;

    signal plain <== (sel[2] + sel[3]) * amount;
    signal rToken <== token + sel[5] * (tokenOut - token);
    newRoot <== Earn(D)(middleRoot, receives - sel[1], receives, rIdx, rAx, rAy, rToken, rNonce,
        rBalance, plain + amountOut, rChild);
}
