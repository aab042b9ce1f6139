/** Every message of the chain can be made from the command line, and what is made is what its module takes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountText } from '../../../../node/base/address.ts';
import { toBase64 } from '../../../../node/base/bytes.ts';
import { keyToWire, LedgerWallet } from '../../../../modules/ledger/client.ts';
import { chainTypes } from '../../../../node/cli/tx/chain-types.ts';
import { readPartsJson } from '../../../../node/cli/tx/parts.ts';
import { nameOfMessage, signerField } from '../../../../node/cli/messages/generic.ts';
import { messageCommands, NODE_MESSAGES } from '../../../../node/cli/messages/table.ts';
import { run, type Ran } from '../fake-terminal.ts';

const { registry } = chainTypes();
const commands = messageCommands(registry);
const FROM = accountText(new Uint8Array(20).fill(1));
const TO = accountText(new Uint8Array(20).fill(2));
const OTHER = accountText(new Uint8Array(20).fill(3));
const SEND = '/cosmos.bank.v1beta1.MsgSend';
const UNSIGNED = ['--generate-only', '--offline'];

type Message = Record<string, unknown>;
const PERIODS = {
  start_time: 1_800_000_000,
  periods: [{ coins: '10uscale', length_seconds: 60 }],
};
const PARAMS = {
  block: { max_bytes: '200000', max_gas: '50000000' },
  evidence: {
    max_age_num_blocks: '302400',
    max_age_duration: '1814400s',
    max_bytes: '10000',
  },
  validator: { pub_key_types: ['ed25519'] },
};
const key = keyToWire(LedgerWallet.fromSeed(new Uint8Array(32).fill(5)).key);
const OWNER = { ax: toBase64(key.ax), ay: toBase64(key.ay) };
const FILES: Record<string, unknown> = {
  'periods.json': PERIODS,
  'params.json': { params: PARAMS },
  'messages.json': { '@type': SEND, from_address: FROM, to_address: TO, amount: [] },
};

/** The command line, and the message it makes. `@` stands for the folder of the files. */
const CASES: [string[], Message][] = [
  [
    ['bank', 'send', FROM, TO, '5uscale,7uatom'],
    {
      '@type': SEND,
      from_address: FROM,
      to_address: TO,
      amount: [
        { denom: 'uatom', amount: '7' },
        { denom: 'uscale', amount: '5' },
      ],
    },
  ],
  [
    ['bank', 'multi-send', FROM, TO, OTHER, '9uscale', '--split'],
    {
      '@type': '/cosmos.bank.v1beta1.MsgMultiSend',
      inputs: [{ address: FROM, coins: [{ denom: 'uscale', amount: '8' }] }],
      outputs: [TO, OTHER].map((address) => ({
        address,
        coins: [{ denom: 'uscale', amount: '4' }],
      })),
    },
  ],
  [
    [
      'authz',
      'grant',
      TO,
      'send',
      '--spend-limit',
      '9uscale',
      '--allow-list',
      OTHER,
      '--from',
      FROM,
    ],
    {
      '@type': '/cosmos.authz.v1beta1.MsgGrant',
      granter: FROM,
      grantee: TO,
      grant: {
        authorization: {
          '@type': '/cosmos.bank.v1beta1.SendAuthorization',
          spend_limit: [{ denom: 'uscale', amount: '9' }],
          allow_list: [OTHER],
        },
        expiration: null,
      },
    },
  ],
  [
    [
      ...['authz', 'grant', TO, 'generic', '--msg-type', SEND, '--from', FROM],
      ...['--expiration', '1800000000'],
    ],
    {
      '@type': '/cosmos.authz.v1beta1.MsgGrant',
      granter: FROM,
      grantee: TO,
      grant: {
        authorization: { '@type': '/cosmos.authz.v1beta1.GenericAuthorization', msg: SEND },
        expiration: '2027-01-15T08:00:00Z',
      },
    },
  ],
  [
    ['authz', 'exec', '@/messages.json', '--from', TO],
    {
      '@type': '/cosmos.authz.v1beta1.MsgExec',
      grantee: TO,
      msgs: [FILES['messages.json'] as Message],
    },
  ],
  [
    ['authz', 'revoke', TO, SEND, '--from', FROM],
    {
      '@type': '/cosmos.authz.v1beta1.MsgRevoke',
      granter: FROM,
      grantee: TO,
      msg_type_url: SEND,
    },
  ],
  [
    ['feegrant', 'grant', FROM, TO, '--expiration', '2030-01-01T00:00:00Z'],
    {
      '@type': '/cosmos.feegrant.v1beta1.MsgGrantAllowance',
      granter: FROM,
      grantee: TO,
      allowance: {
        '@type': '/cosmos.feegrant.v1beta1.BasicAllowance',
        spend_limit: [],
        expiration: '2030-01-01T00:00:00Z',
      },
    },
  ],
  [
    [
      ...['feegrant', 'grant', FROM, TO, '--spend-limit', '100uscale', '--period', '3600'],
      ...['--period-limit', '10uscale', '--allowed-messages', SEND],
    ],
    {
      '@type': '/cosmos.feegrant.v1beta1.MsgGrantAllowance',
      granter: FROM,
      grantee: TO,
      allowance: {
        '@type': '/cosmos.feegrant.v1beta1.AllowedMsgAllowance',
        allowance: {
          '@type': '/cosmos.feegrant.v1beta1.PeriodicAllowance',
          basic: { spend_limit: [{ denom: 'uscale', amount: '100' }], expiration: null },
          period: '3600s',
          period_spend_limit: [{ denom: 'uscale', amount: '10' }],
          period_can_spend: [{ denom: 'uscale', amount: '10' }],
          period_reset: '0001-01-01T00:00:00Z',
        },
        allowed_messages: [SEND],
      },
    },
  ],
  [
    ['feegrant', 'revoke', FROM, TO],
    { '@type': '/cosmos.feegrant.v1beta1.MsgRevokeAllowance', granter: FROM, grantee: TO },
  ],
  [
    ['feegrant', 'prune', '--from', FROM],
    { '@type': '/cosmos.feegrant.v1beta1.MsgPruneAllowances', pruner: FROM },
  ],
  [
    ['vesting', 'create-vesting-account', TO, '5uscale', '1800000000', '--delayed', '--from', FROM],
    {
      '@type': '/cosmos.vesting.v1beta1.MsgCreateVestingAccount',
      from_address: FROM,
      to_address: TO,
      amount: [{ denom: 'uscale', amount: '5' }],
      end_time: '1800000000',
      delayed: true,
    },
  ],
  [
    ['vesting', 'create-permanent-locked-account', TO, '5uscale', '--from', FROM],
    {
      '@type': '/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount',
      from_address: FROM,
      to_address: TO,
      amount: [{ denom: 'uscale', amount: '5' }],
    },
  ],
  [
    ['vesting', 'create-periodic-vesting-account', TO, '@/periods.json', '--from', FROM],
    {
      '@type': '/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount',
      from_address: FROM,
      to_address: TO,
      start_time: '1800000000',
      vesting_periods: [{ length: '60', amount: [{ denom: 'uscale', amount: '10' }] }],
    },
  ],
  [
    ['upgrade', 'software-upgrade', 'v2', '--upgrade-height', '90', '--from', FROM],
    {
      '@type': '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade',
      authority: FROM,
      plan: {
        name: 'v2',
        time: '0001-01-01T00:00:00Z',
        height: '90',
        info: '',
        upgraded_client_state: null,
      },
    },
  ],
  [
    ['upgrade', 'cancel-software-upgrade', '--from', FROM],
    { '@type': '/cosmos.upgrade.v1beta1.MsgCancelUpgrade', authority: FROM },
  ],
  [
    ['consensus', 'update-params', '@/params.json', '--from', FROM],
    { '@type': '/cosmos.consensus.v1.MsgUpdateParams', authority: FROM, ...PARAMS, abci: null },
  ],
  [
    [
      ...['ledger', 'register-account', '--json', JSON.stringify({ token: 3, owner: OWNER })],
      ...['--from', FROM],
    ],
    { '@type': '/bitscale.ledger.v1.MsgRegisterAccount', submitter: FROM, token: 3, owner: OWNER },
  ],
];

