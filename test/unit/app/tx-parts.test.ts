/** What is read fast is what the general decoder reads, and nothing that it refuses is taken. */
import assert from 'node:assert/strict';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { readAnyTx, readPlainTx } from '../../../node/app/tx-parts.ts';
import { concat, fromHex, toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { PlainReader } from '../../../node/base/plain-reader.ts';
import { strictDecode } from '../../../node/base/strict-decode.ts';
import { bendMessage } from '../../fuzz/bend-proto.ts';
import { recordedTxs } from '../../fuzz/tx-inputs.ts';
import { Random } from '../../simulation/random.ts';
import { sendMessage, signTx, testApplication, testKey } from '../../support/application.ts';

const key = testKey('alice');
const send = sendMessage(key, testKey('bob').text, '7');
const usual = signTx({ messages: [send], key, accountNumber: 3n, sequence: 300n });
const { authInfoBytes, bodyBytes } = TxRaw.decode(usual);
const { signatures } = TxRaw.decode(usual);

const txOf = (body: Bytes, auth: Bytes): Bytes =>
  TxRaw.encode({ bodyBytes: body, authInfoBytes: auth, signatures }).finish();

/** As the general decoder reads it, or undefined when it is not this form. */
function agree(bytes: Bytes): boolean {
  const plain = readPlainTx(bytes);
  if (plain === undefined) return false;
  // Views and arrays of their own are the same here.
  assert.deepEqual(plain, readAnyTx(bytes), toHex(bytes));
  return true;
}

describe('app/tx-parts', () => {
  it('reads the usual transaction fast, and all recorded ones as the general decoder does', () => {
    assert.ok(agree(usual));
    const recorded = recordedTxs();
    const fast = recorded.filter(agree);
    assert.ok(2 * fast.length > recorded.length, `${fast.length} of ${recorded.length}`);
  });

  it('takes no second encoding, whatever is bent', () => {
    const random = new Random(20_261_121);
    const seeds = recordedTxs().filter((tx) => readPlainTx(tx) !== undefined);
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      const bent = bendMessage(seeds[i % seeds.length]!, random);
      if (agree(bent)) taken += 1;
    }
    assert.ok(taken > 100, String(taken));
  });

  const auth = AuthInfo.decode(authInfoBytes);
  const withAuth = (changes: Partial<AuthInfo>): Bytes =>
    txOf(bodyBytes, AuthInfo.encode({ ...auth, ...changes }).finish());
  const withSequence = (sequence: bigint): Bytes =>
    withAuth({ signerInfos: [{ ...auth.signerInfos[0]!, sequence }] });
  const withBody = (changes: Partial<TxBody>): Bytes =>
    txOf(TxBody.encode({ ...TxBody.decode(bodyBytes), ...changes }).finish(), authInfoBytes);
  const single = (mode: Bytes): Bytes => {
    const info = concat(Uint8Array.of(0x0a, mode.length), mode);
    const signer = concat(Uint8Array.of(0x12, info.length), info);
    return txOf(
      bodyBytes,
      concat(Uint8Array.of(0x0a, signer.length), signer, fromHex('120310c801')),
    );
  };

  const unusual: [string, Bytes][] = [
    ['a memo that is not ASCII', withBody({ memo: 'für dich' })],
    ['a timeout timestamp', withBody({ timeoutTimestamp: { seconds: 1n, nanos: 1 } })],
    ['an option', withBody({ extensionOptions: [{ typeUrl: '/a', value: utf8('b') }] })],
    ['a sequence of 2^49', withSequence(1n << 49n)],
    ['a tip', withAuth({ tip: { amount: [], tipper: 'a' } })],
    ['no fee', withAuth({ fee: undefined })],
    ['no message', withBody({ messages: [] })],
    ['nothing', new Uint8Array(0)],
  ];
  for (const [what, bytes] of unusual) {
    it(`leaves ${what} to the general decoder`, () => {
      assert.equal(readPlainTx(bytes), undefined);
      assert.ok(readAnyTx(bytes));
    });
  }

  const usualToo: [string, Bytes][] = [
    ['a sequence of 2^49 - 1', withSequence((1n << 49n) - 1n)],
    ['no signer', withAuth({ signerInfos: [] })],
    ['a fee of nothing', withAuth({ fee: { amount: [], gasLimit: 0n, payer: '', granter: '' } })],
    ['a coin of nothing', withAuth({ fee: { ...auth.fee!, amount: [{ denom: '', amount: '' }] } })],
    ['a timeout height and an unordered one', withBody({ timeoutHeight: 9n, unordered: true })],
    ['a message of nothing', withBody({ messages: [{ typeUrl: '', value: new Uint8Array(0) }] })],
    ['a signature of nothing', concat(usual, fromHex('1a00'))],
    ['a mode of 2^31 - 1', single(fromHex('08ffffffff07'))],
  ];
  for (const [what, bytes] of usualToo) {
    it(`reads ${what} fast`, () => assert.ok(agree(bytes)));
  }

  const bad: [string, Bytes][] = [
    ['a mode of 2^31', single(fromHex('088080808008'))],
    ['a mode of 2^40', single(fromHex('08808080808020'))],
    ['a mode of 0 written out', single(fromHex('0800'))],
    ['an empty body', concat(fromHex('0a00'), usual.slice(3 + bodyBytes.length))],
    ['an empty AuthInfo', concat(usual.slice(0, 3 + bodyBytes.length), fromHex('1200'))],
    ['an empty memo', txOf(concat(bodyBytes, fromHex('1200')), authInfoBytes)],
    ['unordered 2', txOf(concat(bodyBytes, fromHex('2002')), authInfoBytes)],
    ['unordered 0', txOf(concat(bodyBytes, fromHex('2000')), authInfoBytes)],
    [
      'a height that is not the shortest',
      txOf(concat(bodyBytes, fromHex('188900')), authInfoBytes),
    ],
    ['a field behind the signatures', concat(usual, fromHex('2200'))],
    ['half of it', usual.slice(0, usual.length >> 1)],
  ];
  for (const [what, bytes] of bad) {
    it(`does not read ${what}`, () => {
      assert.equal(readPlainTx(bytes), undefined);
      assert.throws(() => readAnyTx(bytes), { codespace: 'sdk', code: 2 });
    });
  }
});

describe('messages that are read fast', () => {
  const handlers = testApplication()
    .modules.flatMap(({ messages }) => messages)
    .filter(({ readPlain }) => readPlain !== undefined);
  const coin = { denom: 'uscale', amount: '5' };
  const seeds: Readonly<Record<string, Bytes>> = {
    '/cosmos.bank.v1beta1.MsgSend': MsgSend.encode({
      fromAddress: 'from',
      toAddress: 'to',
      amount: [coin, coin],
    }).finish(),
  };

  it('are these', () => {
    assert.deepEqual(
      handlers.map(({ typeUrl }) => typeUrl),
      Object.keys(seeds),
    );
  });

  for (const { typeUrl, codec, readPlain } of handlers) {
    it(`${typeUrl} reads as its codec reads it`, () => {
      const random = new Random(7);
      const seed = seeds[typeUrl] as Bytes;
      let taken = 0;
      for (let i = 0; i < 5_000; i++) {
        const bytes = i === 0 ? seed : bendMessage(seed, random);
        const reader = new PlainReader(bytes);
        const plain: unknown = readPlain?.(reader);
        if (!reader.isDone) continue;
        assert.deepEqual(plain, strictDecode(codec, bytes), toHex(bytes));
        taken += 1;
      }
      assert.ok(taken > 50, String(taken));
    });
  }
});
