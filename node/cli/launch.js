#!/usr/bin/env node
// Runs a script, by default the bitscale program, in a Node that is new enough: this one, or the one that
// npm installed with the project. Every npm script and the `bin` entry go through here.
//
//   node node/cli/launch.js [script.ts|script.js] [arguments]
import module, { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chooseNode, chooseScript, keepCompiled, replaceBy } from './launcher.js';

const { resolve: resolvePackage } = createRequire(import.meta.url);
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const chosen = chooseScript(process.argv.slice(2), main);
const script = resolve(chosen.script);

let other;
try {
  const { versions, platform, arch } = process;
  other = chooseNode({ version: versions.node, platform, arch, resolve: resolvePackage });
} catch (error) {
  console.error(error.message);
  process.exit(78);
}
if (other === undefined) {
  keepCompiled(module, process.env);
  process.argv.splice(1, process.argv.length - 1, script, ...chosen.args);
  await import(pathToFileURL(script).href);
} else {
  replaceBy(other, [...process.execArgv, script, ...chosen.args]);
}
