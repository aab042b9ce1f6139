pragma circom 2.1.6;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";

// One level of a 4-ary tree: the child at the two-bit digit is `old`; the parent with it and with `new` there.
template PathLevel() {
    signal input digit[2];
    signal input child[4];
    signal input old;
    signal input new;
    signal output oldParent;
    signal output newParent;

    signal both <== digit[0] * digit[1];
    var at[4] = [0, digit[0] - both, digit[1] - both, both];

    signal low <== digit[0] * (child[1] - child[0]);
    signal high <== digit[1] * (child[2] - child[0]);
    both * (child[3] - child[2] - child[1] + child[0]) === old - child[0] - low - high;

    component before = Poseidon(4);
    component after = Poseidon(4);
    // The child at the digit changes by new - old, the others by 0.
    signal change[4];
    for (var i = 1; i < 4; i++) change[i] <== at[i] * (new - old);
    change[0] <== new - old - change[1] - change[2] - change[3];
    for (var i = 0; i < 4; i++) {
        before.inputs[i] <== child[i];
        after.inputs[i] <== child[i] + change[i];
    }
    oldParent <== before.out;
    newParent <== after.out;
}

// Replaces the leaf at `index`: it must be `oldLeaf` under `oldRoot`. An update that is not wanted opens the
// always empty leaf 0 with 0 -> 0, so the root stays and nothing of the path is free.
template PathUpdate(D) {
    signal input index;
    signal input child[D][4];
    signal input oldLeaf;
    signal input newLeaf;
    signal input oldRoot;
    signal output newRoot;

    component bits = Num2Bits(2 * D);
    bits.in <== index;

    component level[D];
    for (var i = 0; i < D; i++) {
        level[i] = PathLevel();
        level[i].digit[0] <== bits.out[2 * i];
        level[i].digit[1] <== bits.out[2 * i + 1];
        level[i].child <== child[i];
        level[i].old <== i == 0 ? oldLeaf : level[i - 1].oldParent;
        level[i].new <== i == 0 ? newLeaf : level[i - 1].newParent;
    }
    level[D - 1].oldParent === oldRoot;
    newRoot <== level[D - 1].newParent;
}
