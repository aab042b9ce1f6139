/**
 * Compiles the contracts with npm's solc into .cache/contracts/<hash>/artifacts.json, where the hash
 * covers every source, the compiler and its settings: an unchanged tree costs one read.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONTRACTS = join(ROOT, 'contracts');
const SOURCE_FOLDERS = ['src', 'test/tokens'];
const require = createRequire(import.meta.url);

/** The same as foundry.toml, so that what the tests run is what is deployed. */
const SETTINGS = {
  optimizer: { enabled: true, runs: 1000 },
  evmVersion: 'prague',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

export interface Artifact {
  readonly abi: readonly Record<string, unknown>[];
  /** Creation code, 0x-prefixed. */
  readonly bytecode: string;
  /** Size of the deployed code in bytes. */
  readonly size: number;
}
export type Artifacts = Readonly<Record<string, Artifact>>;

interface SolcMessage {
  readonly severity: string;
  readonly formattedMessage: string;
}
interface SolcContract {
  readonly abi: Artifact['abi'];
  readonly evm: { bytecode: { object: string }; deployedBytecode: { object: string } };
}
interface SolcOutput {
  readonly errors?: readonly SolcMessage[];
  readonly contracts: Record<string, Record<string, SolcContract>>;
}

/** All contracts by name; compiled only when something changed since the last time. */
export function buildContracts(): { artifacts: Artifacts; path: string; cached: boolean } {
  const sources = readSources();
  const folder = join(ROOT, '.cache', 'contracts', fingerprint(sources));
  const path = join(folder, 'artifacts.json');
  if (existsSync(path)) {
    return { artifacts: JSON.parse(readFileSync(path, 'utf8')) as Artifacts, path, cached: true };
  }
  const artifacts = compile(sources);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(artifacts));
  renameSync(`${path}.${process.pid}`, path);
  return { artifacts, path, cached: false };
}

function readSources(): Map<string, string> {
  const sources = new Map<string, string>();
  for (const folder of SOURCE_FOLDERS) {
    const base = join(CONTRACTS, folder);
    if (!existsSync(base)) continue;
    const names = readdirSync(base, { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((file) => file.endsWith('.sol')).sort()) {
      const path = join(base, name);
      sources.set(relative(CONTRACTS, path), readFileSync(path, 'utf8'));
    }
  }
  return sources;
}

function fingerprint(sources: Map<string, string>): string {
  const versions = ['solc', '@openzeppelin/contracts'].map(
    (name) => (require(`${name}/package.json`) as { version: string }).version,
  );
  const content = JSON.stringify([versions, SETTINGS, [...sources]]);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function compile(sources: Map<string, string>): Artifacts {
  const solc = require('solc') as { compile(input: string, callbacks: object): string };
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: SETTINGS,
  };
  const load = (path: string): { contents: string } | { error: string } => {
    const file = join(ROOT, 'node_modules', path);
    return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: 'not found' };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load })) as SolcOutput;
  const errors = (output.errors ?? []).filter((message) => message.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  return collect(output, sources);
}

function collect(output: SolcOutput, sources: Map<string, string>): Artifacts {
  const artifacts: Record<string, Artifact> = {};
  const errors = allErrors(output, sources);
  for (const path of sources.keys()) {
    for (const [name, { abi, evm }] of Object.entries(output.contracts[path] ?? {})) {
      artifacts[name] = {
        abi: [...abi.filter(({ type }) => type !== 'error'), ...errors],
        bytecode: `0x${evm.bytecode.object}`,
        size: evm.deployedBytecode.object.length / 2,
      };
    }
  }
  return artifacts;
}

/** Errors pass through from one contract to the next, so every ABI lists those of all. */
function allErrors(output: SolcOutput, sources: Map<string, string>): Artifact['abi'] {
  const bySignature = new Map<string, Artifact['abi'][number]>();
  for (const path of sources.keys()) {
    for (const { abi } of Object.values(output.contracts[path] ?? {})) {
      for (const item of abi.filter(({ type }) => type === 'error')) {
        bySignature.set(JSON.stringify([item['name'], item['inputs']]), item);
      }
    }
  }
  return [...bySignature.values()];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { artifacts, path, cached } = buildContracts();
  console.log(`${cached ? 'up to date' : 'compiled'}: ${relative(ROOT, path)}`);
  for (const [name, { size }] of Object.entries(artifacts)) {
    if (size > 0) console.log(`  ${name.padEnd(22)} ${String(size).padStart(6)} bytes`);
  }
}
