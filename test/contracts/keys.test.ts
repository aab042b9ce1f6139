import assert from 'node:assert/strict';
import { keyWords } from '../../contracts/tools/verifying-key.ts';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { TRAPDOOR, verifyingKey } from './support/known-key.ts';
import { RollupFixture, SHAPE, account, certificate, seal } from './support/rollup-fixture.ts';
import { attestationDigest } from './support/batch-reference.ts';
import { keccak256, toUtf8Bytes } from 'ethers';

const ALL = [0, 1, 2, 3];

describe('contracts/keys', () => {
  let anvil: Anvil;
  let fixture: RollupFixture;

  before(async () => {
    anvil = await startAnvil();
    fixture = await RollupFixture.deploy(anvil);
  });
  after(() => anvil.stop());

  const call = (contract: string, name: string, args: unknown[]) => {
    const target = fixture.contract(contract);
    const data = target.interface.encodeFunctionData(name, args);
    return { from: account(5).address, to: target.target as string, data };
  };

  it('the registry refuses a key with gamma = delta although all validators signed for it', async () => {
    const weak = verifyingKey({ ...TRAPDOOR, gamma: TRAPDOOR.delta });
    const words = keyWords(verifyingKey(), SHAPE);
    const points = [...weak.vk_gamma_2].slice(0, 2).flatMap((c) => [...c].reverse().map(BigInt));
    words.splice(8, 8, ...points, ...points);
    const digest = await fixture.contract('VerifierRegistry').getFunction('announceDigest')(words);
    const request = call('VerifierRegistry', 'announce', [words, certificate(digest, ALL)]);
    assert.equal(await fixture.refusal(request), 'GammaIsDelta');
  });

  it('an announced key waits for its timelock', async () => {
    const clean = await anvil.snapshot();
    const words = keyWords(verifyingKey({ ...TRAPDOOR, beta: 5n }), SHAPE);
    const digest = await fixture.contract('VerifierRegistry').getFunction('announceDigest')(words);
    const request = call('VerifierRegistry', 'announce', [words, certificate(digest, ALL)]);
    await fixture.mined(fixture.signer(5).sendTransaction(request));
    const run = await fixture.run([{}]);
    run.keyVersion = 2;
    await fixture.expectRefused('Timelock', await fixture.calldata(run));
    await anvil.revert(clean);
  });

  it('two rolling hashes for one batch signed by one key are provable by anybody', async () => {
    const rolling = ['a', 'b'].map((text) => keccak256(toUtf8Bytes(text)));
    const seals = rolling.map((hash) => seal(attestationDigest(fixture.place, 7n, hash), 2));
    const args = [fixture.place.rollup, 7, rolling, seals];
    const request = call('Validators', 'reportEquivocation', args);
    await fixture.mined(fixture.signer(5).sendTransaction(request));
    const validators = fixture.contract('Validators');
    const [event] = await validators.queryFilter('Equivocation');
    assert(event !== undefined && 'args' in event);
    assert.equal(await validators.getFunction('equivocated')(event.args['key']), true);
    const honest = [fixture.place.rollup, 7, [rolling[0], rolling[0]], [seals[0], seals[0]]];
    const refused = call('Validators', 'reportEquivocation', honest);
    assert.equal(await fixture.refusal(refused), 'NotEquivocation');
  });
});
