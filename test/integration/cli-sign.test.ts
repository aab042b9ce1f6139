/**
 * Keys and transactions from the command line against a real node: signed here, signed offline, signed by several
 * homes together, by a device, and refused. Where several people or machines work together, each call is a process.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMultisigThresholdPubkey, pubkeyToAddress } from '@cosmjs/amino';
import { makeMultisignedTxBytes } from '@cosmjs/stargate';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { fromBase64, toBase64 } from '../../node/base/bytes.ts';
import { runProgram, type Ended, type Surroundings } from '../support/program.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { SOLO_CHAIN, startSoloNode, type SoloNode } from '../support/solo-node.ts';

const PASSWORD = 'correct horse';

let fresh = 60;
const newAddress = (): string => accountText(new Uint8Array(20).fill(fresh++));

/** A home with keys in the open, as `keys` and `tx` of one person see it. */
class Person {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'bitscale-person-'));
  readonly #environment: Readonly<Record<string, string>>;

  readonly #inProcesses: boolean;

  constructor(environment: Readonly<Record<string, string>> = {}, inProcesses = false) {
    this.#inProcesses = inProcesses;
    this.#environment = {
      BITSCALE_HOME: this.folder,
      BITSCALE_KEYRING_BACKEND: 'test',
      BITSCALE_OUTPUT: 'json',
      ...environment,
    };
  }

  run(words: string, { input = '' }: Surroundings = {}): Promise<Ended> {
    const args = words.split(' ').map((word) => word.replace(/^@/, `${this.folder}/`));
    const environment = this.#environment;
    if (this.#inProcesses) return runProgram(args, { input, environment });
    return run(args, input.split('\n'), environment);
  }

  /** Standard output of a call that must succeed. */
  async output(words: string, surroundings: Surroundings = {}): Promise<string> {
    const { code, output, errors } = await this.run(words, surroundings);
    assert.equal(code, 0, `${words}: ${errors}`);
    return output;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  leave(): void {
    rmSync(this.folder, { recursive: true });
  }
}

interface Key {
  readonly address: string;
  readonly pubkey: string;
}
interface Answer {
  readonly code: number;
  readonly txhash: string;
  readonly height: string;
}

describe('cli: keys and transactions against a node', () => {
  let solo: SoloNode;
  let alice: Person;
  let at: string;
  let address: string;
  const people: Person[] = [];

  const newPerson = (environment?: Readonly<Record<string, string>>, inProcesses = false) => {
    people.push(new Person(environment, inProcesses));
    return people.at(-1)!;
  };
  const newUser = (environment?: Readonly<Record<string, string>>) => newPerson(environment, true);
  const recover = async (person: Person, name: string, index: number): Promise<Key> => {
    const words = `keys add ${name} --recover --index ${index}`;
    return JSON.parse(await person.output(words, { input: `${TEST_MNEMONIC}\n` })) as Key;
  };
  const answer = (text: string): Answer => JSON.parse(text) as Answer;
  const balance = async (of: string): Promise<bigint> => {
    const text = await alice.output(`query bank balance ${of} uscale ${at}`);
    return BigInt((JSON.parse(text) as { balance: { amount: string } }).balance.amount);
  };
  const fund = async (to: string, coins = '100000uscale'): Promise<void> => {
    await alice.output(`tx bank send alice ${to} ${coins} -y -b block ${at}`);
  };

  before(async () => {
    solo = await startSoloNode({ settings: { app: { minGasPrices: '0.001uscale' } } });
    at = `--node ${solo.url}`;
    alice = newPerson();
    ({ address } = await recover(alice, 'alice', 0));
  });
  after(async () => {
    for (const person of people) person.leave();
    await solo.remove();
  });

  it('sends with a key of the encrypted keyring: the password comes by standard input', async () => {
    const carol = newUser({ BITSCALE_KEYRING_BACKEND: 'file' });
    const input = `${TEST_MNEMONIC}\n${PASSWORD}\n`;
    await carol.output('keys add carol --recover', { input });
    const to = newAddress();
    const words = `tx bank send carol ${to} 7uscale -y -b block --node ${solo.url.replace('http', 'tcp')}`;
    const wrong = await carol.run(words, { input: 'another one\n' });
    assert.deepEqual([wrong.code, wrong.output], [65, '']);
    assert.match(wrong.errors, /wrong password for carol/);
    const sent = await carol.run(words, { input: `${PASSWORD}\n` });
    assert.equal(sent.code, 0, sent.errors);
    assert.equal(await balance(to), 7n);
    const said = wrong.errors + wrong.output + sent.errors + sent.output;
    for (const secret of [PASSWORD, 'junk']) assert.ok(!said.includes(secret));
  });

  it('asks before it sends, and does nothing without a yes', async () => {
    const to = newAddress();
    const words = `tx bank send alice ${to} 3uscale -b block ${at}`;
    for (const input of ['', 'n\n', 'maybe\n']) {
      const refused = await alice.run(words, { input });
      assert.equal(refused.code, 64);
      assert.match(refused.errors, /"to_address"/);
    }
    assert.equal((await alice.run(words, { input: 'y\n' })).code, 0);
    assert.equal(await balance(to), 3n);
  });

  it('says what a transaction would cost, and sends nothing', async () => {
    const to = newAddress();
    const dry = await alice.output(`tx bank send alice ${to} 3uscale --dry-run ${at}`);
    const gas = Number((JSON.parse(dry) as { gas_estimate: string }).gas_estimate);
    assert.ok(gas > 50_000 && gas < 300_000, dry);
    assert.equal(await balance(to), 0n);
    const make = `tx bank send alice ${to} 3uscale --generate-only --gas ${gas} ${at}`;
    alice.write('unsigned.json', await alice.output(make));
    const text = await alice.output(`tx simulate @unsigned.json ${at}`);
    const { gas_info: info } = JSON.parse(text) as { gas_info: { gas_used: string } };
    assert.ok(Number(info.gas_used) <= gas && Number(info.gas_used) > gas / 2, text);
  });

  it('answers at once or after the check, and the transaction is in a block later', async () => {
    for (const mode of ['sync', 'async']) {
      const to = newAddress();
      const sent = answer(
        await alice.output(`tx bank send alice ${to} 4uscale -y -b ${mode} ${at}`),
      );
      assert.deepEqual([sent.code, sent.height], [0, '0']);
      const found = answer(await alice.output(`query wait-tx ${sent.txhash} ${at}`));
      assert.deepEqual([found.code, found.txhash], [0, sent.txhash]);
      assert.equal(await balance(to), 4n);
    }
  });

  it('signs offline what another machine made, in both modes, and a third one sends it', async () => {
    for (const mode of ['direct', 'amino-json']) {
      const to = newAddress();
      const make = `tx bank send ${address} ${to} 6uscale --generate-only ${at}`;
      const watcher = newPerson();
      const unsigned = await watcher.output(make);
      alice.write('unsigned.json', unsigned);
      const text = await alice.output(`query auth account-info ${address} ${at}`);
      const { info } = JSON.parse(text) as { info: Record<string, string> };
      const facts = `-a ${info['account_number']} -s ${info['sequence']} --chain-id ${SOLO_CHAIN}`;
      const nowhere = `--offline --node http://127.0.0.1:1 ${facts}`;
      const sign = `tx sign @unsigned.json --from alice --sign-mode ${mode} ${nowhere}`;
      await alice.output(`${sign} --output-document ${alice.folder}/signed.json`);
      watcher.write('signed.json', alice.read('signed.json'));
      const checked = await watcher.output(`tx validate-signatures @signed.json ${at}`);
      assert.match(checked, /"valid": true/);
      const bad = await watcher.run(`tx validate-signatures @signed.json --offline ${facts}1`);
      assert.equal(bad.code, 65);
      const bytes = await watcher.output('tx encode @signed.json');
      assert.equal(await watcher.output(`tx decode ${bytes}`), watcher.read('signed.json').trim());
      const sent = answer(await watcher.output(`tx broadcast @signed.json -b block ${at}`));
      assert.equal(sent.code, 0);
      assert.equal(await balance(to), 6n);
      const again = await watcher.run(`tx broadcast ${bytes} ${at}`);
      assert.equal(again.code, 65);
    }
  });

  it('signs a batch whose sequences follow each other', async () => {
    const to = newAddress();
    const make = `tx bank send alice ${to} 1uscale --generate-only --offline`;
    const line = await alice.output(make);
    alice.write('batch', `${line}\n${line}\n`);
    const signed = (await alice.output(`tx sign-batch @batch --from alice ${at}`)).split('\n');
    for (const [index, text] of signed.entries()) {
      const mode = index === 0 ? 'sync' : 'block';
      await alice.output(`tx broadcast - -b ${mode} ${at}`, { input: text });
    }
    assert.equal(await balance(to), 2n);
  });

  it('three homes sign for their multisig; the bytes are those of CosmJS, and two of three are enough', async () => {
    const members: { person: Person; key: Key }[] = [];
    for (const index of [1, 2, 3]) {
      const person = newUser();
      members.push({ person, key: await recover(person, 'me', index) });
    }
    const treasurer = newPerson();
    for (const [index, { key }] of members.entries()) {
      await treasurer.output(`keys add m${index} --pubkey ${key.pubkey}`);
    }
    const made = await treasurer.output(
      'keys add board --multisig m0,m1,m2 --multisig-threshold 2',
    );
    const board = JSON.parse(made) as Key;
    await fund(board.address);
    const to = newAddress();
    const make = `tx bank send board ${to} 50uscale --generate-only ${at}`;
    const unsigned = await treasurer.output(make);
    for (const [index, { person }] of members.entries()) {
      person.write('unsigned.json', unsigned);
      const sign = `tx sign @unsigned.json --from me --multisig ${board.address} ${at}`;
      treasurer.write(`${index}.json`, await person.output(sign));
    }
    treasurer.write('unsigned.json', unsigned);
    const alone = await treasurer.run(`tx multisign @unsigned.json board @0.json ${at}`);
    assert.equal(alone.code, 65);
    assert.match(alone.errors, /1 signatures, 2 are needed/);
    const join2 = `tx multisign @unsigned.json board @2.json @0.json ${at}`;
    treasurer.write('signed.json', await treasurer.output(join2));
    const bytes = await treasurer.output('tx encode @signed.json');
    assert.equal(bytes, toBase64(byCosmjs(bytes, board, [2, 0], treasurer)));
    await treasurer.output(`tx validate-signatures @signed.json ${at}`);
    const sent = answer(await treasurer.output(`tx broadcast @signed.json -b block ${at}`));
    assert.equal(sent.code, 0);
    assert.equal(await balance(to), 50n);
    assert.equal((await treasurer.run(`tx bank send board ${to} 1uscale -y ${at}`)).code, 65);
  });

  /** The same signatures put together by CosmJS. */
  function byCosmjs(bytes: string, board: Key, files: number[], from: Person): Uint8Array {
    const { public_keys: keys } = JSON.parse(board.pubkey) as { public_keys: { key: string }[] };
    const group = createMultisigThresholdPubkey(
      keys.map(({ key }) => ({ type: 'tendermint/PubKeySecp256k1', value: key })),
      2,
      true,
    );
    const { bodyBytes } = TxRaw.decode(fromBase64(bytes));
    const unsigned = JSON.parse(from.read('unsigned.json')) as {
      auth_info: { fee: { amount: { denom: string; amount: string }[]; gas_limit: string } };
    };
    const { amount, gas_limit: gas } = unsigned.auth_info.fee;
    const signatures = new Map<string, Uint8Array>();
    for (const file of files) {
      const { signatures: list } = JSON.parse(from.read(`${file}.json`)) as {
        signatures: { public_key: { key: string }; data: { single: { signature: string } } }[];
      };
      const [{ public_key: key, data }] = list as [(typeof list)[0]];
      const single = { type: 'tendermint/PubKeySecp256k1', value: key.key };
      signatures.set(pubkeyToAddress(single, 'bitscale'), fromBase64(data.single.signature));
    }
    return makeMultisignedTxBytes(group, 0, { amount, gas }, bodyBytes, signatures);
  }

  it('a device signs by the module that talks to it, in amino JSON without being told', async () => {
    const module = new URL('../support/software-device.js', import.meta.url).pathname;
    const dora = newPerson({ BITSCALE_LEDGER: module });
    const key = JSON.parse(await dora.output('keys add dora --ledger --index 5')) as Key;
    assert.match(await dora.output('keys show dora'), /"type": "ledger"/);
    await fund(key.address);
    const to = newAddress();
    const send = `tx bank send dora ${to} 9uscale -y -b block ${at}`;
    const direct = await dora.run(`${send} --sign-mode direct`);
    assert.equal(direct.code, 65);
    const sent = answer(await dora.output(send));
    assert.equal(await balance(to), 9n);
    const tx = await alice.output(`query tx ${sent.txhash} ${at}`);
    assert.match(tx, /SIGN_MODE_LEGACY_AMINO_JSON/);
  });

  it('one pays the fee of another, who signs first; both signatures are amino JSON', async () => {
    const bob = newPerson();
    const { address: payee } = await recover(bob, 'bob', 6);
    await fund(payee, '1uscale');
    const to = newAddress();
    const make = `tx bank send bob ${to} 1uscale --fee-payer ${address} --generate-only ${at}`;
    bob.write('unsigned.json', await bob.output(make));
    const first = await bob.output(`tx sign @unsigned.json --from bob ${at}`);
    alice.write('half.json', first);
    const half = await alice.run(`tx validate-signatures @half.json ${at}`);
    assert.equal(half.code, 65);
    alice.write('signed.json', await alice.output(`tx sign @half.json --from alice ${at}`));
    assert.equal(answer(await alice.output(`tx broadcast @signed.json -b block ${at}`)).code, 0);
    assert.equal(await balance(to), 1n);
  });

  it('grants and uses them: a deputy by authz, a guest whose fees another pays', async () => {
    const deputy = newPerson();
    const { address: grantee } = await recover(deputy, 'deputy', 7);
    const to = newAddress();
    const limit = '--spend-limit 100uscale';
    await alice.output(`tx authz grant ${grantee} send ${limit} --from alice -y -b block ${at}`);
    await alice.output(`tx feegrant grant alice ${grantee} -y -b block ${at}`);
    const inner = `tx bank send ${address} ${to} 8uscale --generate-only --offline`;
    deputy.write('inner.json', await deputy.output(inner));
    const exec = `tx authz exec @inner.json --from deputy --fee-granter ${address} -y -b block`;
    await deputy.output(`${exec} ${at}`);
    assert.equal(await balance(to), 8n);
    await alice.output(
      `tx authz revoke ${grantee} /cosmos.bank.v1beta1.MsgSend --from alice -y -b block ${at}`,
    );
    assert.match((await deputy.run(`${exec} ${at}`)).errors, /authorization not found/);
  });

  it('makes an account that vests, and sends any message from a file', async () => {
    const vesting = newAddress();
    const end = Math.floor(Date.now() / 1000) + 10_000;
    const words = `tx vesting create-vesting-account ${vesting} 1000uscale ${end} --delayed`;
    await alice.output(`${words} --from alice -y -b block ${at}`);
    const text = await alice.output(`query auth account ${vesting} ${at}`);
    assert.match(text, /DelayedVestingAccount/);
    const to = newAddress();
    const message = {
      '@type': '/cosmos.bank.v1beta1.MsgSend',
      from_address: address,
      to_address: to,
      amount: [{ denom: 'uscale', amount: '2' }],
    };
    alice.write('messages.json', JSON.stringify([message, message]));
    await alice.output(`tx msg @messages.json --from alice -y -b block ${at}`);
    assert.equal(await balance(to), 4n);
  });

  it('takes unordered transactions', async () => {
    const to = newAddress();
    const late = '--unordered --timeout-duration 60';
    await alice.output(`tx bank send alice ${to} 2uscale ${late} -y -b block ${at}`);
    assert.equal(await balance(to), 2n);
  });

  it('ends with a code that says whose fault it is', async () => {
    const to = newAddress();
    const send = `tx bank send alice ${to} 1uscale -y`;
    const cases: [string, number, RegExp][] = [
      [`${send} --node http://127.0.0.1:1`, 74, /no answer/],
      [`${send} ${at} --chain-id other-1`, 65, /solo-1, not other-1/],
      [`${send} ${at} --fees 1uscale --gas 200000`, 65, /insufficient fee/],
      [`${send} ${at} -s 99999 --gas 200000`, 65, /account sequence mismatch/],
      [`${send} ${at} --timeout-height 1`, 65, /timeout height/],
      [`tx bank send alice ${to} 99999999999999999uscale -y ${at}`, 65, /insufficient funds/],
      [`tx bank send ${to} ${address} 1uscale -y ${at}`, 65, /no account/],
      [`tx sign /none --from alice ${at}`, 74, /cannot be read/],
      [`tx broadcast /none ${at}`, 74, /cannot be read/],
    ];
    for (const [words, code, why] of cases) {
      const ended = await alice.run(words);
      assert.equal(ended.code, code, `${words}: ${ended.errors}`);
      assert.match(ended.errors, why);
    }
    assert.equal(await balance(to), 0n);
  });
});
