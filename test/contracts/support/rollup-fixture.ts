/**
 * The deployed contracts on an anvil, with provers and validators whose keys are known: makes runs
 * with valid proofs and certificates, and says by name why a call is refused.
 */
import assert from 'node:assert/strict';
import { Contract, NonceManager, SigningKey, Wallet, computeAddress } from 'ethers';
import { HDNodeWallet, Mnemonic, isCallException, keccak256, toUtf8Bytes } from 'ethers';
import type { InterfaceAbi, TransactionReceipt, TransactionRequest } from 'ethers';
import { deploy, type Deployment, type DeployParams } from '../../../contracts/tools/deploy.ts';
import { mined } from '../../../contracts/tools/mined.ts';
import type { SnarkjsKey } from '../../../contracts/tools/verifying-key.ts';
import type { Anvil } from './anvil.ts';
import * as reference from './batch-reference.ts';
import { prove, scalar, verifyingKey } from './known-key.ts';

export const SHAPE = { slots: 3, feeTokens: 4 };
export const CHAIN_ID = 'bitscale-test-1';
export const GENESIS_ROOT = 77n;
/** A point of the prime subgroup: circomlib's Base8. */
export const OWNER = {
  ax: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  ay: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};
const MNEMONIC = 'test test test test test test test test test test test junk';
const GAS_LIMIT = 6_000_000n;

export interface SubmittedBatch {
  newRoot: bigint;
  commitment: bigint;
  proof: bigint[];
  words: bigint[];
}
export interface SubmittedRun {
  prover: string;
  keyVersion: number;
  oldRoot: bigint;
  batches: SubmittedBatch[];
}
export interface Seal {
  index: number;
  v: number;
  r: string;
  s: string;
}
export interface Certificate {
  members: { key: string; power: bigint }[];
  seals: Seal[];
}
export interface Tip {
  readonly root: bigint;
  readonly rolling: string;
  readonly batchCount: bigint;
  readonly consumed: bigint;
  readonly submittedAt: bigint;
  readonly time: bigint;
}
/** What a test says of a batch; the rest follows from the tip. */
export type BatchWish = Partial<Pick<reference.BatchContent, 'slots' | 'fees' | 'time'>>;

