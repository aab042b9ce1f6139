pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";
include "gen/layout.circom";

// The tree's value for an account, or 0 (an empty leaf) when `present` (a bit) is 0. Whoever uses it has
// bounded balance, nonce and token.
template Leaf() {
    signal input present;
    signal input ax, ay;
    signal input balance, nonce, token;
    signal output out;

    component word = PackLeafWord();
    word.balance <== balance;
    word.nonce <== nonce;
    word.token <== token;

    component hash = Poseidon(3);
    hash.inputs[0] <== ax;
    hash.inputs[1] <== ay;
    hash.inputs[2] <== word.out;
    out <== present * hash.out;
}
