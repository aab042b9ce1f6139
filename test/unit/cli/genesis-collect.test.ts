import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGenesis } from '../../../genesis/validate.ts';
import { accountText, moduleAddress, valoperText } from '../../../node/base/address.ts';
import { parseConfig } from '../../../node/config.ts';
import { homeAt } from '../../../node/home.ts';
import type { Json } from '../genesis/sample.ts';
import { run } from './fake-terminal.ts';
import { ADDRESS, GenesisHomes, STAKE } from './genesis-homes.ts';

describe('cli: genesis, with the gentxs of several', () => {
  let homes: GenesisHomes;
  before(() => (homes = new GenesisHomes()));
  after(() => homes.remove());

  /** Two homes with the same genesis file and a gentx each, both in the folder of the first. */
  const twoHomes = async (more = ''): Promise<[string, string]> => {
    const [one, two] = [await homes.newHome(), await homes.newHome()];
    const { output } = await homes.good(two, 'keys show me --address');
    await homes.good(one, `genesis add-account me ${STAKE}`);
    await homes.good(one, `genesis add-account ${output} 9000000uscale${more}`);
    homes.copyGenesis(one, two);
    for (const home of [one, two]) {
      const ran = await homes.gentx(home, ` --p2p-port ${home === one ? 1000 : 2000}`);
      assert.equal(ran.code, 0, ran.errors);
    }
    cpSync(homes.gentxFile(two), join(homes.root, one, 'config', 'gentx', 'z.json'));
    return [one, two];
  };

  describe('collect-gentxs', () => {
    it('makes validators of the gentxs, moves their stake and names the other nodes as peers', async () => {
      const [one, two] = await twoHomes();
      const attested = `0x${'0a'.repeat(20)}`;
      assert.equal((await homes.gentx(one, ` --attestation ${attested}`)).code, 0);
      const { output } = await homes.good(one, 'genesis collect-gentxs');
      const genesis = readGenesis(readFileSync(homes.genesisFile(one), 'utf8'));
      assert.deepEqual(
        genesis.validators.map(({ power, name }) => [power, name]).sort(),
        [one, two].map((name) => [5n, name]).sort(),
      );
      const { bank, staking, settlement } = homes.genesisOf(one)['app_state'] as Json;
      const held = new Map<string, unknown>(
        bank.balances.map(({ address, coins }: Json) => [address, coins]),
      );
      const pool = accountText(moduleAddress('bonded_tokens_pool'));
      assert.deepEqual(held.get(pool), [{ denom: 'uscale', amount: '10000000' }]);
      const second = (await homes.good(two, 'keys show me --address')).output;
      assert.deepEqual(held.get(second), [{ denom: 'uscale', amount: '4000000' }]);
      assert.deepEqual(bank.supply, [{ denom: 'uscale', amount: '14000000' }]);
      assert.equal(staking.delegations.length, 2);
      assert.deepEqual(
        settlement.validators.map(({ address }: Json) => address as string),
        [attested],
      );
      const config = parseConfig(readFileSync(homeAt(join(homes.root, one)).configFile, 'utf8'));
      assert.equal(config.p2p.persistentPeers.length, 1);
      assert.match(config.p2p.persistentPeers[0]!, /^\/ip4\/127\.0\.0\.1\/tcp\/2000\/p2p\/12D3Koo/);
      assert.equal((JSON.parse(output) as Json)['validators'].length, 2);

      const before = homes.genesisOf(one);
      await homes.good(one, 'collect-gentxs');
      assert.deepEqual(homes.genesisOf(one), before, 'a second time changes nothing');
      homes.copyGenesis(one, two);
      await homes.good(
        two,
        `genesis collect-gentxs --gentx-dir ${join(homes.root, one, 'config', 'gentx')}`,
      );
      assert.deepEqual(homes.genesisOf(two), before);
    });

    it('counts what a vesting account stakes as its delegation, what vests first', async () => {
      const vesting = ' --vesting-amount 3000000uscale --vesting-end-time 4000000000';
      const [one] = await twoHomes(vesting);
      await homes.good(one, 'genesis collect-gentxs');
      const [, account] = homes.genesisOf(one)['app_state'].auth.accounts as [Json, Json];
      const { delegated_vesting: locked, delegated_free: free } = account['base_vesting_account'];
      assert.deepEqual(locked, [{ denom: 'uscale', amount: '3000000' }]);
      assert.deepEqual(free, [{ denom: 'uscale', amount: '2000000' }]);
      await homes.good(one, 'genesis validate');
    });

    const edit = (file: string, change: (json: Json) => void): void => {
      const json = JSON.parse(readFileSync(file, 'utf8')) as Json;
      change(json);
      writeFileSync(file, JSON.stringify(json));
    };
    for (const [what, change, why] of [
      [
        'a changed stake',
        (j: Json) => (j['body'].messages[0].value.amount = '6000000'),
        /signature/,
      ],
      ['a changed memo', (j: Json) => (j['body'].memo = 'x'), /signature/],
      [
        'a changed key',
        (j: Json) => (j['body'].messages[0].pubkey.key = 'A'.repeat(43) + '='),
        /signature/,
      ],
      [
        'a changed commission',
        (j: Json) => (j['body'].messages[0].commission.rate = '0.11'),
        /signature/,
      ],
      ['no signature', (j: Json) => (j['signatures'] = []), /signature/],
      ['a signature that is no text', (j: Json) => (j['signatures'] = [1]), /signatures must be/],
      ['two messages', (j: Json) => j['body'].messages.push(j['body'].messages[0]), /one message/],
      ['another message', (j: Json) => (j['body'].messages[0]['@type'] = '/x.Msg'), /one message/],
      ['no body', (j: Json) => delete j['body'], /body must be an object/],
      [
        'the operator of somebody else',
        (j: Json) => (j['body'].messages[0].validator_address = valoperText(new Uint8Array(20))),
        /not signed by the operator/,
      ],
      ['a fee', (j: Json) => j['auth_info'].fee.amount.push({ denom: 'u', amount: '1' }), /no fee/],
      ['a sequence', (j: Json) => (j['auth_info'].signer_infos[0].sequence = '1'), /sequence/],
      [
        'an option nobody knows',
        (j: Json) => j['body'].non_critical_extension_options.push({ '@type': '/x' }),
        /option/,
      ],
      ['another key type', (j: Json) => (j['body'].messages[0].pubkey['@type'] = '/x'), /ed25519/],
    ] as const) {
      it(`refuses ${what}, names the file and writes nothing`, async () => {
        const [one] = await twoHomes();
        const before = homes.genesisOf(one);
        edit(join(homes.root, one, 'config', 'gentx', 'z.json'), change);
        const { code, errors } = await homes.bad(one, 'genesis collect-gentxs');
        assert.deepEqual(
          [code, why.test(errors), errors.includes('z.json')],
          [65, true, true],
          errors,
        );
        assert.deepEqual(homes.genesisOf(one), before);
      });
    }

    it('refuses a gentx of another chain, a double one, and one without coins', async () => {
      const [one, two] = await twoHomes();
      const folder = join(homes.root, one, 'config', 'gentx');
      cpSync(join(folder, 'z.json'), join(folder, 'y.json'));
      assert.match(
        (await homes.bad(one, 'genesis collect-gentxs')).errors,
        /z\.json: the operator .* y\.json/,
      );
      rmSync(join(folder, 'y.json'));
      const other = await homes.newHome('other-1');
      mkdirSync(join(homes.root, other, 'config', 'gentx'));
      cpSync(join(folder, 'z.json'), join(homes.root, other, 'config', 'gentx', 'z.json'));
      assert.match((await homes.bad(other, 'genesis collect-gentxs')).errors, /not for other-1/);
      const poor = await homes.newHome();
      await homes.good(poor, `genesis add-account ${ADDRESS} ${STAKE}`);
      const words = `genesis collect-gentxs --gentx-dir ${join(homes.root, two, 'config', 'gentx')}`;
      assert.match((await homes.bad(poor, words)).errors, /has no account in the genesis file/);
    });

    it('ends with 65 without gentxs, and 74 without their folder', async () => {
      const home = await homes.newHome();
      assert.equal((await homes.bad(home, 'genesis collect-gentxs')).code, 74);
      mkdirSync(join(homes.root, home, 'config', 'gentx'));
      assert.equal((await homes.bad(home, 'genesis collect-gentxs')).code, 65);
    });
  });

  describe('validate', () => {
    it('begins the chain in memory and says what all nodes must agree on', async () => {
      const [one] = await twoHomes();
      assert.match((await homes.bad(one, 'genesis validate')).errors, /validators is empty/);
      await homes.good(one, 'genesis collect-gentxs');
      const { output } = await homes.good(one, 'validate-genesis -o json');
      const { chain_id: chainId, total_power: power, sha256 } = JSON.parse(output) as Json;
      assert.deepEqual([chainId, power, sha256.length], ['new-1', '10', 64]);
      const file = homes.genesisFile(one);
      assert.equal((await run(['genesis', 'validate', file])).code, 0);
      assert.equal((await run(['genesis', 'validate', '/no/such/file'])).code, 74);
    });
  });
});
