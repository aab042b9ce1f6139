pragma circom 2.1.6;

include "circomlib/circuits/babyjub.circom";
include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/comparators.circom";
include "circomlib/circuits/escalarmulany.circom";
include "circomlib/circuits/escalarmulfix.circom";
include "circomlib/circuits/poseidon.circom";

// h*: what is signed and what enters the batch commitment. It hashes both coordinates of the key and of R.
template MessageHash() {
    signal input domain, w0, w1, memo;
    signal input ax, ay, rx, ry;
    signal output out;

    out <== Poseidon(8)([domain, w0, w1, memo, ax, ay, rx, ry]);
}

// 8A for A on the curve: in the prime subgroup whatever A was.
template TimesEight() {
    signal input x, y;
    signal output outX, outY;

    signal (x2, y2) <== BabyDbl()(x, y);
    signal (x4, y4) <== BabyDbl()(x2, y2);
    (outX, outY) <== BabyDbl()(x4, y4);
}

// S B8 = R + h (8A) with h = 2 (h* mod 2^126) + 1, required when `signed` (a bit) is 1. A and R are on the
// curve in any case. The bits of h* are not canonical: about a third of the values have a second reading
// h* + r, which gives a forger a factor of 2 and nothing else. S < l is not checked; nodes do.
template ShortSchnorr() {
    signal input signed;
    signal input hash;
    signal input ax, ay, rx, ry, s;

    BabyCheck()(ax, ay);
    BabyCheck()(rx, ry);

    signal bits[254] <== Num2Bits(254)(hash);

    signal (ax8, ay8) <== TimesEight()(ax, ay);
    signal identity <== IsZero()(ax8);
    signed * identity === 0;

    component challenge = EscalarMulAny(127);
    challenge.p[0] <== ax8;
    challenge.p[1] <== ay8;
    challenge.e[0] <== 1;
    for (var i = 0; i < 126; i++) challenge.e[i + 1] <== bits[i];

    component left = EscalarMulFix(251, [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ]);
    left.e <== Num2Bits(251)(s);

    signal (rightX, rightY) <== BabyAdd()(rx, ry, challenge.out[0], challenge.out[1]);
    signed * (left.out[0] - rightX) === 0;
    signed * (left.out[1] - rightY) === 0;
}
