/** Bad transactions, one rule each: the code a client sees from CheckTx, and no trace in the state. */
import assert from 'node:assert/strict';
import { bech32m } from '@scure/base';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { concat, fromHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { encodeVarint } from '../../../node/base/proto-writer.ts';
import { accountAddress, moduleAddress } from '../../../node/base/address.ts';
import { toBech32 } from '../../../node/base/bech32.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  testKey,
  type TestTx,
} from '../../support/application.ts';

const [alice, bob, stranger] = [testKey('alice'), testKey('bob'), testKey('stranger')];

async function startedApp() {
  const parts = testApplication({ minGasPrices: '0.001uscale' });
  parts.app.initChain(initRequest(genesisFor([alice, bob])));
  await runBlock(parts.app, []);
  return parts.app;
}

function signed(change: Partial<TestTx> = {}): Bytes {
  const messages = [sendMessage(alice, bob.text, '5')];
  return signTx({ messages, key: alice, accountNumber: 0n, sequence: 0n, ...change });
}

function edit(tx: Bytes, change: (raw: TxRaw) => void): Bytes {
  const raw = TxRaw.decode(tx);
  change(raw);
  return TxRaw.encode(raw).finish();
}

/** MsgSend with these coins, whatever they are. */
function sendOf(...amount: { denom: string; amount: string }[]) {
  const message = MsgSend.fromPartial({ fromAddress: alice.text, toAddress: bob.text, amount });
  return { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value: MsgSend.encode(message).finish() };
}

function nested(depth: number): Bytes {
  let bytes: Bytes = new Uint8Array(0);
  for (let i = 0; i < depth; i++)
    bytes = concat(Uint8Array.of(0x0a), encodeVarint(bytes.length), bytes);
  return bytes;
}

const HALF = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function highS(signature: Bytes): Bytes {
  const s = BigInt(`0x${Buffer.from(signature.slice(32)).toString('hex')}`);
  assert.ok(s <= HALF);
  return concat(signature.slice(0, 32), fromHex((ORDER - s).toString(16).padStart(64, '0')));
}

const badAddress = (text: string) => [sendMessage(alice, text, '5')];

type Case = readonly [name: string, tx: () => Bytes, code: string, text?: RegExp];

const encodingCases: readonly Case[] = [
  ['random bytes', () => utf8('x'.repeat(1024)), 'sdk/2'],
  ['an unknown field in TxRaw', () => concat(signed(), Uint8Array.of(0x20, 1)), 'sdk/2'],
  ['the body twice', () => concat(signed().slice(0, 0), doubled(signed())), 'sdk/2'],
  ['signatures before the body', () => reversed(signed()), 'sdk/2'],
  ['a long form of a length', () => longLength(signed()), 'sdk/2'],
  ['nesting 5,000 deep', () => edit(signed(), (raw) => (raw.bodyBytes = nested(5000))), 'sdk/2'],
  ['a memo that is not UTF-8', () => brokenMemo(), 'sdk/2'],
  ['no messages', () => signed({ messages: [] }), 'sdk/18', /at least one message/],
  // As recorded from the SDK: nothing at all decodes, to a transaction without messages.
  ['no bytes', () => new Uint8Array(0), 'sdk/18', /at least one message/],
  [
    'an unknown message type',
    () => signed({ messages: [{ typeUrl: '/no.such.v1.Msg', value: new Uint8Array(0) }] }),
    'sdk/2',
    /unable to resolve type URL \/no\.such\.v1\.Msg/,
  ],
  [
    'an extension option',
    () => signed({ body: { extensionOptions: [{ typeUrl: '/a.B', value: new Uint8Array(0) }] } }),
    'sdk/31',
  ],
  ['an unordered tx', () => signed({ body: { unordered: true } }), 'sdk/37'],
  ['a tx of 262,145 bytes', () => new Uint8Array(262_145), 'sdk/21'],
];

const signatureCases: readonly Case[] = [
  ['a memo of 257 bytes', () => signed({ memo: 'm'.repeat(257) }), 'sdk/12'],
  ['no signature', () => edit(signed(), (raw) => (raw.signatures = [])), 'sdk/15'],
  [
    'another chain',
    () => signed({ chainId: 'other-1' }),
    'sdk/4',
    /please verify account number \(0\)/,
  ],
  ['another account number', () => signed({ accountNumber: 7n }), 'sdk/4'],
  ['a sequence too high', () => signed({ sequence: 1n }), 'sdk/32', /expected 0, got 1/],
  ['a signer without account', () => fromStranger(), 'sdk/9', /does not exist/],
  [
    'high s',
    () => edit(signed(), (raw) => (raw.signatures = [highS(raw.signatures[0] as Bytes)])),
    'sdk/4',
  ],
  [
    'a flipped bit',
    () => edit(signed(), (raw) => ((raw.signatures[0] as Bytes)[5]! ^= 1)),
    'sdk/4',
  ],
  ['the key of another', () => signed({ key: { ...alice, pubKey: bob.pubKey } }), 'sdk/8'],
  ['a key of another kind', () => otherKeyType(), 'sdk/8'],
];

