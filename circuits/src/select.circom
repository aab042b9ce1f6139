pragma circom 2.1.6;

// n bits with exactly `total` (0 or 1) of them set; index = which one, 0 when none.
template OneHot(n) {
    signal input flag[n];
    signal input total;
    signal output index;

    var sum = 0;
    var position = 0;
    for (var i = 0; i < n; i++) {
        flag[i] * (flag[i] - 1) === 0;
        sum += flag[i];
        position += i * flag[i];
    }
    sum === total;
    index <== position;
}

// The one value that the flags select; 0 when no flag is set.
template Pick(n) {
    signal input flag[n];
    signal input value[n];
    signal output out;

    signal term[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        term[i] <== flag[i] * value[i];
        sum += term[i];
    }
    out <== sum;
}
