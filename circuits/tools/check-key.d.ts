/** Why a verifying key (snarkjs's JSON) must not be used; empty when it may be. */
export function keyFaults(vkey: unknown): string[];
/** Throws when the key must not be used. */
export function assertKey(vkey: unknown): void;