describe('cli: messages', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-messages-'));
    for (const [name, content] of Object.entries(FILES)) {
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  const tx = (words: readonly string[], answers: string[] = []): Promise<Ran> => {
    const args = words.map((word) => word.replace(/^@/, folder));
    return run(['tx', ...args, '--home', folder], answers);
  };

  it('has a command for every message, but for those that only nodes send', () => {
    const made = commands.flatMap(({ types }) => types);
    assert.equal(new Set(made).size, made.length, 'no message has two commands');
    const reachable = [...made, ...NODE_MESSAGES.keys()].sort();
    assert.deepEqual(reachable, [...registry.messageTypes()].sort());
    for (const [typeUrl, reason] of NODE_MESSAGES) assert.ok(reason.length > 20, typeUrl);
    for (const { name, examples } of commands) assert.ok(examples!.length > 0, name);
  });

  it('knows who signs each message, so that a plain command can fill it in', () => {
    const plain = commands.filter(({ options }) => 'json' in options!);
    assert.ok(plain.length >= 3);
    for (const { name, types } of plain) {
      const field = signerField(registry.message(types[0]!)!);
      assert.ok(['submitter', 'authority'].includes(field ?? ''), `${name}: ${field}`);
    }
  });

  it('tries every command that has arguments of its own', () => {
    const tried = new Set(CASES.map(([words]) => `tx ${words.slice(0, 2).join(' ')}`));
    const isPlain = ({ options }: (typeof commands)[0]): boolean => 'json' in options!;
    const named = commands.filter((command) => !isPlain(command) && command.name !== 'tx msg');
    for (const { name } of named) assert.ok(tried.has(name), name);
  });

  for (const [words, expected] of CASES) {
    it(`makes what it says: tx ${words.slice(0, 2).join(' ')} ${words.slice(-2).join(' ')}`, async () => {
      const { code, output, errors } = await tx([...words, ...UNSIGNED]);
      assert.equal(code, 0, errors);
      const json = JSON.parse(output) as { body: { messages: Message[] } };
      assert.deepEqual(json.body.messages, [expected]);
    });

    it(`and tx msg makes the same from JSON: ${String(expected['@type'])}`, async () => {
      const from = words.includes('--from') ? words[words.indexOf('--from') + 1]! : FROM;
      const options = ['--from', from, '--note', 'n', '--fees', '3uscale', ...UNSIGNED];
      const made = await tx(['msg', '-', ...options], [JSON.stringify([expected])]);
      assert.equal(made.code, 0, made.errors);
      const parts = readPartsJson(JSON.parse(made.output));
      const [message] = parts.body.messages;
      const { codec, validate } = registry.message(message!.typeUrl)!;
      const isEmptyOnPurpose = expected['@type'] === '/cosmos.authz.v1beta1.MsgExec';
      if (!isEmptyOnPurpose) validate(codec.decode(message!.value));
      assert.deepEqual(parts.authInfo.fee?.amount, [{ denom: 'uscale', amount: '3' }]);
    });
  }

  it('writes every option of a transaction where it belongs', async () => {
    const options = [
      ...['--note', 'hello', '--gas', '123456', '--gas-prices', '0.0015uscale'],
      ...['--fee-granter', OTHER, '--fee-payer', TO, '--timeout-height', '99'],
    ];
    const { output, errors } = await tx([
      'bank',
      'send',
      FROM,
      TO,
      '1uscale',
      ...options,
      ...UNSIGNED,
    ]);
    const { body, auth_info: auth } = JSON.parse(output || errors) as {
      body: Message;
      auth_info: Message;
    };
    assert.deepEqual([body['memo'], body['timeout_height']], ['hello', '99']);
    const amount = [{ denom: 'uscale', amount: '186' }];
    const fee = { amount, gas_limit: '123456', payer: TO, granter: OTHER };
    assert.deepEqual(auth, { signer_infos: [], fee, tip: null });
    const late = [...UNSIGNED, '--unordered', '--timeout-duration', '60', '--memo', 'm'];
    const unordered = await tx(['bank', 'send', FROM, TO, '1uscale', ...late]);
    const after = (JSON.parse(unordered.output) as { body: Message }).body;
    assert.deepEqual([after['unordered'], after['memo']], [true, 'm']);
    const seconds = Date.parse(String(after['timeout_timestamp'])) - Date.now();
    assert.ok(seconds > 30_000 && seconds <= 60_000);
  });

  const send = ['bank', 'send', FROM, TO, '1uscale'];
  const REFUSED: [string[], number][] = [
    [[...send, '--fees', '1uscale', '--gas-prices', '1uscale'], 64],
    [[...send, '--gas', 'auto'], 64],
    [[...send, '--gas', '-1'], 64],
    [[...send, '--gas-prices', '1 2'], 65],
    [[...send, '--fees', 'x'], 65],
    [[...send, '--note', 'a', '--memo', 'b'], 64],
    [[...send, '--unordered'], 64],
    [[...send, '--unordered', '--timeout-duration', '601'], 64],
    [[...send, '--sign-mode', 'textual'], 64],
    [[...send, '--broadcast-mode', 'commit'], 64],
    [[...send, '--from', TO], 64],
    [[...send, '--timeout-height', 'x'], 64],
    [['bank', 'send', FROM, 'cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu', '1uscale'], 65],
    [['bank', 'send', FROM, TO, '0uscale'], 64],
    [['bank', 'send', FROM, TO, '-1uscale'], 64],
    [['bank', 'send', 'nobody', TO, '1uscale'], 65],
    [['bank', 'multi-send', FROM, TO, '1uscale'], 0],
    [['bank', 'multi-send', FROM, TO, OTHER, '1uscale', '--split'], 64],
    [['authz', 'grant', TO, 'other', '--from', FROM], 64],
    [['authz', 'grant', TO, 'generic', '--from', FROM], 64],
    [['authz', 'grant', TO, 'generic', '--msg-type', SEND], 64],
    [['feegrant', 'grant', FROM, TO, '--period', '5'], 64],
    [['feegrant', 'grant', FROM, TO, '--expiration', 'tomorrow'], 65],
    [['upgrade', 'software-upgrade', 'v2', '--from', FROM], 64],
    [['vesting', 'create-vesting-account', TO, '1uscale', 'x', '--from', FROM], 64],
    [['vesting', 'create-periodic-vesting-account', TO, '@/params.json', '--from', FROM], 65],
    [['ledger', 'post-quotes', '--from', FROM], 64],
    [['ledger', 'post-quotes', '--json', '[]', '--from', FROM], 65],
    [['ledger', 'post-quotes', '--json', '{"other": 1}', '--from', FROM], 65],
    [['ledger', 'post-quotes', '--json', `{"submitter": "${TO}"}`, '--from', FROM], 65],
    [['msg', '@/periods.json', '--from', FROM], 65],
    [['msg', '@/none.json', '--from', FROM], 74],
  ];
  for (const [words, code] of REFUSED) {
    it(`ends with code ${code}: tx ${words.join(' ').replaceAll(/bitscale1\w+/g, '...')}`, async () => {
      const ran = await tx([...words, ...UNSIGNED]);
      assert.equal(ran.code, code, ran.errors);
      if (code !== 0) assert.equal(ran.output, '');
    });
  }

  it('signs nothing without an account number, a sequence and a chain when no node may be asked', async () => {
    const { code, errors } = await tx([...send, '--offline', '-y']);
    assert.deepEqual([code, /--generate-only/.test(errors)], [64, true]);
  });

  it('names messages as their methods are called', () => {
    assert.equal(nameOfMessage('/bitscale.ledger.v1.MsgPostQuotes'), 'ledger post-quotes');
    assert.equal(nameOfMessage('/bitscale.settlement.v1.MsgAttestL1'), 'settlement attest-l1');
  });
});
