/** Style as a test: what the compiler and the linter do not see. Each rule is first tried on a planted fault. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floorViolations, importCycles, whyForbidden } from './tidy/floors.ts';
import { importsOf, parseSource, type Source } from './tidy/parse.ts';
import * as rules from './tidy/rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const TOP = ['node', 'modules', 'proto', 'circuits', 'contracts', 'genesis', 'services', 'test'];
const PASSED_OVER =
  /(?:^|\/)(?:gen|vectors|build|cache|out|forge-cache|node_modules|lib)\/|\.gen\.\w+$/;

function readSources(): Source[] {
  return TOP.flatMap((top) => {
    let names: string[];
    try {
      names = readdirSync(join(root, top), { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
    return names
      .map((name) => `${top}/${name.replaceAll('\\', '/')}`)
      .filter((path) => /\.(?:ts|js|cjs|mjs|sol|circom)$/.test(path) && !PASSED_OVER.test(path))
      .sort()
      .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
  });
}

/** Documents are not parsed. */
function readDocuments(): { path: string; text: string }[] {
  const inFolders = [...TOP, 'docs'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${top}/${name}`,
    ),
  );
  return [...readdirSync(root), ...inFolders]
    .filter((path) => path.endsWith('.md') && !PASSED_OVER.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const isScript = ({ path }: Source): boolean => /\.(?:ts|js|cjs|mjs)$/.test(path);

describe('tidy: the house', () => {
  const sources = readSources();
  const scripts = sources.filter(isScript);
  const none = (violations: string[]): void => assert.deepEqual(violations, []);

  it('imports only go down the floors', () => none(floorViolations(scripts)));
  it('imports never go in a circle', () => none(importCycles(scripts)));
  it('files have at most 400 lines', () => none(rules.longFiles(sources)));
  it('functions have at most 70 lines', () => none(rules.longFunctions(scripts)));
  it('functions have at most 4 parameters', () => none(rules.manyParameters(scripts)));
  it('names say what a thing is', () => none(rules.bannedNames(scripts)));
  it('file names are in kebab-case', () => none(rules.badFileNames(scripts)));
  it('deterministic code reads no clock, no host and no random numbers', () => {
    none(rules.bannedGlobals(scripts));
  });
  it('every bound is used', () => none(rules.unusedLimits(scripts)));
  it('nothing is left for later', () => none(rules.leftovers(sources)));
  it('no test is switched off', () => none(rules.switchedOffTests(scripts)));
  it('no merge is left unfinished', () => {
    const documents = readDocuments();
    assert.ok(documents.some(({ path }) => path === 'README.md'));
    none(rules.unfinishedMerges([...sources, ...documents]));
  });
});

describe('tidy: each rule finds a planted fault', () => {
  const plant = (path: string, text: string): Source[] => [parseSource(path, text)];
  const found = (violations: string[]): void =>
    assert.equal(violations.length, 1, violations.join());

  const FORBIDDEN: [string, string][] = [
    ['node/base/a.ts', 'node/store/b.ts'],
    ['node/consensus/a.ts', 'node/store/b.ts'],
    ['node/app/a.ts', 'modules/bank/b.ts'],
    ['modules/bank/a.ts', 'modules/auth/b.ts'],
    ['modules/bank/a.ts', 'node/engine/b.ts'],
    ['node/engine/a.ts', 'node/network/b.ts'],
    ['node/rpc/a.ts', 'modules/ledger/b.ts'],
    ['node/rollup/a.ts', 'node/chain.ts'],
    ['services/helios/a.ts', 'node/base/b.ts'],
    ['services/helios/a.ts', 'modules/ledger/transition.ts'],
    ['services/helios/a.ts', 'services/astra/b.ts'],
    ['circuits/a.ts', 'node/base/b.ts'],
    ['genesis/a.ts', 'node/store/b.ts'],
    ['node/rollup/a.ts', 'circuits/tools/b.ts'],
    ['node/cli/a.ts', 'circuits/b.ts'],
    ['modules/bank/a.ts', 'genesis/b.ts'],
    ['node/engine/a.ts', 'test/b.ts'],
  ];
  for (const [from, to] of FORBIDDEN) {
    it(`${from} may not import ${to}`, () => assert.ok(whyForbidden(from, to)));
  }

  const ALLOWED: [string, string][] = [
    ['node/base/a.ts', 'node/base/b.ts'],
    ['modules/bank/a.ts', 'proto/gen/b.ts'],
    ['node/rollup/a.ts', 'modules/ledger/b.ts'],
    ['node/chain.ts', 'modules/bank/b.ts'],
    ['node/cli/a.ts', 'genesis/b.ts'],
    ['node/cli/a.ts', 'contracts/tools/b.ts'],
    ['services/helios/a.ts', 'modules/ledger/client.ts'],
    ['genesis/a.ts', 'node/base/b.ts'],
    ['test/a.ts', 'node/engine/b.ts'],
  ];
  for (const [from, to] of ALLOWED) {
    it(`${from} may import ${to}`, () => assert.equal(whyForbidden(from, to), undefined));
  }

  it('finds every form of import, and none in strings and comments', () => {
    const text = [
      `import type { A } from './a.ts';`,
      `export * from "./b.ts";`,
      `import './c.ts';`,
      'const d = await import("./d.ts");',
      `const s = "import x from './no.ts'"; // import './no.ts'`,
      "const t = `from './no.ts' ${f(`from './no.ts'`)} from './no.ts'`;",
      `import {\n  e,\n} from './e.ts';`,
    ].join('\n');
    const names = importsOf(parseSource('x.ts', text)).map(({ specifier }) => specifier);
    assert.deepEqual(names, ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts']);
  });

  it('a circle of type imports', () => {
    const a = parseSource('node/base/a.ts', `import type { B } from './b.ts';`);
    const b = parseSource('node/base/b.ts', `import type { A } from './a.ts';`);
    found(importCycles([a, b]));
    assert.deepEqual(importCycles([a]), []);
  });

  it('a file and a function that are too long', () => {
    found(rules.longFiles(plant('a.ts', 'x\n'.repeat(401))));
    assert.deepEqual(rules.longFiles(plant('a.ts', 'x\n'.repeat(400))), []);
    const body = 'x();\n'.repeat(69);
    for (const head of [
      'function a(): Promise<{ b: c }>',
      'const a = (b) =>',
      'class A {\n  b(c)',
    ]) {
      const tail = head.startsWith('class') ? '}\n}' : '}';
      found(rules.longFunctions(plant('a.ts', `${head} {\n${body}${tail}`)));
    }
    assert.deepEqual(rules.longFunctions(plant('a.ts', `function a() {\n${body.slice(5)}}`)), []);
    assert.deepEqual(
      rules.longFunctions(plant('a.ts', `const a = {\n${'b: 1,\n'.repeat(99)}};`)),
      [],
    );
    assert.deepEqual(
      rules.longFunctions(plant('test/a.ts', `describe('a', () => {\n${body}});`)),
      [],
    );
  });

  it('a function with five parameters', () => {
    found(rules.manyParameters(plant('a.ts', 'function a(b: X<1, 2>, c, d = [1, 2], e, f) {}')));
    found(
      rules.manyParameters(
        plant('a.ts', 'class A {\n  async #b(c: X<1, 2>, d, e, f, g): H {\n  }\n}'),
      ),
    );
    const call =
      'class A {\n  b(c) {\n    d(e, f, g, h, i);\n    if (j(k, l, m, n, o)) {\n    }\n  }\n}';
    assert.deepEqual(rules.manyParameters(plant('a.ts', call)), []);
    assert.deepEqual(
      rules.manyParameters(plant('a.ts', 'function a(b, c, { d, e, f }: G, h) {}')),
      [],
    );
  });

  it('names that say nothing', () => {
    found(rules.bannedNames(plant('node/base/utils.ts', '')));
    found(rules.bannedNames(plant('a.ts', 'class PeerManager {}')));
    assert.deepEqual(rules.bannedNames(plant('a.ts', '// a helper\nconst utility = 1;')), []);
    found(rules.badFileNames(plant('node/base/BigThing.ts', '')));
  });

  it('clocks, hosts and waiting in deterministic code', () => {
    const faults = [
      'Date.now()',
      'Math.random()',
      'process.env',
      'async () => 1',
      'a.localeCompare(b)',
    ];
    for (const fault of [
      ...faults,
      'for (const a in b) {}',
      `import 'node:fs'`,
      'setTimeout(f)',
      'throw new Error(a)',
    ]) {
      found(rules.bannedGlobals(plant('modules/bank/a.ts', `${fault};`)));
      assert.deepEqual(rules.bannedGlobals(plant('test/a.ts', `${fault};`)), []);
    }
    assert.deepEqual(
      rules.bannedGlobals(plant('modules/a/b.ts', '// Date\nx.process(1, "Date")')),
      [],
    );
    found(rules.bannedGlobals(plant('node/engine/a.ts', 'console.log(1)')));
  });

  it('a bound that nothing asks about', () => {
    const limits = plant(
      'node/base/limits.ts',
      'export const MAX_A = 1;\nexport const MAX_B = MAX_A;',
    );
    found(rules.unusedLimits(limits));
    const use = plant('node/a.ts', 'if (b > MAX_B) stop();');
    assert.deepEqual(rules.unusedLimits([...limits, ...use]), []);
  });

  it('a merge that was not finished', () => {
    found(rules.unfinishedMerges([{ path: 'a.md', text: `one\n${'<'.repeat(7)} HEAD\ntwo` }]));
  });

  it('what is left for later, and tests that are switched off', () => {
    found(rules.leftovers(plant('a.ts', `// ${'TO' + 'DO'}: later`)));
    found(rules.switchedOffTests(plant('test/a.ts', `it.${'only'}('x', () => 1);`)));
    found(rules.switchedOffTests(plant('test/a.ts', `x${'it'}('x', () => 1);`)));
  });
});