export const account = (index: number): HDNodeWallet =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${index}`);

/** Four attestation keys with the powers 10, 20, 30, 40 in the order of their addresses. */
const ATTESTERS = [1, 2, 3, 4]
  .map((i) => new SigningKey(keccak256(toUtf8Bytes(`attester ${i}`))))
  .sort((a, b) => (BigInt(computeAddress(a)) < BigInt(computeAddress(b)) ? -1 : 1));
export const MEMBERS = ATTESTERS.map((key, i) => ({
  key: computeAddress(key),
  power: BigInt(10 * (i + 1)),
}));

export interface FixtureOptions {
  readonly vkey?: SnarkjsKey;
  readonly params?: Partial<DeployParams>;
  readonly tokens?: readonly { symbol: string; decimals: number; address: string }[];
}

export class RollupFixture {
  readonly anvil: Anvil;
  readonly deployment: Deployment;
  readonly prover: NonceManager;
  readonly proverAddress: string;
  readonly rollup: Contract;
  readonly bridge: Contract;
  readonly l1ChainId = 31337n;

  private constructor(anvil: Anvil, deployment: Deployment) {
    this.anvil = anvil;
    this.deployment = deployment;
    this.proverAddress = account(1).address;
    this.prover = this.signer(1);
    this.rollup = this.contract('Rollup');
    this.bridge = this.contract('Bridge');
  }

  static async deploy(anvil: Anvil, options: FixtureOptions = {}): Promise<RollupFixture> {
    const deployment = await deploy({
      rpc: anvil.rpc,
      privateKey: account(0).privateKey,
      vkey: options.vkey ?? verifyingKey(),
      validators: MEMBERS.map(({ key, power }) => ({ address: key, power })),
      tokens: options.tokens ?? [
        { symbol: 'TUSD', decimals: 6 },
        { symbol: 'TEUR', decimals: 18 },
      ],
      params: { chainId: CHAIN_ID, genesisRoot: GENESIS_ROOT, ...SHAPE, ...options.params },
    });
    return new RollupFixture(anvil, deployment);
  }

  signer(index: number): NonceManager {
    return new NonceManager(new Wallet(account(index).privateKey, this.anvil.provider));
  }

  contract(name: string, signer = this.prover): Contract {
    const entry = this.deployment.contracts[name];
    assert(entry !== undefined, `no contract ${name}`);
    return new Contract(entry.address, entry.abi as InterfaceAbi, signer);
  }

  get place(): reference.Place {
    const rollup = this.rollup.target as string;
    return { l1ChainId: this.l1ChainId, rollup, prover: this.proverAddress };
  }

  get domain(): bigint {
    return reference.ledgerDomain(CHAIN_ID, this.l1ChainId, this.place.rollup);
  }

  async tip(): Promise<Tip> {
    const tip = (await this.rollup.getFunction('state')()) as Tip;
    const { root, rolling, batchCount, consumed, submittedAt, time } = tip;
    return { root, rolling, batchCount, consumed, submittedAt, time };
  }

  /** A run that continues the proven history, with valid proofs of this (or another) prover. */
  async run(wishes: readonly BatchWish[], prover = this.proverAddress): Promise<SubmittedRun> {
    const tip = await this.tip();
    const block = await this.anvil.provider.getBlock('latest');
    const time = BigInt(block?.timestamp ?? 0);
    const batches = wishes.map((wish, i): SubmittedBatch => {
      const newRoot = scalar(`root ${tip.batchCount} ${i}`);
      const content = { batchNo: tip.batchCount + BigInt(i) + 1n, time, slots: [], ...wish };
      const words = wordsOf({ ...content, oldRoot: 0n, newRoot, commitment: 0n, fees: wish.fees });
      return { newRoot, commitment: scalar(`commitment ${newRoot}`), proof: [], words };
    });
    const run = { prover, keyVersion: 1, oldRoot: tip.root, batches };
    this.prove(run);
    return run;
  }

  /** (Re)makes the proofs for what the run says now. */
  prove(run: SubmittedRun): void {
    for (const [i, { statement, batch }] of statements(run).entries()) {
      const place = { ...this.place, prover: run.prover };
      const inputs = reference.publicInputs(this.domain, place, statement, batch.words);
      batch.proof = prove(inputs, `proof ${i}`);
    }
  }

  /** The digest that attests to the run on top of the proven history. */
  async digest(run: SubmittedRun): Promise<string> {
    let { rolling } = await this.tip();
    let last = 0n;
    for (const { statement, batch } of statements(run)) {
      rolling = reference.rollingHash(rolling, statement, batch.words);
      last = statement.batchNo;
    }
    return reference.attestationDigest(this.place, last, rolling);
  }

  async certify(run: SubmittedRun, signers = [0, 1, 2, 3]): Promise<Certificate> {
    return certificate(await this.digest(run), signers);
  }

  /** Calldata of `submit` with the seals of all validators. */
  async calldata(run: SubmittedRun, seals?: Certificate): Promise<string> {
    const args = [run, seals ?? (await this.certify(run))];
    return this.rollup.interface.encodeFunctionData('submit', args);
  }

  async submit(run: SubmittedRun): Promise<TransactionReceipt> {
    const data = await this.calldata(run);
    return this.mined(this.prover.sendTransaction({ to: this.place.rollup, data }));
  }

  /** Waits until what was sent is mined; it must have succeeded. */
  async mined(sending: Promise<{ readonly hash: string }>): Promise<TransactionReceipt> {
    const receipt = await mined(this.anvil.provider, (await sending).hash);
    assert.equal(receipt.status, 1);
    return receipt;
  }

  /** Mints, approves and deposits as account 2. */
  async deposit(symbol: string, raw: bigint, owner = OWNER): Promise<void> {
    const user = this.signer(2);
    const abi = ['function mint(address,uint256)', 'function approve(address,uint256)'];
    const address = this.deployment.tokens[symbol]?.address;
    assert(address !== undefined);
    const token = new Contract(address, abi, user);
    await this.mined(token.getFunction('mint')(account(2).address, raw));
    await this.mined(token.getFunction('approve')(this.bridge.target, raw));
    const bridge = this.contract('Bridge', user);
    await this.mined(bridge.getFunction('deposit')(address, raw, owner.ax, owner.ay));
  }

  /** The name of the custom error a call is refused with; '' for a revert without one. */
  async refusal(request: TransactionRequest): Promise<string | undefined> {
    try {
      await this.anvil.provider.call(request);
      return undefined;
    } catch (error) {
      if (!isCallException(error)) throw error;
      if (error.data === null || error.data === '0x') return '';
      return this.rollup.interface.parseError(error.data)?.name ?? error.data;
    }
  }

  /** The submission is refused by name, also as a mined transaction, and changes nothing. */
  async expectRefused(name: string, data: string, sender = 1): Promise<void> {
    const request = { from: account(sender).address, to: this.place.rollup, data };
    assert.equal(await this.refusal(request), name);
    const before = await this.tip();
    const signer = this.signer(sender);
    const sent = await signer.sendTransaction({ ...request, gasLimit: GAS_LIMIT });
    const receipt = await mined(this.anvil.provider, sent.hash);
    assert.equal(receipt.status, 0);
    this.prover.reset();
    assert.deepEqual(await this.tip(), before);
  }
}

/** Public words, empty slots and unused fee rows filled in. */
function wordsOf(
  content: Omit<reference.BatchContent, 'fees'> & Pick<BatchWish, 'fees'>,
): bigint[] {
  const slots = [...content.slots];
  while (slots.length < SHAPE.slots) slots.push({ kind: 'none' });
  const fees = [1n, 2n, 3n, 4n].map(
    (token) => content.fees?.find((fee) => fee.token === token) ?? { token, total: 0n },
  );
  return reference.publicWords({ ...content, slots, fees });
}

/** What each proof of the run is about; the batch number is read from the header word. */
export function statements(
  run: SubmittedRun,
): { statement: reference.Statement; batch: SubmittedBatch }[] {
  let oldRoot = run.oldRoot;
  return run.batches.map((batch) => {
    const { newRoot, commitment, words } = batch;
    const statement = {
      batchNo: (words[0] ?? 0n) & 0xffffffffffffffffn,
      oldRoot,
      newRoot,
      commitment,
    };
    oldRoot = newRoot;
    return { statement, batch };
  });
}

export function seal(digest: string, index: number): Seal {
  const key = ATTESTERS[index];
  assert(key !== undefined);
  const { v, r, s } = key.sign(digest);
  return { index, v, r, s };
}

export const certificate = (digest: string, signers: readonly number[]): Certificate => ({
  members: MEMBERS,
  seals: signers.map((index) => seal(digest, index)),
});
