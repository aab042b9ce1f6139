import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGenesis } from '../../../genesis/validate.ts';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { accountText, moduleAddress, valoperText } from '../../../node/base/address.ts';
import { parseConfig } from '../../../node/config.ts';
import { homeAt } from '../../../node/home.ts';
import { run, type Ran } from './fake-terminal.ts';

interface Json {
  [key: string]: any;
}

const ADDRESS = accountText(new Uint8Array(20).fill(7));
const STAKE = '5000000uscale';

describe('cli: genesis', () => {
  let root: string;
  before(() => (root = mkdtempSync(join(tmpdir(), 'bitscale-genesis-'))));
  after(() => rmSync(root, { recursive: true }));

  /** Runs a command in a home; throws unless it ends with 0. */
  const good = async (name: string, words: string, answers: string[] = []): Promise<Ran> => {
    const ran = await bad(name, words, answers);
    assert.equal(ran.code, 0, `${words}: ${ran.errors}`);
    return ran;
  };
  const bad = (name: string, words: string, answers: string[] = []): Promise<Ran> =>
    run([...words.split(' '), '--home', join(root, name), ...backend(words)], answers);
  /** Without a password, which takes its time by design. */
  const backend = (words: string): string[] =>
    /^(?:keys show|genesis gentx|genesis add|add-)/.test(words)
      ? ['--keyring-backend', 'test']
      : [];
  const genesisOf = (name: string): Json =>
    JSON.parse(readFileSync(homeAt(join(root, name)).genesisFile, 'utf8')) as Json;
  const copyGenesis = (from: string, to: string): void =>
    cpSync(homeAt(join(root, from)).genesisFile, homeAt(join(root, to)).genesisFile);

  let count = 0;
  /** A home of a chain without validators, with a key `me`. */
  const newHome = async (chainId = 'new-1'): Promise<string> => {
    const name = `home${(count += 1)}`;
    await good(name, `init ${name} --chain-id ${chainId}`);
    await good(name, `keys add me --recover --index ${count} --keyring-backend test`, [
      TEST_MNEMONIC,
    ]);
    return name;
  };
  const gentx = (name: string, more = '', coins = STAKE): Promise<Ran> =>
    bad(name, `genesis gentx me ${coins} --ip 127.0.0.1${more}`);
  const gentxFile = (name: string): string => {
    const folder = join(root, name, 'config', 'gentx');
    return join(folder, readdirSync(folder)[0]!);
  };

  describe('add-account', () => {
    it('adds accounts by address and by key, and keeps the supply the sum of all balances', async () => {
      const home = await newHome();
      await good(home, `genesis add-account ${ADDRESS} 10ueur,7uscale`);
      await good(home, 'genesis add-account me 5uscale');
      const { auth, bank } = genesisOf(home)['app_state'] as Json;
      const numbers = auth.accounts.map((one: Json) => [one['address'], one['account_number']]);
      assert.equal(numbers[0][0], ADDRESS);
      assert.deepEqual([numbers[0][1], numbers[1][1]], ['0', '1']);
      assert.deepEqual(bank.supply, [
        { denom: 'ueur', amount: '10' },
        { denom: 'uscale', amount: '12' },
      ]);
      await good(home, `genesis add-account ${ADDRESS} 1uscale --append`);
      assert.deepEqual(genesisOf(home)['app_state'].bank.supply[1], {
        denom: 'uscale',
        amount: '13',
      });
    });

    it('adds accounts that vest until a time, or between two', async () => {
      const home = await newHome();
      const vesting = '--vesting-amount 4uscale --vesting-end-time 2000000000';
      await good(home, `add-genesis-account ${ADDRESS} 5uscale ${vesting}`);
      await good(home, `genesis add-account me 5uscale ${vesting} --vesting-start-time 1900000000`);
      const [delayed, continuous] = genesisOf(home)['app_state'].auth.accounts as [Json, Json];
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
        const home = await newHome();
        await good(home, `genesis add-account ${ADDRESS} 1uscale`);
        const before = genesisOf(home);
        const ran = await bad(home, `genesis add-account ${words}`);
        assert.equal(ran.code, code, ran.errors);
        assert.deepEqual(genesisOf(home), before);
      });
    }

    it('adds many from a file, all or none', async () => {
      const home = await newHome();
      const file = join(root, 'accounts.json');
      const coins = [{ denom: 'uscale', amount: '5' }];
      const other = accountText(new Uint8Array(20).fill(8));
      const list = [
        { address: ADDRESS, coins },
        { address: other, coins, vesting_amt: coins, vesting_start: 1, vesting_end: 2 },
      ];
      writeFileSync(file, JSON.stringify([...list, { address: ADDRESS, coins }]));
      const ran = await bad(home, `genesis bulk-add-account ${file}`);
      assert.deepEqual([ran.code, /entry 3: .* already/.test(ran.errors)], [65, true], ran.errors);
      assert.deepEqual(genesisOf(home)['app_state'].auth.accounts, []);
      writeFileSync(file, JSON.stringify(list));
      await good(home, `genesis bulk-add-account ${file}`);
      assert.equal(genesisOf(home)['app_state'].auth.accounts.length, 2);
      writeFileSync(file, JSON.stringify([{ address: 'x', coins }]));
      const wrong = await bad(home, `genesis bulk-add-account ${file}`);
      assert.equal(wrong.code, 65);
    });
  });

  describe('gentx', () => {
    it('is MsgCreateValidator as stock tools write it, with the node in the memo', async () => {
      const home = await newHome();
      await good(home, `genesis add-account me ${STAKE}`);
      const ran = await gentx(home, ' --commission-rate 0.15 --website https://a.example');
      assert.equal(ran.code, 0, ran.errors);
      const { body, auth_info: auth } = JSON.parse(readFileSync(gentxFile(home), 'utf8')) as Json;
      const [message] = body.messages;
      assert.equal(message['@type'], '/cosmos.staking.v1beta1.MsgCreateValidator');
      assert.equal(message.commission.rate, '0.150000000000000000');
      assert.deepEqual(message.value, { denom: 'uscale', amount: '5000000' });
      assert.match(body.memo, /^12D3Koo\w+@127\.0\.0\.1:26656$/);
      assert.equal(auth.signer_infos[0].sequence, '0');
      const key = JSON.parse(
        readFileSync(homeAt(join(root, home)).validatorKeyFile, 'utf8'),
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
        const home = await newHome();
        await good(home, `genesis add-account me ${STAKE}`);
        const ran = await gentx(home, more, coins);
        assert.equal(ran.code, code, ran.errors);
        assert.equal(existsSync(join(root, home, 'config', 'gentx')), false);
      });
    }

    it('refuses an account that is not in the genesis file', async () => {
      assert.equal((await gentx(await newHome())).code, 65);
    });
  });

  /** Two homes with the same genesis file and a gentx each, both in the folder of the first. */
  const twoHomes = async (more = ''): Promise<[string, string]> => {
    const [one, two] = [await newHome(), await newHome()];
    const { output } = await good(two, 'keys show me --address');
    await good(one, `genesis add-account me ${STAKE}`);
    await good(one, `genesis add-account ${output} 9000000uscale${more}`);
    copyGenesis(one, two);
    for (const home of [one, two]) {
      const ran = await gentx(home, ` --p2p-port ${home === one ? 1000 : 2000}`);
      assert.equal(ran.code, 0, ran.errors);
    }
    cpSync(gentxFile(two), join(root, one, 'config', 'gentx', 'z.json'));
    return [one, two];
  };

  describe('collect-gentxs', () => {
    it('makes validators of the gentxs, moves their stake and names the other nodes as peers', async () => {
      const [one, two] = await twoHomes();
      const attested = `0x${'0a'.repeat(20)}`;
      assert.equal((await gentx(one, ` --attestation ${attested}`)).code, 0);
      const { output } = await good(one, 'genesis collect-gentxs');
      const genesis = readGenesis(readFileSync(homeAt(join(root, one)).genesisFile, 'utf8'));
      assert.deepEqual(
        genesis.validators.map(({ power, name }) => [power, name]).sort(),
        [one, two].map((name) => [5n, name]).sort(),
      );
      const { bank, staking, settlement } = genesisOf(one)['app_state'] as Json;
      const held = new Map<string, unknown>(
        bank.balances.map(({ address, coins }: Json) => [address, coins]),
      );
      const pool = accountText(moduleAddress('bonded_tokens_pool'));
      assert.deepEqual(held.get(pool), [{ denom: 'uscale', amount: '10000000' }]);
      const second = (await good(two, 'keys show me --address')).output;
      assert.deepEqual(held.get(second), [{ denom: 'uscale', amount: '4000000' }]);
      assert.deepEqual(bank.supply, [{ denom: 'uscale', amount: '14000000' }]);
      assert.equal(staking.delegations.length, 2);
      assert.deepEqual(
        settlement.validators.map(({ address }: Json) => address as string),
        [attested],
      );
      const config = parseConfig(readFileSync(homeAt(join(root, one)).configFile, 'utf8'));
      assert.equal(config.p2p.persistentPeers.length, 1);
      assert.match(config.p2p.persistentPeers[0]!, /^\/ip4\/127\.0\.0\.1\/tcp\/2000\/p2p\/12D3Koo/);
      assert.equal((JSON.parse(output) as Json)['validators'].length, 2);

      const before = genesisOf(one);
      await good(one, 'collect-gentxs');
      assert.deepEqual(genesisOf(one), before, 'a second time changes nothing');
      copyGenesis(one, two);
      await good(two, `genesis collect-gentxs --gentx-dir ${join(root, one, 'config', 'gentx')}`);
      assert.deepEqual(genesisOf(two), before);
    });

    it('counts what a vesting account stakes as its delegation, what vests first', async () => {
      const vesting = ' --vesting-amount 3000000uscale --vesting-end-time 4000000000';
      const [one] = await twoHomes(vesting);
      await good(one, 'genesis collect-gentxs');
      const [, account] = genesisOf(one)['app_state'].auth.accounts as [Json, Json];
      const { delegated_vesting: locked, delegated_free: free } = account['base_vesting_account'];
      assert.deepEqual(locked, [{ denom: 'uscale', amount: '3000000' }]);
      assert.deepEqual(free, [{ denom: 'uscale', amount: '2000000' }]);
      await good(one, 'genesis validate');
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
        const before = genesisOf(one);
        edit(join(root, one, 'config', 'gentx', 'z.json'), change);
        const { code, errors } = await bad(one, 'genesis collect-gentxs');
        assert.deepEqual(
          [code, why.test(errors), errors.includes('z.json')],
          [65, true, true],
          errors,
        );
        assert.deepEqual(genesisOf(one), before);
      });
    }

    it('refuses a gentx of another chain, a double one, and one without coins', async () => {
      const [one, two] = await twoHomes();
      const folder = join(root, one, 'config', 'gentx');
      cpSync(join(folder, 'z.json'), join(folder, 'y.json'));
      assert.match(
        (await bad(one, 'genesis collect-gentxs')).errors,
        /z\.json: the operator .* y\.json/,
      );
      rmSync(join(folder, 'y.json'));
      const other = await newHome('other-1');
      mkdirSync(join(root, other, 'config', 'gentx'));
      cpSync(join(folder, 'z.json'), join(root, other, 'config', 'gentx', 'z.json'));
      assert.match((await bad(other, 'genesis collect-gentxs')).errors, /not for other-1/);
      const poor = await newHome();
      await good(poor, `genesis add-account ${ADDRESS} ${STAKE}`);
      const words = `genesis collect-gentxs --gentx-dir ${join(root, two, 'config', 'gentx')}`;
      assert.match((await bad(poor, words)).errors, /has no account in the genesis file/);
    });

    it('ends with 65 without gentxs, and 74 without their folder', async () => {
      const home = await newHome();
      assert.equal((await bad(home, 'genesis collect-gentxs')).code, 74);
      mkdirSync(join(root, home, 'config', 'gentx'));
      assert.equal((await bad(home, 'genesis collect-gentxs')).code, 65);
    });
  });

  describe('validate', () => {
    it('begins the chain in memory and says what all nodes must agree on', async () => {
      const [one] = await twoHomes();
      assert.match((await bad(one, 'genesis validate')).errors, /validators is empty/);
      await good(one, 'genesis collect-gentxs');
      const { output } = await good(one, 'validate-genesis -o json');
      const { chain_id: chainId, total_power: power, sha256 } = JSON.parse(output) as Json;
      assert.deepEqual([chainId, power, sha256.length], ['new-1', '10', 64]);
      const file = homeAt(join(root, one)).genesisFile;
      assert.equal((await run(['genesis', 'validate', file])).code, 0);
      assert.equal((await run(['genesis', 'validate', '/no/such/file'])).code, 74);
    });
  });
});

