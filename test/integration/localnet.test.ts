/**
 * One real local network, driven as a user drives it, through everything that may happen to it. The cases
 * build on each other: each goes on where the one before has left the network.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../services/demo/l1.ts';
import {
  heightNow,
  heightsWithEvidence,
  History,
  reach,
  scanSignatures,
  VALIDATORS,
} from './localnet/nodes.ts';
import { anvilPid, find, kill, nodePid, openPorts, processesOf } from './localnet/processes.ts';
import { Program, READY, run, startNetwork, type Ended } from './localnet/supervisor.ts';
import { until } from './localnet/until.ts';
import { Work } from './localnet/work.ts';

const DEMO = 'services/demo/demo.ts';
const FLAGS = ['--block-time', '500'];
/** Blocks that show that the chain goes on. */
const MORE = 6;
/** Blocks after which anvil calls a block final. */
const FINAL_DEPTH = 8;

describe('the local network', function () {
  this.timeout(10 * 60_000);
  this.bail(true);
  let home: string;
  let network: Program;
  let work: Work;
  let demo: Promise<Ended>;
  let balance: string;
  let height: number;
  const history = new History();

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'bitscale-localnet-'));
    network = await startNetwork(home, ...FLAGS);
    demo = run(DEMO, '--home', home);
    work = await Work.begin(home);
  });

  after(async () => {
    work?.end();
    network?.signal('SIGCONT');
    if (network && !network.hasEnded) await network.stop();
    for (const { pid } of processesOf(home)) process.kill(pid, 'SIGKILL');
    rmSync(home, { recursive: true });
  });

  /** Kills what runs with these words and waits for the supervisor's next one. */
  async function replace(name: string, pid: number): Promise<void> {
    const said = network.output.length;
    await kill(pid);
    const notice = `${name} was killed by SIGKILL; starting it again`;
    await until(`the supervisor says "${notice}"`, () =>
      network.output.slice(said).includes(notice),
    );
  }

  it('writes a deployment file of the fixed shape', () => {
    const text = readFileSync(join(home, 'l1', 'deployment.json'), 'utf8');
    const { chainId, rpc, contracts, tokens } = JSON.parse(text) as Deployment;
    assert.equal(chainId, 31337);
    assert.equal(rpc, 'http://127.0.0.1:8545');
    const names = ['Bridge', 'Inbox', 'Rollup', 'Validators', 'VerifierRegistry'];
    assert.deepEqual(Object.keys(contracts).sort(), names);
    assert.deepEqual(Object.keys(tokens).sort(), ['USDA', 'USDB']);
    for (const { abi } of Object.values(contracts)) assert.ok(Array.isArray(abi));
    for (const { decimals } of Object.values(tokens)) assert.ok(Number.isInteger(decimals));
    for (const { address } of [...Object.values(contracts), ...Object.values(tokens)]) {
      assert.match(address, /^0x[0-9a-fA-F]{40}$/);
    }
  });

  it('is the only one on its folder', async () => {
    for (const flags of [[], ['--fresh']]) {
      const { code, output } = await run('localnet', '--home', home, ...flags);
      assert.equal(code, 74, output);
      assert.match(output, /another local network \(process \d+\) is using .*; stop it first/);
    }
  });

  it('is the only one on the machine', async () => {
    const other = mkdtempSync(join(tmpdir(), 'bitscale-localnet-'));
    try {
      const { code, output } = await run('localnet', '--home', other);
      assert.equal(code, 74, output);
      assert.match(
        output,
        /another local network \(process \d+\) is using .*ports.*; stop it first/,
      );
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('refuses a number of validators out of bounds', async () => {
    const { code, output } = await run('localnet', '--home', home, '--validators', '0');
    assert.equal(code, 64, output);
    assert.match(output, /--validators must be 1 to 31/);
  });

  it('shows a payment from start to end', async () => {
    const { code, output } = await demo;
    assert.equal(code, 0, output);
    for (const word of ['soft  ', 'proven  ', 'final  ', 'ERC-20 balance']) {
      assert.ok(output.includes(word), `no "${word}" in ${output}`);
    }
    await history.check();
  });

  it('goes on without a validator that is killed, and takes it back', async () => {
    // A supervisor that sleeps lets the validator stay away for a while.
    network.signal('SIGSTOP');
    await kill(nodePid(home, 3));
    const from = await heightNow();
    await reach(0, from + MORE);
    network.signal('SIGCONT');
    await network.says('node3 was killed by SIGKILL; starting it again');
    await reach(3, from + MORE);
    await history.check();
  });

  it('goes on with the same history after all validators are killed at once', async () => {
    const from = await history.check();
    await Promise.all(VALIDATORS.map((index) => kill(nodePid(home, index))));
    for (const index of VALIDATORS) await reach(index, from + MORE);
    assert.ok((await history.check()) >= from + MORE);
  });

  it('proves a batch although the prover and L1 are killed in the middle', async () => {
    const { sealed } = await work.batches();
    await work.register();
    await until('a batch is sealed', async () => (await work.batches()).sealed > sealed);
    const proving = () =>
      until('a proof is being made', () => find(home, 'circuits/tools/prove.js'));
    const name = /prover\d/.exec((await proving()).command)?.[0] ?? '';
    await replace(name, find(home, `prover --home ${home}/${name}`)?.pid ?? 0);
    await proving();
    await replace('l1', anvilPid(home));
    await until('L1 accepts the proof', async () => {
      const tip = await work.tip().catch(() => undefined);
      return tip !== undefined && tip.batchCount > sealed;
    });
    const activity = (): string => readFileSync(join(home, name, 'activity'), 'utf8');
    await until('the prover knows it', () => !activity().startsWith('submitting'));
  });

  it('submits again what a reorganisation of L1 has dropped', async () => {
    // And one more: L1 may make a block before it is told.
    const depthOfNewest = async (): Promise<number> =>
      (await work.l1Height()) - (await work.newestSubmission()) + 2;
    let depth = await depthOfNewest();
    // What is final is never dropped: on a slow machine the last one may be, and another one is needed.
    while (depth >= FINAL_DEPTH) {
      const { sealed } = await work.batches();
      await work.register();
      await until('L1 accepts another one', async () => (await work.tip()).batchCount > sealed);
      depth = await depthOfNewest();
    }
    const before = (await work.tip()).batchCount;
    await work.reorganise(depth);
    assert.ok((await work.tip()).batchCount < before);
    await until('the batch is final', async () => (await work.batches()).final >= before);
    assert.equal((await work.tip()).batchCount, before);
  });

  it('goes on while L1 is down, and credits deposits when it is back', async () => {
    const credited = await work.deposit();
    const anvil = anvilPid(home);
    process.kill(anvil, 'SIGSTOP');
    try {
      const from = await heightNow();
      await reach(0, from + 2 * MORE);
      assert.equal(await credited(), undefined);
    } finally {
      process.kill(anvil, 'SIGCONT');
    }
    const account = await until('the deposit is credited', credited);
    assert.equal(account.balance, 5_000_000n);
  });

  it('never let a validator sign two things at one height and round', async () => {
    const top = await history.check();
    const { seen, conflicts } = await scanSignatures(top);
    assert.deepEqual(conflicts, []);
    assert.ok(seen >= 3 * top, `${seen} signatures for ${top} blocks`);
    assert.deepEqual(await heightsWithEvidence(top), []);
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    balance = await work.balance();
    height = await history.check();
    const { code, output } = await network.stop('SIGINT');
    assert.equal(code, 0, output);
    assert.deepEqual(processesOf(home), []);
    assert.deepEqual(await openPorts(), []);
  });

  it('the demonstration says that there is no network', async () => {
    const { code, output } = await run(DEMO, '--home', home);
    assert.equal(code, 1);
    assert.match(output, /no node answers at .* Start the local network first/);
  });

  it('refuses another number of validators than the folder was made with', async () => {
    const { code, output } = await run('localnet', '--home', home, '--validators', '5');
    assert.equal(code, 78, output);
    assert.match(output, /was made with --validators 4, not with --validators 5/);
  });

  it('resumes with all its state', async () => {
    network = await startNetwork(home, ...FLAGS);
    assert.equal(await work.balance(), balance);
    assert.ok((await history.check()) > height);
    const { sealed } = await work.batches();
    await until('every batch is final', async () => (await work.batches()).final >= sealed);
  });

  it('ends what a killed supervisor has left behind', async () => {
    const left = processesOf(home).length - 1;
    await network.stop('SIGKILL');
    assert.equal(processesOf(home).length, left);
    const before = await heightNow();
    network = await startNetwork(home, ...FLAGS);
    assert.match(network.output, /Ended \d+ processes that an earlier run left behind/);
    assert.ok((await history.check()) > before);
  });

  it('ends in the middle of its preparation', async () => {
    await network.stop('SIGTERM');
    network = new Program(['localnet', '--home', home, '--fresh']);
    await network.says('Starting L1');
    const { code, output } = await network.stop('SIGTERM');
    assert.equal(code, 0, output);
    assert.ok(!output.includes(READY));
    assert.deepEqual(processesOf(home), []);
  });

  it('runs without L1, which the demonstration refuses', async () => {
    const flags = ['--no-l1', '--validators', '1', '--accounts', '1000'];
    network = await startNetwork(home, '--fresh', ...flags);
    assert.equal(find(home, '--state'), undefined);
    const { code, output } = await run(DEMO, '--home', home);
    assert.equal(code, 1);
    assert.match(output, /deployment\.json\. The network needs an L1: start it without --no-l1/);
    assert.equal((await network.stop('SIGINT')).code, 0);
    assert.deepEqual(await openPorts(), []);
  });
});
