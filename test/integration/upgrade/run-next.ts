/** node run-next.ts <home> [small]: the next version of the program, as a process of its own. */
import { ExitError } from '../../../node/base/exit.ts';
import { createNode } from '../../../node/create-node.ts';
import { NEXT_PROGRAM, SMALL_CHANGE } from './next-program.ts';

const [homeFolder = '', kind] = process.argv.slice(2);
const chain = kind === 'small' ? SMALL_CHANGE : NEXT_PROGRAM;
const node = await createNode({ homeFolder, chain });
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)));
try {
  await node.start();
} catch (error) {
  console.error(String(error));
  process.exit(error instanceof ExitError ? error.exitCode : 1);
}