describe('cli: config', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-config-'));
    await run(['init', 'me', '--home', folder]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const config = (...words: string[]): Promise<Ran> => run(['config', ...words, '--home', folder]);

  it('changes one setting and shows it', async () => {
    for (const [key, text, shown] of [
      ['p2p.port', '1234', '1234'],
      ['moniker', '7', '7'],
      ['api.enabled', 'false', 'false'],
      ['p2p.privatePeers', 'a,b', '[\n  "a",\n  "b"\n]'],
      ['p2p.privatePeers', '', '[]'],
    ] as const) {
      assert.equal((await config('set', key, text)).code, 0);
      assert.equal((await config('get', key)).output, shown);
    }
    const { p2p } = JSON.parse((await config('view')).output) as { p2p: { port: number } };
    assert.equal(p2p.port, 1234);
  });

  it('refuses what is no setting, and what a setting cannot be', async () => {
    for (const [words, code] of [
      ['set p2p.prot 1', 64],
      ['set p2p 1', 64],
      ['set p2p.port x', 64],
      ['set p2p.port "x"', 78],
      ['set p2p.port 65536', 78],
      ['get nothing', 64],
    ] as const) {
      assert.equal((await config(...words.split(' '))).code, code, words);
    }
    assert.equal((await config('get', 'p2p.port')).output, '26656');
  });
});
