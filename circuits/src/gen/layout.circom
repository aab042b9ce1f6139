// Generated from circuits/layout.json by circuits/tools/layout.js. Do not edit.
// Range<Word> bounds every field and packs; Pack<Word> only packs: whoever uses it has bounded the
// fields elsewhere (circuits/README.md says where for each).
pragma circom 2.1.6;

include "../range.circom";

function bits_leafWord_balance() { return 64; }
function bits_leafWord_nonce() { return 40; }
function bits_leafWord_token() { return 16; }

template PackLeafWord() {
    signal input balance;
    signal input nonce;
    signal input token;
    signal output out;

    out <== balance
        + nonce * (1 << 64)
        + token * (1 << 104);
}

template RangeLeafWord() {
    signal input balance;
    signal input nonce;
    signal input token;
    signal output out;

    InRange(64)(balance);
    InRange(40)(nonce);
    InRange(16)(token);
    out <== balance
        + nonce * (1 << 64)
        + token * (1 << 104);
}

function bits_opWord_op() { return 4; }
function bits_opWord_sIdx() { return 32; }
function bits_opWord_rIdx() { return 32; }
function bits_opWord_token() { return 16; }
function bits_opWord_tokenOut() { return 16; }
function bits_opWord_nonce() { return 40; }
function bits_opWord_expiry() { return 40; }

template PackOpWord() {
    signal input op;
    signal input sIdx;
    signal input rIdx;
    signal input token;
    signal input tokenOut;
    signal input nonce;
    signal input expiry;
    signal output out;

    out <== op
        + sIdx * (1 << 4)
        + rIdx * (1 << 36)
        + token * (1 << 68)
        + tokenOut * (1 << 84)
        + nonce * (1 << 100)
        + expiry * (1 << 140);
}

template RangeOpWord() {
    signal input op;
    signal input sIdx;
    signal input rIdx;
    signal input token;
    signal input tokenOut;
    signal input nonce;
    signal input expiry;
    signal output out;

    InRange(4)(op);
    InRange(32)(sIdx);
    InRange(32)(rIdx);
    InRange(16)(token);
    InRange(16)(tokenOut);
    InRange(40)(nonce);
    InRange(40)(expiry);
    out <== op
        + sIdx * (1 << 4)
        + rIdx * (1 << 36)
        + token * (1 << 68)
        + tokenOut * (1 << 84)
        + nonce * (1 << 100)
        + expiry * (1 << 140);
}

function bits_slotWord_op() { return 4; }
function bits_slotWord_sIdx() { return 32; }
function bits_slotWord_rIdx() { return 32; }
function bits_slotWord_token() { return 16; }
function bits_slotWord_tokenOut() { return 16; }
function bits_slotWord_nonce() { return 40; }
function bits_slotWord_expiry() { return 40; }
function bits_slotWord_quoteIdx() { return 8; }

template PackSlotWord() {
    signal input op;
    signal input sIdx;
    signal input rIdx;
    signal input token;
    signal input tokenOut;
    signal input nonce;
    signal input expiry;
    signal input quoteIdx;
    signal output out;

    out <== op
        + sIdx * (1 << 4)
        + rIdx * (1 << 36)
        + token * (1 << 68)
        + tokenOut * (1 << 84)
        + nonce * (1 << 100)
        + expiry * (1 << 140)
        + quoteIdx * (1 << 180);
}

template RangeSlotWord() {
    signal input op;
    signal input sIdx;
    signal input rIdx;
    signal input token;
    signal input tokenOut;
    signal input nonce;
    signal input expiry;
    signal input quoteIdx;
    signal output out;

    InRange(4)(op);
    InRange(32)(sIdx);
    InRange(32)(rIdx);
    InRange(16)(token);
    InRange(16)(tokenOut);
    InRange(40)(nonce);
    InRange(40)(expiry);
    InRange(8)(quoteIdx);
    out <== op
        + sIdx * (1 << 4)
        + rIdx * (1 << 36)
        + token * (1 << 68)
        + tokenOut * (1 << 84)
        + nonce * (1 << 100)
        + expiry * (1 << 140)
        + quoteIdx * (1 << 180);
}

function bits_amountWord_amount() { return 64; }
function bits_amountWord_amountOut() { return 64; }
function bits_amountWord_fee() { return 64; }

template PackAmountWord() {
    signal input amount;
    signal input amountOut;
    signal input fee;
    signal output out;

    out <== amount
        + amountOut * (1 << 64)
        + fee * (1 << 128);
}

template RangeAmountWord() {
    signal input amount;
    signal input amountOut;
    signal input fee;
    signal output out;

    InRange(64)(amount);
    InRange(64)(amountOut);
    InRange(64)(fee);
    out <== amount
        + amountOut * (1 << 64)
        + fee * (1 << 128);
}

