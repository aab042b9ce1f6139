// Generated from circuits/profiles.json by circuits/tools/layout.js. Do not edit.
// Depth 12, operations 12, quotes 1, fee tokens 4.
pragma circom 2.1.6;

include "../batch.circom";

component main {public [domain, oldRoot, newRoot, commitment, z, y]} =
    Batch(12, 12, 1, 4);