const amountCases: readonly Case[] = ['-1', '01', '1e3', '0x1', ' 1', '+1', '1.0', '', '0']
  .concat((1n << 256n).toString())
  .map((amount): Case => {
    const messages = [sendOf({ denom: 'uscale', amount })];
    return [`the amount "${amount.slice(0, 20)}"`, () => signed({ messages }), 'sdk/10'];
  });

const denomCases: readonly Case[] = ['', 'A B', 'd'.repeat(129), '😀abc', 'ab'].map(
  (denom): Case => {
    const messages = [sendOf({ denom, amount: '1' })];
    return [`the denomination "${denom.slice(0, 20)}"`, () => signed({ messages }), 'sdk/10'];
  },
);

const one = (denom: string) => ({ denom, amount: '1' });

const messageCases: readonly Case[] = [
  ['coins out of order', () => signed({ messages: [sendOf(one('bbb'), one('aaa'))] }), 'sdk/10'],
  ['a coin twice', () => signed({ messages: [sendOf(one('aaa'), one('aaa'))] }), 'sdk/10'],
  [
    'another prefix',
    () => signed({ messages: badAddress(toBech32('cosmos', bob.address)) }),
    'sdk/7',
  ],
  [
    'a wrong checksum',
    () => signed({ messages: badAddress(bob.text.slice(0, -1) + 'q') }),
    'sdk/7',
  ],
  ['mixed case', () => signed({ messages: badAddress(bob.text.slice(0, -1) + 'X') }), 'sdk/7'],
  [
    'the checksum of bech32m',
    () =>
      signed({ messages: badAddress(bech32m.encode('bitscale', bech32m.toWords(bob.address))) }),
    'sdk/7',
  ],
  [
    'an address of 33 bytes',
    () => signed({ messages: badAddress(toBech32('bitscale', new Uint8Array(33))) }),
    'sdk/7',
  ],
  [
    'a fee below the minimum',
    () => signed({ fee: '199' }),
    'sdk/13',
    /got: 199uscale required: 200uscale/,
  ],
  ['gas 0', () => signed({ gas: 0n }), 'sdk/11'],
  ['too little gas', () => signed({ gas: 20_000n }), 'sdk/11', /out of gas in location/],
  ['more gas than a block has', () => signed({ gas: 50_000_001n, fee: '60000' }), 'sdk/41'],
  ['a fee nobody has', () => signed({ fee: '1000000000001' }), 'sdk/5'],
  ['a timeout height that has passed', () => signed({ body: { timeoutHeight: 1n } }), 'sdk/30'],
];

function doubled(tx: Bytes): Bytes {
  const raw = TxRaw.decode(tx);
  const body = TxRaw.encode(TxRaw.fromPartial({ bodyBytes: raw.bodyBytes })).finish();
  return concat(body, tx);
}

function reversed(tx: Bytes): Bytes {
  const { signatures, ...rest } = TxRaw.decode(tx);
  const tail = TxRaw.encode(TxRaw.fromPartial({ signatures })).finish();
  return concat(tail, TxRaw.encode({ ...rest, signatures: [] }).finish());
}

function longLength(tx: Bytes): Bytes {
  const raw = TxRaw.decode(tx);
  const length = encodeVarint(raw.bodyBytes.length);
  const long = Uint8Array.from(length);
  long[long.length - 1]! |= 0x80;
  return concat(Uint8Array.of(0x0a), long, Uint8Array.of(0), tx.slice(1 + length.length));
}

function brokenMemo(): Bytes {
  return edit(signed({ memo: 'abcd' }), (raw) => {
    raw.bodyBytes = raw.bodyBytes.map((byte, i) => (i === raw.bodyBytes.length - 1 ? 0xff : byte));
  });
}

function fromStranger(): Bytes {
  const messages = [sendMessage(stranger, bob.text, '5')];
  return signed({ messages, key: stranger });
}

function otherKeyType(): Bytes {
  return edit(signed(), (raw) => {
    const auth = AuthInfo.decode(raw.authInfoBytes);
    auth.signerInfos[0]!.publicKey = {
      typeUrl: '/cosmos.crypto.ed25519.PubKey',
      value: PubKey.encode({ key: alice.pubKey }).finish(),
    };
    raw.authInfoBytes = AuthInfo.encode(auth).finish();
  });
}

