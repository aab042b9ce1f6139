/** Everything between a deposit on L1 and an accepted proof, with nothing made up but the consensus. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBytes, keccak256, SigningKey, computeAddress, toUtf8Bytes, Wallet } from 'ethers';
import type { SnarkjsKey } from '../../contracts/tools/verifying-key.ts';
import { LedgerTree, MemoryNodes } from '../../modules/ledger/index.ts';
import { fromHex } from '../../node/base/bytes.ts';
import { snarkjsBackend } from '../../node/rollup/backend.ts';
import { FinalityService } from '../../node/rollup/finality.ts';
import { Groth16Verifier, type VerifyingKey } from '../../node/rollup/groth16.ts';
import { ProofJobs } from '../../node/rollup/jobs.ts';
import { L1Client } from '../../node/rollup/l1-client.ts';
import { L1Watcher } from '../../node/rollup/l1-watcher.ts';
import { Prover, type ProverParts } from '../../node/rollup/prover.ts';
import { Submitter } from '../../node/rollup/submitter.ts';
import { silentLogger } from '../../node/base/service.ts';
import { buildProfile } from '../circuits/built-circuit.ts';
import { startAnvil, type Anvil } from '../contracts/support/anvil.ts';
import { account, MEMBERS, RollupFixture } from '../contracts/support/rollup-fixture.ts';
import { LedgerChain } from '../unit/modules/ledger/chain.ts';
import { TestClock } from '../unit/rollup/logger.ts';
import { CIRCUIT_SHAPE } from '../unit/rollup/real-proof.ts';

/** The L1 keys of the fixture's validators, in the order of their addresses. */
const SECRETS = [1, 2, 3, 4]
  .map((i) => keccak256(toUtf8Bytes(`attester ${i}`)))
  .sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1))
  .map((secret) => getBytes(secret));

function addressOf(secret: string): bigint {
  return BigInt(computeAddress(new SigningKey(secret)));
}

export class RollupStage {
  readonly anvil: Anvil;
  readonly fixture: RollupFixture;
  readonly chain: LedgerChain;
  readonly l1: L1Client;
  readonly watcher: L1Watcher;
  readonly finality: FinalityService;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bitscale-rollup-'));
  readonly #built: string;
  readonly #verifier: Groth16Verifier;

  private constructor(parts: {
    anvil: Anvil;
    fixture: RollupFixture;
    built: string;
    verifier: Groth16Verifier;
  }) {
    const { anvil, fixture, built, verifier } = parts;
    this.anvil = anvil;
    this.fixture = fixture;
    this.#built = built;
    this.#verifier = verifier;
    this.chain = new LedgerChain({
      shape: CIRCUIT_SHAPE,
      powers: MEMBERS.map(({ power }) => power),
      secrets: SECRETS,
      domain: fixture.domain,
      l1: { chainId: fixture.l1ChainId, rollup: fromHex(fixture.place.rollup.slice(2)) },
    });
    this.l1 = new L1Client(fixture.deployment as ConstructorParameters<typeof L1Client>[0]);
    this.l1.provider.pollingInterval = 50;
    this.watcher = new L1Watcher({ l1: this.l1, logger: silentLogger, startBlock: 0 });
    const findTx = async () => undefined;
    this.finality = new FinalityService({ chain: this.chain.ask, watcher: this.watcher, findTx });
  }

  static async open(): Promise<RollupStage> {
    const built = buildProfile('test');
    const vkey = JSON.parse(readFileSync(`${built}vkey.json`, 'utf8')) as VerifyingKey & SnarkjsKey;
    const verifier = await Groth16Verifier.create(vkey);
    // Two blocks make a block final.
    const anvil = await startAnvil('--slots-in-an-epoch', '1');
    const { depth, slots, feeTokens } = CIRCUIT_SHAPE;
    const genesisRoot = new LedgerTree(depth, new MemoryNodes()).root;
    const params = { genesisRoot, slots, feeTokens };
    const fixture = await RollupFixture.deploy(anvil, { vkey, params });
    return new RollupStage({ anvil, fixture, built, verifier });
  }

  async close(): Promise<void> {
    this.l1.close();
    await this.anvil.stop();
    rmSync(this.#folder, { recursive: true });
  }

  submitter(index: number, prover = account(index).address): Submitter {
    const wallet = new Wallet(account(index).privateKey, this.l1.provider);
    return new Submitter(this.l1.rollup, wallet, prover);
  }

  /** The prover of account 1; `around` sees each run before it is sent. */
  prover(around: ProverParts['submitter']): Prover {
    const files = {
      wasm: `${this.#built}batch_test.wasm`,
      zkey: `${this.#built}batch_test.zkey`,
    };
    return new Prover(
      {
        domain: this.chain.domain,
        shape: CIRCUIT_SHAPE,
        challenge: {
          ...{ l1ChainId: this.chain.l1.chainId, rollup: this.chain.l1.rollup },
          prover: fromHex(account(1).address.slice(2)),
        },
        rotation: { index: 0, count: 1, takeoverSeconds: 60 },
        gatherSeconds: 1_000_000,
      },
      {
        ...{ chain: this.chain.ask, l1: this.l1, submitter: around, backend: snarkjsBackend },
        jobs: new ProofJobs(join(this.#folder, 'jobs'), files, this.#verifier),
        ...{ clock: new TestClock(), logger: silentLogger, activity: () => undefined },
      },
    );
  }

  /** Makes what is on L1 final, and lets the watcher see it. */
  async finalize(): Promise<void> {
    await this.anvil.mine(4);
    await this.watcher.poll();
    assert.equal(this.watcher.isDown, false);
  }

  /** What all validators would report now. */
  async report(): Promise<void> {
    const { nextDeposit, final } = await this.chain.status();
    const deposits = this.watcher.deposits(nextDeposit, 50);
    const proven = this.watcher.finalRuns(final).map((run) => {
      const { last: batch, rolling: rollingHash, txHash, l1Block } = run;
      return { batch, rollingHash, txHash, l1Block };
    });
    await this.chain.report({ deposits, proven });
  }

  /** All validators sign the newest batch. */
  async attest(): Promise<void> {
    const { sealed } = await this.chain.status();
    const { rollingHash } = await this.chain.header(sealed);
    const txs = this.chain.validators.map((from) =>
      this.chain.tx([this.chain.attestBatch(from, sealed, rollingHash)], from.key),
    );
    for (const { code, log } of (await this.chain.block(txs)).txResults) assert.equal(code, 0, log);
  }
}
