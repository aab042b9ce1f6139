pragma circom 2.1.6;

include "batch.circom";

// Depth 8, 3 operations, 1 quote, 4 fee tokens.
component main {public [domain, oldRoot, newRoot, commitment, z, y]} = Batch(8, 3, 1, 4);
