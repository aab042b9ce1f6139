/**
 * Bad transactions and the code that a client sees; the number in a name is that of the rule. Those that need a state
 * of their own are in test/unit/app/bad-transactions.test.ts.
 */
import assert from 'node:assert/strict';
import { bech32m } from '@scure/base';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { AuthInfo, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { concat, fromHex, utf8, type Bytes } from '../../node/base/bytes.ts';
import { encodeVarint } from '../../node/base/proto-writer.ts';
import { toBech32 } from '../../node/base/bech32.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  testKey,
  type TestTx,
} from './application.ts';

export const [alice, bob, stranger] = [testKey('alice'), testKey('bob'), testKey('stranger')];

export async function startedApp() {
  const parts = testApplication({ minGasPrices: '0.001uscale' });
  parts.app.initChain(initRequest(genesisFor([alice, bob])));
  await runBlock(parts.app, []);
  return parts.app;
}

export function signed(change: Partial<TestTx> = {}): Bytes {
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

export type Case = readonly [name: string, tx: () => Bytes, code: string, text?: RegExp];

const encodingCases: readonly Case[] = [
  ['2 random bytes', () => utf8('x'.repeat(1024)), 'sdk/2'],
  ['3 an unknown field in TxRaw', () => concat(signed(), Uint8Array.of(0x20, 1)), 'sdk/2'],
  ['4 the body twice', () => concat(signed().slice(0, 0), doubled(signed())), 'sdk/2'],
  ['4 signatures before the body', () => reversed(signed()), 'sdk/2'],
  ['4 a long form of a length', () => longLength(signed()), 'sdk/2'],
  ['5 nesting 5,000 deep', () => edit(signed(), (raw) => (raw.bodyBytes = nested(5000))), 'sdk/2'],
  ['6 a memo that is not UTF-8', () => brokenMemo(), 'sdk/2'],
  ['7 no messages', () => signed({ messages: [] }), 'sdk/18', /at least one message/],
  // As recorded from the SDK: nothing at all decodes, to a transaction without messages.
  ['1 no bytes', () => new Uint8Array(0), 'sdk/18', /at least one message/],
  [
    '8 an unknown message type',
    () => signed({ messages: [{ typeUrl: '/no.such.v1.Msg', value: new Uint8Array(0) }] }),
    'sdk/2',
    /unable to resolve type URL \/no\.such\.v1\.Msg/,
  ],
  [
    '9 an extension option',
    () => signed({ body: { extensionOptions: [{ typeUrl: '/a.B', value: new Uint8Array(0) }] } }),
    'sdk/31',
  ],
  ['an unordered tx', () => signed({ body: { unordered: true } }), 'sdk/37'],
  ['a tx of 262,145 bytes', () => new Uint8Array(262_145), 'sdk/21'],
];

const signatureCases: readonly Case[] = [
  ['10 a memo of 257 bytes', () => signed({ memo: 'm'.repeat(257) }), 'sdk/12'],
  ['12 no signature', () => edit(signed(), (raw) => (raw.signatures = [])), 'sdk/15'],
  [
    '13 another chain',
    () => signed({ chainId: 'other-1' }),
    'sdk/4',
    /please verify account number \(0\)/,
  ],
  ['13 another account number', () => signed({ accountNumber: 7n }), 'sdk/4'],
  ['14 a sequence too high', () => signed({ sequence: 1n }), 'sdk/32', /expected 0, got 1/],
  ['15 a signer without account', () => fromStranger(), 'sdk/9', /does not exist/],
  [
    '16 high s',
    () => edit(signed(), (raw) => (raw.signatures = [highS(raw.signatures[0] as Bytes)])),
    'sdk/4',
  ],
  [
    '16 a flipped bit',
    () => edit(signed(), (raw) => ((raw.signatures[0] as Bytes)[5]! ^= 1)),
    'sdk/4',
  ],
  ['17 the key of another', () => signed({ key: { ...alice, pubKey: bob.pubKey } }), 'sdk/8'],
  ['17 a key of another kind', () => otherKeyType(), 'sdk/8'],
];

const amountCases: readonly Case[] = ['-1', '01', '1e3', '0x1', ' 1', '+1', '1.0', '', '0']
  .concat((1n << 256n).toString())
  .map((amount): Case => {
    const messages = [sendOf({ denom: 'uscale', amount })];
    return [`21 the amount "${amount.slice(0, 20)}"`, () => signed({ messages }), 'sdk/10'];
  });

const denomCases: readonly Case[] = ['', 'A B', 'd'.repeat(129), '😀abc', 'ab'].map(
  (denom): Case => {
    const messages = [sendOf({ denom, amount: '1' })];
    return [`22 the denomination "${denom.slice(0, 20)}"`, () => signed({ messages }), 'sdk/10'];
  },
);

const one = (denom: string) => ({ denom, amount: '1' });

const messageCases: readonly Case[] = [
  ['22 coins out of order', () => signed({ messages: [sendOf(one('bbb'), one('aaa'))] }), 'sdk/10'],
  ['22 a coin twice', () => signed({ messages: [sendOf(one('aaa'), one('aaa'))] }), 'sdk/10'],
  [
    '23 another prefix',
    () => signed({ messages: badAddress(toBech32('cosmos', bob.address)) }),
    'sdk/7',
  ],
  [
    '23 a wrong checksum',
    () => signed({ messages: badAddress(bob.text.slice(0, -1) + 'q') }),
    'sdk/7',
  ],
  ['23 mixed case', () => signed({ messages: badAddress(bob.text.slice(0, -1) + 'X') }), 'sdk/7'],
  [
    '23 the checksum of bech32m',
    () =>
      signed({ messages: badAddress(bech32m.encode('bitscale', bech32m.toWords(bob.address))) }),
    'sdk/7',
  ],
  [
    '23 an address of 33 bytes',
    () => signed({ messages: badAddress(toBech32('bitscale', new Uint8Array(33))) }),
    'sdk/7',
  ],
  [
    '18 a fee below the minimum',
    () => signed({ fee: '199' }),
    'sdk/13',
    /got: 199uscale required: 200uscale/,
  ],
  ['19 gas 0', () => signed({ gas: 0n }), 'sdk/11'],
  ['19 too little gas', () => signed({ gas: 20_000n }), 'sdk/11', /out of gas in location/],
  ['more gas than a block has', () => signed({ gas: 50_000_001n, fee: '60000' }), 'sdk/41'],
  ['20 a fee nobody has', () => signed({ fee: '1000000000001' }), 'sdk/5'],
  ['24 a timeout height that has passed', () => signed({ body: { timeoutHeight: 1n } }), 'sdk/30'],
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

export const BAD_TXS: readonly Case[] = [
  ...encodingCases,
  ...signatureCases,
  ...amountCases,
  ...denomCases,
  ...messageCases,
];
