import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountText } from '../../../node/base/address.ts';
import { homeAt } from '../../../node/home.ts';
import type { Json } from '../genesis/sample.ts';
import { signedByCosmJs } from './cosmjs-gentx.ts';
import { ADDRESS, GenesisHomes, STAKE } from './genesis-homes.ts';

describe('cli: genesis', () => {
  let homes: GenesisHomes;
  before(() => (homes = new GenesisHomes()));
  after(() => homes.remove());

  describe('add-account', () => {
    it('adds accounts by address and by key, and keeps the supply the sum of all balances', async () => {
      const home = await homes.newHome();
      await homes.good(home, `genesis add-account ${ADDRESS} 10ueur,7uscale`);
      await homes.good(home, 'genesis add-account me 5uscale');
      const { auth, bank } = homes.genesisOf(home)['app_state'] as Json;
      const numbers = auth.accounts.map((one: Json) => [one['address'], one['account_number']]);
      assert.equal(numbers[0][0], ADDRESS);
      assert.deepEqual([numbers[0][1], numbers[1][1]], ['0', '1']);
      assert.deepEqual(bank.supply, [
        { denom: 'ueur', amount: '10' },
        { denom: 'uscale', amount: '12' },
      ]);
      await homes.good(home, `genesis add-account ${ADDRESS} 1uscale --append`);
      assert.deepEqual(homes.genesisOf(home)['app_state'].bank.supply[1], {
        denom: 'uscale',
        amount: '13',
      });
    });

    it('gives no number that an account without one will get', async () => {
      const home = await homes.newHome();
      await homes.good(home, `genesis add-account ${ADDRESS} 1uscale`);
      const json = homes.genesisOf(home);
      delete json['app_state'].auth.accounts[0].account_number;
      writeFileSync(homes.genesisFile(home), JSON.stringify(json));
      await homes.good(home, 'genesis add-account me 1uscale');
      assert.equal(homes.genesisOf(home)['app_state'].auth.accounts[1].account_number, '1');
    });

    it('adds accounts that vest until a time, or between two', async () => {
      const home = await homes.newHome();
      const vesting = '--vesting-amount 4uscale --vesting-end-time 2000000000';
      await homes.good(home, `add-genesis-account ${ADDRESS} 5uscale ${vesting}`);
      await homes.good(
        home,
        `genesis add-account me 5uscale ${vesting} --vesting-start-time 1900000000`,
      );
      const [delayed, continuous] = homes.genesisOf(home)['app_state'].auth.accounts as [
        Json,
        Json,
      ];
      assert.equal(delayed['@type'], '/cosmos.vesting.v1beta1.DelayedVestingAccount');
      assert.equal(delayed['base_vesting_account'].end_time, '2000000000');
      assert.equal(continuous['@type'], '/cosmos.vesting.v1beta1.ContinuousVestingAccount');
      assert.equal(continuous['start_time'], '1900000000');
      const original = continuous['base_vesting_account'].original_vesting;
      assert.deepEqual(original, [{ denom: 'uscale', amount: '4' }]);
    });

    for (const [what, words, code] of [
      ['an account that is there', `${ADDRESS} 1uscale`, 65],
      ['an address of another chain', 'cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a 1uscale', 65],
      ['a wrong checksum', `${ADDRESS.slice(0, -1)}x 1uscale`, 65],
      ['a key that is not there', 'nobody 1uscale', 65],
      ['coins without denomination', 'me 5', 65],
      ['a negative amount', 'me -5uscale', 64],
      ['a fraction', 'me 1.5uscale', 65],
      ['a denomination twice', 'me 1uscale,2uscale', 65],
      ['no coins', 'me 0uscale', 65],
      ['vesting without an end', 'me 5uscale --vesting-amount 1uscale', 65],
      ['an end without vesting', 'me 5uscale --vesting-end-time 5', 65],
      ['more vesting than coins', 'me 5uscale --vesting-amount 6uscale --vesting-end-time 5', 65],
      [
        'a start after the end',
        'me 5uscale --vesting-amount 1uscale --vesting-start-time 6 --vesting-end-time 5',
        65,
      ],
      ['a time that is none', 'me 5uscale --vesting-amount 1uscale --vesting-end-time x', 64],
    ] as const) {
      it(`refuses ${what} and leaves the file as it was`, async () => {
        const home = await homes.newHome();
        await homes.good(home, `genesis add-account ${ADDRESS} 1uscale`);
        const before = homes.genesisOf(home);
        const ran = await homes.bad(home, `genesis add-account ${words}`);
        assert.equal(ran.code, code, ran.errors);
        assert.deepEqual(homes.genesisOf(home), before);
      });
    }

    it('adds many from a file, all or none', async () => {
      const home = await homes.newHome();
      const file = join(homes.root, 'accounts.json');
      const coins = [{ denom: 'uscale', amount: '5' }];
      const other = accountText(new Uint8Array(20).fill(8));
      const list = [
        { address: ADDRESS, coins },
        { address: other, coins, vesting_amt: coins, vesting_start: 1, vesting_end: 2 },
      ];
      writeFileSync(file, JSON.stringify([...list, { address: ADDRESS, coins }]));
      const ran = await homes.bad(home, `genesis bulk-add-account ${file}`);
      assert.deepEqual([ran.code, /entry 3: .* already/.test(ran.errors)], [65, true], ran.errors);
      assert.deepEqual(homes.genesisOf(home)['app_state'].auth.accounts, []);
      writeFileSync(file, JSON.stringify(list));
      await homes.good(home, `genesis bulk-add-account ${file}`);
      assert.equal(homes.genesisOf(home)['app_state'].auth.accounts.length, 2);
      writeFileSync(file, JSON.stringify([{ address: 'x', coins }]));
      const wrong = await homes.bad(home, `genesis bulk-add-account ${file}`);
      assert.equal(wrong.code, 65);
    });

    it('adds ten thousand at once', async () => {
      const home = await homes.newHome();
      const file = join(homes.root, 'many.json');
      const coins = [{ denom: 'uscale', amount: '5' }];
      const many = Array.from({ length: 10_000 }, (_, index) => {
        const address = new Uint8Array(20);
        new DataView(address.buffer).setUint32(0, index);
        return { address: accountText(address), coins };
      });
      writeFileSync(file, JSON.stringify(many));
      await homes.good(home, `genesis bulk-add-account ${file}`);
      const { auth, bank } = homes.genesisOf(home)['app_state'] as Json;
      assert.equal(auth.accounts.at(-1).account_number, '9999');
      assert.deepEqual(bank.supply, [{ denom: 'uscale', amount: '50000' }]);
    });
  });

  describe('gentx', () => {
    it('is MsgCreateValidator as stock tools write it, with the node in the memo', async () => {
      const home = await homes.newHome();
      await homes.good(home, `genesis add-account me ${STAKE}`);
      const ran = await homes.gentx(home, ' --commission-rate 0.15 --website https://a.example');
      assert.equal(ran.code, 0, ran.errors);
      const written = JSON.parse(readFileSync(homes.gentxFile(home), 'utf8')) as Json;
      const { body, auth_info: auth, signatures } = written;
      assert.deepEqual(signatures, [await signedByCosmJs(written, homes.count)]);
      const [message] = body.messages;
      assert.equal(message['@type'], '/cosmos.staking.v1beta1.MsgCreateValidator');
      assert.equal(message.commission.rate, '0.150000000000000000');
      assert.deepEqual(message.value, { denom: 'uscale', amount: '5000000' });
      assert.match(body.memo, /^12D3Koo\w+@127\.0\.0\.1:26656$/);
      assert.equal(auth.signer_infos[0].sequence, '0');
      const key = JSON.parse(
        readFileSync(homeAt(join(homes.root, home)).validatorKeyFile, 'utf8'),
      ) as Json;
      assert.equal(message.pubkey.key, key['pub_key'].value);
    });

    for (const [what, more, coins, code] of [
      ['another chain', ' --chain-id other-1', STAKE, 65],
      ['more than the account has', '', '5000001uscale', 65],
      ['another coin', '', '5000000ueur', 64],
      ['less than a unit of voting power', '', '999999uscale', 65],
      ['a commission above its largest', ' --commission-rate 0.3', STAKE, 65],
      ['a commission above one', ' --commission-rate 1.1 --commission-max-rate 1.2', STAKE, 65],
      ['a commission that is no number', ' --commission-rate x', STAKE, 64],
      ['a least self-delegation above the stake', ' --min-self-delegation 6000000', STAKE, 65],
      ['a host that is none', ' --ip a/b', STAKE, 64],
      ['a port that is none', ' --p2p-port 65536', STAKE, 64],
      ['an L1 address that is none', ' --attestation 0x12', STAKE, 64],
      ['a consensus key that is none', ' --pubkey x', STAKE, 64],
      ['a short consensus key', ' --pubkey {"key":"AAAA"}', STAKE, 65],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const home = await homes.newHome();
        await homes.good(home, `genesis add-account me ${STAKE}`);
        const ran = await homes.gentx(home, more, coins);
        assert.equal(ran.code, code, ran.errors);
        assert.equal(existsSync(join(homes.root, home, 'config', 'gentx')), false);
      });
    }

    it('takes the consensus key that comet show-validator prints', async () => {
      const home = await homes.newHome();
      await homes.good(home, `genesis add-account me ${STAKE}`);
      const { output: key } = await homes.good(home, 'comet show-validator');
      assert.equal((await homes.gentx(home, ` --pubkey ${key}`)).code, 0);
      const { body } = JSON.parse(readFileSync(homes.gentxFile(home), 'utf8')) as Json;
      assert.deepEqual(body.messages[0].pubkey, JSON.parse(key));
      assert.match(
        body.memo,
        new RegExp(`^${(await homes.good(home, 'comet show-peer-id')).output}@`),
      );
      assert.match((await homes.good(home, 'tendermint show-node-id')).output, /^[0-9a-f]{40}$/);
      assert.match((await homes.good(home, 'comet show-address')).output, /^bitscalevalcons1/);
    });

    it('refuses an account that is not in the genesis file', async () => {
      assert.equal((await homes.gentx(await homes.newHome())).code, 65);
    });
  });
});
