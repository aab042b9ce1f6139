// Generated from circuits/profiles.json by circuits/tools/layout.js. Do not edit.
// Depth 3, operations 2, quotes 1, fee tokens 2.
pragma circom 2.1.6;

include "../batch.circom";

component main {public [domain, oldRoot, newRoot, commitment, z, y]} =
    Batch(3, 2, 1, 2);
