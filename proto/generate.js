// Compiles every proto/**/*.proto into proto/gen, with the protoc of the npm package `protoc` and ts-proto:
// both run offline and need no script at installation. Run by `npm run proto`; the output is committed.
//
//   node proto/generate.js [folder]     folder: where to write instead of proto/gen
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDescriptors } from './descriptors.js';

const PROTO_ROOT = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

// bigint for 64-bit integers, literals in place of TypeScript enums, `.ts` imports: what Node's own type
// stripping accepts. JSON keeps the field names of the .proto files, as the REST gateway shows them.
const OPTIONS = [
  'forceLong=bigint',
  'esModuleInterop=true',
  'importSuffix=.ts',
  'enumsAsLiterals=true',
  'unrecognizedEnum=false',
  'snakeToCamel=keys',
  'protoJsonFormat=false',
  'outputServices=none',
  'useExactTypes=false',
  'useDate=false',
];

function protoFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'gen' ? [] : protoFiles(path);
      return entry.name.endsWith('.proto') ? [relative(PROTO_ROOT, path)] : [];
    })
    .sort();
}

// The plug-in is a script, which Windows cannot start by itself: protoc is given a command of its kind.
function plugin() {
  const script = require.resolve('ts-proto/protoc-gen-ts_proto');
  return process.platform === 'win32'
    ? resolve('node_modules/.bin/protoc-gen-ts_proto.cmd')
    : script;
}

const out = resolve(process.argv[2] ?? join(PROTO_ROOT, 'gen'));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
execFileSync(
  process.execPath,
  [
    require.resolve('protoc/protoc.cjs'),
    `--plugin=protoc-gen-ts_proto=${plugin()}`,
    `--ts_proto_out=${out}`,
    `--ts_proto_opt=${OPTIONS.join(',')}`,
    `--proto_path=${PROTO_ROOT}`,
    ...protoFiles(PROTO_ROOT),
  ],
  { stdio: 'inherit' },
);
writeDescriptors(PROTO_ROOT, protoFiles(PROTO_ROOT), join(out, 'descriptors.ts'));
