/** The page of measured numbers; nothing else writes it. */
import { cpus, release, totalmem, type } from 'node:os';
import { mebibytes, markdown, type Row } from './report.ts';

function machine(): string {
  const [processor] = cpus();
  const name = `${cpus().length} x ${processor?.model.trim() ?? 'unknown processor'}`;
  return `${name}, ${mebibytes(totalmem())} memory, ${type()} ${release()}, Node ${process.version}`;
}

export function document(rows: readonly Row[], loads: readonly string[]): string {
  return `# Benchmarks

Written by \`npm run bench -- --write\`; not edited by hand. \`npm run bench -- --help\` says how to measure
again. Targets are for 2 processor cores that do nothing else. All four validators, L1, the provers and the
client share the machine that is measured.

- Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC
- Machine: ${machine()}
- Load average (1 and 5 minutes) before each benchmark: ${loads.join('; ')}

${markdown(rows)}
`;
}
