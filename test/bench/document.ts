/** The page of measured numbers; nothing else writes it. What was not measured this time stays as it was. */
import { cpus, release, totalmem, type } from 'node:os';
import { mebibytes, markdown, type Row } from './report.ts';

export interface Measured {
  readonly name: string;
  readonly summary: string;
  readonly rows: readonly Row[];
  /** Load average before it began, over 1 and 5 minutes. */
  readonly load: string;
}

function machine(): string {
  const [processor] = cpus();
  const name = `${cpus().length} x ${processor?.model.trim() ?? 'unknown processor'}`;
  return `${name}, ${mebibytes(totalmem())} memory, ${type()} ${release()}, Node ${process.version}`;
}

const HEADING = /^## (.+)$/m;

/** The sections of a page, by heading. */
function sectionsOf(page: string): Map<string, string> {
  const sections = page.split(/^(?=## )/m).slice(1);
  return new Map(sections.map((text) => [HEADING.exec(text)?.[1] ?? '', text.trimEnd()]));
}

function section({ name, summary, rows, load }: Measured): string {
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return `## ${name}

${summary}

Measured ${date} UTC on ${machine()}. Load average (1 and 5 minutes) before: ${load}.

${markdown(rows)}`;
}

/** `page` with the sections of what was measured, in the given order of names. */
export function document(
  page: string,
  measured: readonly Measured[],
  order: readonly string[],
): string {
  const sections = sectionsOf(page);
  for (const one of measured) sections.set(one.name, section(one));
  const texts = order.flatMap((name) => sections.get(name) ?? []);
  return `# Benchmarks

Written by \`npm run bench -- --write\`; not edited by hand. Each section says when and where it was measured;
only what runs is measured again. \`npm run bench -- --help\` says how. Targets are for 2 processor cores that do
nothing else. All validators, L1, the provers and the client share the machine that is measured.

${texts.join('\n\n')}
`;
}
