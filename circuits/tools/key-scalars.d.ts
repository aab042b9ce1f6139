export interface KeySecrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}
export function drawSecrets(seed: string): KeySecrets;
/** Throws for secrets that make a forgeable or broken key. */
export function assertSecrets(secrets: KeySecrets): void;
