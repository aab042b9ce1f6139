/**
 * npm run prover:check: proves one full batch of the development profile with the configured program and
 * checks the proof with the node's own verifier. Exit code 0 only for a proof that holds.
 */
import { commandLine } from '../support/command-line.ts';
import { proveBatch } from './proving.ts';
import { mebibytes, seconds } from './report.ts';

const HELP = `usage: npm run prover:check -- [--prover-command "<words>"]

Without --prover-command it proves with snarkjs. Otherwise with any program of the same contract, for example
  npm run prover:check -- --prover-command "snarkrs groth16 prove {zkey} {wtns} {proof} {public}"
{zkey} {wtns} {proof} {public} are replaced by the paths of the files.`;

async function main(): Promise<number> {
  const values = commandLine(HELP, { 'prover-command': { type: 'string' } });
  const command = values['prover-command']?.split(' ').filter(Boolean);
  const found = await proveBatch(command);
  console.log(`back-end  ${found.backend}`);
  console.log(`witness   ${seconds(found.witnessSeconds)}`);
  console.log(`proof     ${seconds(found.proofSeconds)}`);
  console.log(`memory    ${mebibytes(found.peakBytes)} at most`);
  console.log(`verdict   ${found.valid ? 'the proof holds' : 'THE PROOF DOES NOT HOLD'}`);
  return found.valid ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
