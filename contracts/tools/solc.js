#!/usr/bin/env node
// The compiler forge calls (`--use`): npm's WebAssembly solc behind the command line of a native one,
// so that the tests run offline and with exactly the compiler that makes the deployed bytecode.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import solc from 'solc';

const args = process.argv.slice(2);

if (args.includes('--version')) {
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (args.includes('--standard-json')) {
  const at = args.indexOf('--base-path');
  const base = at >= 0 ? args[at + 1] : process.cwd();
  const load = (path) => {
    try {
      return { contents: readFileSync(resolve(base, path), 'utf8') };
    } catch (error) {
      return { error: String(error) };
    }
  };
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: load }));
} else {
  console.error('solc wrapper: only --version and --standard-json are supported');
  process.exit(64);
}
