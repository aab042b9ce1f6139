// Generated from circuits/profiles.json by circuits/tools/layout.js. Do not edit.
// Depth 8, operations 3, quotes 1, fee tokens 4.
pragma circom 2.1.6;

include "../batch.circom";

component main {public [domain, oldRoot, newRoot, commitment, z, y]} =
    Batch(8, 3, 1, 4);
