import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildContracts } from '../../contracts/tools/build.ts';

const CONTRACTS = fileURLToPath(new URL('../../contracts/', import.meta.url));
const SEED = '0x6269747363616c65';

/** forge of this platform's package; throws where there is none. */
function forge(): string {
  const require = createRequire(import.meta.url);
  const launcher = require.resolve('@foundry-rs/forge/package.json');
  const near = createRequire(launcher);
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch;
  const file = process.platform === 'win32' ? 'forge.exe' : 'forge';
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  return near.resolve(`@foundry-rs/forge-${platform}-${cpu}/bin/${file}`);
}

/** The creation code that forge compiled. */
function tested(name: string): string {
  const output = readFileSync(`${CONTRACTS}out/${name}.sol/${name}.json`, 'utf8');
  return (JSON.parse(output) as { bytecode: { object: string } }).bytecode.object;
}

describe('contracts/forge', () => {
  it(`every Solidity test passes on the code that is deployed, offline, with the fuzz seed ${SEED}`, () => {
    const compiler = `${CONTRACTS}tools/solc.js`;
    const args = ['test', '--offline', '--use', compiler, '--fuzz-seed', SEED];
    // The compiler is a script for `node`: let it find the Node that runs this test.
    const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
    const options = {
      cwd: CONTRACTS,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    } as const;
    const { status, stdout, stderr } = spawnSync(forge(), args, options);
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    const [, passed] = /(\d+) tests passed, 0 failed/.exec(stdout) ?? [];
    console.log(`      ${passed} Solidity tests`);
    assert(Number(passed) >= 60);
    for (const name of ['Rollup', 'Validators', 'VerifierRegistry', 'TestToken']) {
      assert.equal(tested(name), buildContracts().artifacts[name]?.bytecode, name);
    }
  }).timeout(300_000);
});
