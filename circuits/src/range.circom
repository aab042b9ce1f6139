pragma circom 2.1.6;

include "circomlib/circuits/bitify.circom";

// 0 <= in < 2^n. n <= 253, so the bits have one reading.
template InRange(n) {
    signal input in;
    component bits = Num2Bits(n);
    bits.in <== in;
}

// in != 0. The hint is determined by the constraint.
template NonZero() {
    signal input in;
    signal inverse;
    inverse <-- in != 0 ? 1 / in : 0;
    in * inverse === 1;
}

// `value` is 0 whenever `used` (a bit) is 0.
template ZeroUnless() {
    signal input used;
    signal input value;
    (1 - used) * value === 0;
}
