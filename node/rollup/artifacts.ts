/** The built circuit and its key on this machine, and the refusal of development keys where money is real. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CircuitFiles } from './jobs.ts';
import type { VerifyingKey } from './groth16.ts';

export interface CircuitArtifacts extends CircuitFiles {
  readonly vkey: VerifyingKey;
}

/** Chain ids on which a key with publicly known secrets may be used. */
const DEV_CHAIN = /^bitscale-(local|dev|test)-[1-9][0-9]*$/;

export function isDevChain(chainId: string): boolean {
  return DEV_CHAIN.test(chainId);
}

/** Throws with the repair when files are missing, or when a dev key meets a chain that is not one. */
export function loadArtifacts(folder: string, profile: string, chainId: string): CircuitArtifacts {
  const circuit = `batch_${profile}`;
  const wasm = join(folder, `${circuit}.wasm`);
  const zkey = join(folder, `${circuit}.zkey`);
  const vkeyPath = join(folder, 'vkey.json');
  const missing = [wasm, zkey, vkeyPath].find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new Error(
      `${missing} is missing; build it with: npm run circuits -- --profile ${profile}`,
    );
  }
  const vkey = JSON.parse(readFileSync(vkeyPath, 'utf8')) as VerifyingKey & {
    readonly bitscale?: { readonly dev?: boolean };
  };
  if (vkey.bitscale?.dev === true && !isDevChain(chainId)) {
    throw new Error(
      `the proving key in ${folder} is a development key: its secrets are public, and ${chainId} is not a development chain`,
    );
  }
  return { wasm, zkey, vkey };
}