function bits_quoteWord0_inIdx() { return 32; }
function bits_quoteWord0_outIdx() { return 32; }
function bits_quoteWord0_tokenIn() { return 16; }
function bits_quoteWord0_tokenOut() { return 16; }
function bits_quoteWord0_nonce() { return 40; }
function bits_quoteWord0_uses() { return 16; }
function bits_quoteWord0_expiry() { return 40; }

template PackQuoteWord0() {
    signal input inIdx;
    signal input outIdx;
    signal input tokenIn;
    signal input tokenOut;
    signal input nonce;
    signal input uses;
    signal input expiry;
    signal output out;

    out <== inIdx
        + outIdx * (1 << 32)
        + tokenIn * (1 << 64)
        + tokenOut * (1 << 80)
        + nonce * (1 << 96)
        + uses * (1 << 136)
        + expiry * (1 << 152);
}

template RangeQuoteWord0() {
    signal input inIdx;
    signal input outIdx;
    signal input tokenIn;
    signal input tokenOut;
    signal input nonce;
    signal input uses;
    signal input expiry;
    signal output out;

    InRange(32)(inIdx);
    InRange(32)(outIdx);
    InRange(16)(tokenIn);
    InRange(16)(tokenOut);
    InRange(40)(nonce);
    InRange(16)(uses);
    InRange(40)(expiry);
    out <== inIdx
        + outIdx * (1 << 32)
        + tokenIn * (1 << 64)
        + tokenOut * (1 << 80)
        + nonce * (1 << 96)
        + uses * (1 << 136)
        + expiry * (1 << 152);
}

function bits_quoteWord1_num() { return 64; }
function bits_quoteWord1_den() { return 64; }
function bits_quoteWord1_max() { return 64; }

template PackQuoteWord1() {
    signal input num;
    signal input den;
    signal input max;
    signal output out;

    out <== num
        + den * (1 << 64)
        + max * (1 << 128);
}

template RangeQuoteWord1() {
    signal input num;
    signal input den;
    signal input max;
    signal output out;

    InRange(64)(num);
    InRange(64)(den);
    InRange(64)(max);
    out <== num
        + den * (1 << 64)
        + max * (1 << 128);
}

function bits_totalsWord_totalIn() { return 64; }
function bits_totalsWord_totalOut() { return 64; }

template PackTotalsWord() {
    signal input totalIn;
    signal input totalOut;
    signal output out;

    out <== totalIn
        + totalOut * (1 << 64);
}

template RangeTotalsWord() {
    signal input totalIn;
    signal input totalOut;
    signal output out;

    InRange(64)(totalIn);
    InRange(64)(totalOut);
    out <== totalIn
        + totalOut * (1 << 64);
}

function bits_headerWord_batchNo() { return 64; }
function bits_headerWord_time() { return 40; }
function bits_headerWord_depositCount() { return 16; }

template PackHeaderWord() {
    signal input batchNo;
    signal input time;
    signal input depositCount;
    signal output out;

    out <== batchNo
        + time * (1 << 64)
        + depositCount * (1 << 104);
}

template RangeHeaderWord() {
    signal input batchNo;
    signal input time;
    signal input depositCount;
    signal output out;

    InRange(64)(batchNo);
    InRange(40)(time);
    InRange(16)(depositCount);
    out <== batchNo
        + time * (1 << 64)
        + depositCount * (1 << 104);
}

function bits_feeWord_total() { return 64; }
function bits_feeWord_token() { return 16; }

template PackFeeWord() {
    signal input total;
    signal input token;
    signal output out;

    out <== total
        + token * (1 << 64);
}

template RangeFeeWord() {
    signal input total;
    signal input token;
    signal output out;

    InRange(64)(total);
    InRange(16)(token);
    out <== total
        + token * (1 << 64);
}

function bits_publicWord_kind() { return 4; }
function bits_publicWord_token() { return 16; }
function bits_publicWord_amount() { return 64; }
function bits_publicWord_recipient() { return 160; }

template PackPublicWord() {
    signal input kind;
    signal input token;
    signal input amount;
    signal input recipient;
    signal output out;

    out <== kind
        + token * (1 << 4)
        + amount * (1 << 20)
        + recipient * (1 << 84);
}

template RangePublicWord() {
    signal input kind;
    signal input token;
    signal input amount;
    signal input recipient;
    signal output out;

    InRange(4)(kind);
    InRange(16)(token);
    InRange(64)(amount);
    InRange(160)(recipient);
    out <== kind
        + token * (1 << 4)
        + amount * (1 << 20)
        + recipient * (1 << 84);
}
