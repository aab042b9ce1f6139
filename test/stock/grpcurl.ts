/**
 * npm run check:grpcurl: the stock `grpcurl`, which knows a node by reflection only, lists and describes everything
 * that a running node offers, and calls all that can be called without arguments. Exit code 0 when all of it
 * works, 1 when not, 2 when it could not be asked.
 */
import { spawnSync } from 'node:child_process';
import { commandLine } from '../support/command-line.ts';
import { goProgram, NotAsked } from './go-program.ts';

const HELP = `usage: npm run check:grpcurl -- [options]

  --address <host:port>  gRPC of the node (127.0.0.1:9090)
  --grpcurl <path>       the program; without it the one in PATH, or one built by Go into .cache/bin`;

const PACKAGE = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3';

/** What these answer to a request without arguments: a refusal in words is as good as an answer. */
const REFUSALS = /Code: (InvalidArgument|NotFound|Unknown)\n\s+Message: \S/;

interface Outcome {
  readonly ok: boolean;
  readonly text: string;
}

function caller(program: string): (...args: string[]) => Outcome {
  return (...args) => {
    const { status, stdout, stderr } = spawnSync(program, ['-plaintext', ...args]);
    return { ok: status === 0, text: `${String(stdout)}${String(stderr)}` };
  };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function main(): number {
  const values = commandLine(HELP, {
    address: { type: 'string', default: '127.0.0.1:9090' },
    grpcurl: { type: 'string' },
  });
  const { address } = values;
  const run = caller(goProgram('grpcurl', PACKAGE, values.grpcurl));
  const listed = run(address, 'list');
  if (!listed.ok) throw new NotAsked(`no node with reflection at ${address}: ${listed.text}`);
  const failures: string[] = [];
  let called = 0;
  for (const service of lines(listed.text)) {
    const described = run(address, 'describe', service);
    const methods = lines(run(address, 'list', service).text);
    if (!described.ok || methods.length === 0) failures.push(`${service}: ${described.text}`);
    for (const method of methods) {
      if (service.startsWith('grpc.')) continue;
      called += 1;
      const { ok, text } = run(address, method);
      if (!ok && !REFUSALS.test(text)) failures.push(`${method}: ${text}`);
    }
    console.log(`${service}: ${methods.length} methods`);
  }
  for (const failure of failures) console.error(failure);
  console.log(failures.length === 0 ? `grpcurl called ${called} methods` : 'grpcurl cannot use it');
  return failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NotAsked ? 2 : 1;
}