describe('app/bad transactions', () => {
  const cases = [
    ...encodingCases,
    ...signatureCases,
    ...amountCases,
    ...denomCases,
    ...messageCases,
  ];
  for (const [name, tx, code, text] of cases) {
    it(`refuses ${name} with ${code}, and CheckTx leaves the way free for a good one`, async () => {
      const app = await startedApp();
      const result = app.checkTx(tx(), 'new');
      assert.equal(`${result.codespace}/${result.code}`, code, result.log);
      if (text) assert.match(result.log, text);
      assert.equal(app.checkTx(signed(), 'new').code, 0);
    });
  }

  it('refuses eight signatures with sdk/14', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => testKey(`signer ${i}`));
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor(keys)));
    await runBlock(app, []);
    const body = TxBody.fromPartial({
      messages: keys.map((key) => sendMessage(key, bob.text, '1')),
    });
    const signerInfos = keys.map(({ pubKey }) => ({
      publicKey: {
        typeUrl: '/cosmos.crypto.secp256k1.PubKey',
        value: PubKey.encode({ key: pubKey }).finish(),
      },
      modeInfo: { single: { mode: 1 } },
    }));
    const authInfo = AuthInfo.fromPartial({ signerInfos, fee: { gasLimit: 1_000_000n } });
    const tx = TxRaw.encode({
      bodyBytes: TxBody.encode(body).finish(),
      authInfoBytes: AuthInfo.encode(authInfo).finish(),
      signatures: keys.map(() => new Uint8Array(64)),
    }).finish();
    const result = app.checkTx(tx, 'new');
    assert.equal(`${result.codespace}/${result.code}`, 'sdk/14', result.log);
  });

  it('refuses a sequence that is used with sdk/32, and names the next', async () => {
    const app = await startedApp();
    await runBlock(app, [signed()]);
    const { codespace, code, log } = app.checkTx(signed({ memo: 'again' }), 'new');
    const text = 'account sequence mismatch, expected 1, got 0: incorrect account sequence';
    assert.deepEqual([codespace, code, log], ['sdk', 32, text]);
  });

  it('refuses a key that is no point of the curve with sdk/8, although the address is of it', async () => {
    const pubKey = Uint8Array.from({ length: 33 }, (_, i) => (i === 0 ? 2 : 0xff));
    const address = accountAddress(pubKey);
    const ghost = { ...alice, pubKey, address, text: toBech32('bitscale', address) };
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor([ghost])));
    await runBlock(app, []);
    const result = app.checkTx(
      signed({ key: ghost, messages: [sendMessage(ghost, bob.text, '5')] }),
      'new',
    );
    assert.equal(`${result.codespace}/${result.code}`, 'sdk/8', result.log);
  });

  it('refuses to send more than there is with sdk/5, and keeps the fee', async () => {
    const app = await startedApp();
    const messages = [sendMessage(alice, bob.text, '999999999001')];
    const { txResults } = await runBlock(app, [signed({ messages })]);
    const [{ codespace, code, log } = assert.fail()] = txResults;
    assert.deepEqual([codespace, code], ['sdk', 5]);
    assert.match(log, /spendable balance 999999999000uscale is smaller than 999999999001uscale/);
    assert.match(JSON.stringify(app.exportGenesis()), /"999999999000"/);
  });

  it('refuses to pay a module account with sdk/4, and keeps the fee', async () => {
    const app = await startedApp();
    const target = toBech32('bitscale', moduleAddress('fee_collector'));
    const { txResults } = await runBlock(app, [signed({ messages: badAddress(target) })]);
    assert.equal(`${txResults[0]?.codespace}/${txResults[0]?.code}`, 'sdk/4');
    assert.match(txResults[0]?.log ?? '', /is not allowed to receive funds: unauthorized$/);
    assert.equal(app.checkTx(signed(), 'new').code, 32);
  });

  it('charges the fee and undoes the messages when gas runs out in a message', async () => {
    const app = await startedApp();
    const { txResults } = await runBlock(app, [signed({ gas: 70_000n })]);
    assert.equal(txResults[0]?.code, 11, txResults[0]?.log);
    const state = JSON.stringify(app.exportGenesis());
    assert.match(state, /"999999999000"/);
    assert.match(state, /"1000000000000"/);
  });

  it('answers in a block only that a tx cannot be decoded, not why', async () => {
    const app = await startedApp();
    const { txResults } = await runBlock(app, [utf8('garbage')]);
    assert.equal(txResults[0]?.log, 'tx parse error');
    assert.equal(txResults[0]?.gasUsed, 0n);
  });
});
