pragma circom 2.1.6;

include "batch.circom";

// Depth 3, 2 operations, 1 quote, 2 fee tokens.
component main {public [domain, oldRoot, newRoot, commitment, z, y]} = Batch(3, 2, 1, 2);
