pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";

// Commits to n words: the state starts with the number of words, every round takes 15, zero padded.
template Commit(n) {
    signal input word[n];
    signal output out;

    var rounds = (n + 14) \ 15;
    component round[rounds];
    for (var r = 0; r < rounds; r++) {
        round[r] = Poseidon(16);
        if (r == 0) round[r].inputs[0] <== n;
        else round[r].inputs[0] <== round[r - 1].out;
        for (var i = 0; i < 15; i++) {
            if (15 * r + i < n) round[r].inputs[i + 1] <== word[15 * r + i];
            else round[r].inputs[i + 1] <== 0;
        }
    }
    out <== round[rounds - 1].out;
}

// The polynomial with these coefficients, lowest first, at z.
template Evaluate(n) {
    signal input word[n];
    signal input z;
    signal output out;

    signal sum[n];
    sum[n - 1] <== word[n - 1];
    for (var i = n - 2; i >= 0; i--) sum[i] <== sum[i + 1] * z + word[i];
    out <== sum[0];
}
