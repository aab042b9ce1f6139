// Generated from circuits/layout.json by circuits/tools/layout.js. Do not edit.
/** Bit widths of every packed word, lowest field first. */
export const LAYOUT = {
  leafWord: [
    ['balance', 64],
    ['nonce', 40],
    ['token', 16],
  ],
  opWord: [
    ['op', 4],
    ['sIdx', 32],
    ['rIdx', 32],
    ['token', 16],
    ['tokenOut', 16],
    ['nonce', 40],
    ['expiry', 40],
  ],
  slotWord: [
    ['op', 4],
    ['sIdx', 32],
    ['rIdx', 32],
    ['token', 16],
    ['tokenOut', 16],
    ['nonce', 40],
    ['expiry', 40],
    ['quoteIdx', 8],
  ],
  amountWord: [
    ['amount', 64],
    ['amountOut', 64],
    ['fee', 64],
  ],
  quoteWord0: [
    ['inIdx', 32],
    ['outIdx', 32],
    ['tokenIn', 16],
    ['tokenOut', 16],
    ['nonce', 40],
    ['uses', 16],
    ['expiry', 40],
  ],
  quoteWord1: [
    ['num', 64],
    ['den', 64],
    ['max', 64],
  ],
  totalsWord: [
    ['totalIn', 64],
    ['totalOut', 64],
  ],
  headerWord: [
    ['batchNo', 64],
    ['time', 40],
    ['depositCount', 16],
  ],
  feeWord: [
    ['total', 64],
    ['token', 16],
  ],
  publicWord: [
    ['kind', 4],
    ['token', 16],
    ['amount', 64],
    ['recipient', 160],
  ],
} as const;
