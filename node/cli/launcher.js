// Which Node runs a program, and running it in another one. Plain JavaScript that Node 18 understands.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** From this version on Node runs TypeScript by itself and libp2p starts. */
const OLDEST = [22, 18];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** Name of the npm package with a Node for this machine, and the path of the program in it. */
export function bundledNode(platform, arch) {
  const windows = platform === 'win32';
  const name = `node-${windows ? 'win' : platform}-${arch}`;
  return `${name}/bin/node${windows ? '.exe' : ''}`;
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * Undefined: this Node will do. Otherwise the path of the bundled one. `resolve` finds a file of a package
 * and throws when it is not installed; then the error says what to install.
 */
export function chooseNode({ version, platform, arch, resolve }) {
  if (isRecent(version)) return undefined;
  const file = bundledNode(platform, arch);
  try {
    return resolve(file);
  } catch {
    throw new Error(
      `BitScale runs on Node.js ${OLDEST.join('.')} or newer; this is ${version}, and ` +
        `${file.split('/')[0]} is not installed. Install a newer Node.js from https://nodejs.org.`,
    );
  }
}

/** The program to run and its arguments: a script named first, or else `fallback`. */
export function chooseScript(args, fallback) {
  const [first = ''] = args;
  return /\.[cm]?[jt]s$/.test(first)
    ? { script: first, args: args.slice(1) }
    : { script: fallback, args };
}

const COMPILED = fileURLToPath(new URL('../../.cache/compiled', import.meta.url));

/**
 * What Node compiles is kept in the project's folder, for this process and those it starts: a node is there
 * sooner after a restart. A folder that cannot be written to, or a Node without such a cache, changes nothing.
 */
export function keepCompiled(module, env) {
  env.NODE_COMPILE_CACHE ??= COMPILED;
  module.enableCompileCache?.(env.NODE_COMPILE_CACHE);
}

/** Runs a child in our place: its input and output are ours, and so is the way it ends. */
export function replaceBy(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : SIGNALS) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`${program} did not start: ${error.message}`);
    process.exit(74);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
