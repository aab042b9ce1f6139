import assert from 'node:assert/strict';
import { Contract, ContractFactory, type InterfaceAbi } from 'ethers';
import { buildContracts } from '../../contracts/tools/build.ts';
import { mined } from '../../contracts/tools/mined.ts';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { OWNER, RollupFixture, account } from './support/rollup-fixture.ts';

const USER = account(2).address;
const RECIPIENT = '0x00000000000000000000000000000000000000AA';

describe('contracts/vault', () => {
  let anvil: Anvil;
  let fixture: RollupFixture;
  let hostile: Record<'FEE' | 'FALSE' | 'RE', Contract>;
  let clean: string;

  before(async () => {
    anvil = await startAnvil();
    hostile = {
      FEE: await create('FeeToken'),
      FALSE: await create('FalseToken'),
      RE: await create('ReentrantToken'),
    };
    const tokens = Object.entries(hostile).map(([symbol, token]) => ({
      symbol,
      decimals: 6,
      address: token.target as string,
    }));
    fixture = await RollupFixture.deploy(anvil, { tokens });
  });
  beforeEach(async () => {
    clean = await anvil.snapshot();
    fixture.prover.reset();
  });
  afterEach(() => anvil.revert(clean));
  after(() => anvil.stop());

  async function create(name: string): Promise<Contract> {
    const { abi, bytecode } = buildContracts().artifacts[name] ?? assert.fail(name);
    const signer = await anvil.provider.getSigner(account(0).address);
    const { data } = await new ContractFactory(
      abi as InterfaceAbi,
      bytecode,
    ).getDeployTransaction();
    const { hash } = await signer.sendTransaction({ data });
    const { contractAddress } = await mined(anvil.provider, hash);
    return new Contract(contractAddress ?? assert.fail(name), abi as InterfaceAbi, signer);
  }

  const call = (name: string, args: unknown[], from = USER) => ({
    from,
    to: fixture.bridge.target as string,
    data: fixture.bridge.interface.encodeFunctionData(name, args),
  });

  async function fund(token: Contract, amount: bigint): Promise<unknown[]> {
    await fixture.mined(token.getFunction('mint')(USER, amount));
    const asUser = token.connect(fixture.signer(2)) as Contract;
    await fixture.mined(asUser.getFunction('approve')(fixture.bridge.target, amount));
    return [token.target, amount, OWNER.ax, OWNER.ay];
  }

  /** Deposits and withdraws through a proven batch. */
  async function withdraw(symbol: string, token: bigint, amount: bigint): Promise<void> {
    await fixture.deposit(symbol, amount);
    const deposit = { kind: 'deposit', token, amount, ...OWNER } as const;
    const withdrawal = { kind: 'withdrawal', token, amount, recipient: RECIPIENT } as const;
    await fixture.submit(await fixture.run([{ slots: [deposit, withdrawal] }]));
  }

  it('credits a fee-on-transfer token by what arrived', async () => {
    await fixture.deposit('FEE', 1000n);
    const inbox = fixture.contract('Inbox');
    const [event] = await inbox.queryFilter('DepositQueued');
    assert(event !== undefined && 'args' in event);
    assert.equal(event.args['amount'], 990n);
  });

  it('refuses a token that answers false', async () => {
    const args = await fund(hostile.FALSE, 1000n);
    assert.equal(await fixture.refusal(call('deposit', args)), 'SafeERC20FailedOperation');
  });

  it('refuses re-entry from a deposit and from a claim', async () => {
    const arm = hostile.RE.getFunction('arm');
    const claim = call('claim', [3, RECIPIENT]);
    await withdraw('RE', 3n, 400n);
    const args = await fund(hostile.RE, 1000n);
    await fixture.mined(arm(fixture.bridge.target, claim.data));
    assert.equal(await fixture.refusal(call('deposit', args)), 'ReentrancyGuardReentrantCall');
    assert.equal(await fixture.refusal(claim), 'ReentrancyGuardReentrantCall');
  });

  it('pays a withdrawal once, to its recipient, whoever claims it', async () => {
    const claim = call('claim', [3, RECIPIENT], account(5).address);
    assert.equal(await fixture.refusal(claim), 'NothingToClaim');
    await withdraw('RE', 3n, 400n);
    await fixture.mined(fixture.signer(5).sendTransaction(claim));
    assert.equal(await hostile.RE.getFunction('balanceOf')(RECIPIENT), 400n);
    assert.equal(await fixture.refusal(claim), 'AlreadyClaimed');
  });

  it('credits no more than was deposited, whatever is proven', async () => {
    await fixture.deposit('RE', 1000n);
    const deposit = { kind: 'deposit', token: 3n, amount: 1000n, ...OWNER } as const;
    const withdrawal = { kind: 'withdrawal', token: 3n, recipient: RECIPIENT } as const;
    const run = await fixture.run([{ slots: [deposit, { ...withdrawal, amount: 1001n }] }]);
    await fixture.expectRefused('VaultExceeded', await fixture.calldata(run));
    const fees = [{ token: 3n, total: 1n }];
    const full = await fixture.run([{ slots: [deposit, { ...withdrawal, amount: 1000n }], fees }]);
    await fixture.expectRefused('VaultExceeded', await fixture.calldata(full));
  });

  it('refuses keys off the curve and of small order, unlisted tokens and zero', async () => {
    const args = await fund(hostile.RE, 1000n);
    const cases: [string, unknown[]][] = [
      ['BadOwnerKey', [args[0], args[1], OWNER.ax, OWNER.ay + 1n]],
      ['BadOwnerKey', [args[0], args[1], 0n, 1n]],
      ['TokenNotAllowed', [RECIPIENT, args[1], OWNER.ax, OWNER.ay]],
      ['ZeroAmount', [args[0], 0n, OWNER.ax, OWNER.ay]],
    ];
    for (const [name, bad] of cases)
      assert.equal(await fixture.refusal(call('deposit', bad)), name);
  });

  it('lets nobody but the rollup credit', async () => {
    const from = account(0).address;
    assert.equal(await fixture.refusal(call('credit', [3, USER, 1], from)), 'OnlyRollup');
    assert.equal(await fixture.refusal(call('back', [3, 1], from)), 'OnlyRollup');
  });
});
