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

// (1 + 2 e) P for the n bits e and P of prime order, n <= 246: no addition on the way meets equal or opposite
// points, because every multiple is below the order.
template OddMultiple(n) {
    signal input e[n];
    signal input x, y;
    signal output outX, outY;

    component step[n];
    signal start[2] <== Edwards2Montgomery()([x, y]);
    for (var i = 0; i < n; i++) {
        step[i] = BitElementMulAny();
        step[i].sel <== e[i];
        for (var k = 0; k < 2; k++) {
            step[i].dblIn[k] <== i == 0 ? start[k] : step[i - 1].dblOut[k];
            step[i].addIn[k] <== i == 0 ? start[k] : step[i - 1].addOut[k];
        }
    }
    signal end[2] <== Montgomery2Edwards()(step[n - 1].addOut);
    (outX, outY) <== (end[0], end[1]);
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

    var BASE[2] = [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];
    // Where 8A is the identity (0, 1) the base point stands in for it; the result is not used then.
    component challenge = OddMultiple(126);
    challenge.x <== ax8 + identity * BASE[0];
    challenge.y <== ay8 + identity * (BASE[1] - 1);
    for (var i = 0; i < 126; i++) challenge.e[i] <== bits[i];

    component left = EscalarMulFix(251, BASE);
    left.e <== Num2Bits(251)(s);

    signal (rightX, rightY) <== BabyAdd()(rx, ry, challenge.outX, challenge.outY);
    signed * (left.out[0] - rightX) === 0;
    signed * (left.out[1] - rightY) === 0;
}
