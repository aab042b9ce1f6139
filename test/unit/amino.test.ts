/**
 * Every message of the chain has a form that hardware wallets can sign. The forms expected here are written by hand,
 * by the rules of the Cosmos SDK; where CosmJS has a converter, it must give the same. What the SDK itself made of
 * messages is in test/vectors/tx (app/sign bytes).
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AminoTypes, createDefaultAminoConverters } from '@cosmjs/stargate';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { BasicAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { createApplication } from '../../node/chain.ts';
import { fromAmino, toAmino, type AminoShape } from '../../node/base/amino.ts';
import { toBase64 } from '../../node/base/bytes.ts';
import { canonicalJson, type Json } from '../../node/base/json.ts';
import { ZERO_TIME } from '../../node/base/time.ts';
import { MemoryDb } from '../../node/store/memory-db.ts';
import { LEDGER_AMINO } from '../../modules/ledger/client.ts';
import { SUBMIT_INTENTS } from '../../modules/ledger/amino.ts';
import * as ledgerTx from '../../proto/gen/bitscale/ledger/v1/tx.ts';

const app = createApplication({
  ...{ db: new MemoryDb(), chainId: 'amino-1', version: '0', minGasPrices: [], keepRecent: 0 },
});

/** Longest name that the SDK registers, because devices show no more. */
const MAX_NAME_CHARS = 39;

const coins = [{ denom: 'uscale', amount: '5' }];
const [from, to] = ['bitscale1from', 'bitscale1to'];
const bytes = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);
const b64 = (fill: number, length = 32): string => toBase64(bytes(fill, length));
const sent = MsgSend.fromPartial({ fromAddress: from, toAddress: to, amount: coins });
const sentAmino = { from_address: from, to_address: to, amount: coins };
const any = (typeUrl: string, value: Uint8Array): Any => Any.fromPartial({ typeUrl, value });

const key = { ax: bytes(1), ay: bytes(2) };
const keyAmino = { ax: b64(1), ay: b64(2) };
const signature = { rx: bytes(3), ry: bytes(4), s: bytes(5) };
const signatureAmino = { rx: b64(3), ry: b64(4), s: b64(5) };

/** The message in the fields of the generated code, and its value as it is signed. */
const FORMS: Record<string, [message: object, amino: Json]> = {
  '/cosmos.auth.v1beta1.MsgUpdateParams': [
    {
      authority: from,
      params: {
        ...{ maxMemoCharacters: 256n, txSigLimit: 7n, txSizeCostPerByte: 10n },
        ...{ sigVerifyCostEd25519: 590n, sigVerifyCostSecp256k1: 1000n },
      },
    },
    {
      authority: from,
      params: {
        ...{ max_memo_characters: '256', tx_sig_limit: '7', tx_size_cost_per_byte: '10' },
        ...{ sig_verify_cost_ed25519: '590', sig_verify_cost_secp256k1: '1000' },
      },
    },
  ],
  '/cosmos.bank.v1beta1.MsgSend': [sent, sentAmino],
  '/cosmos.bank.v1beta1.MsgMultiSend': [
    { inputs: [{ address: from, coins }], outputs: [{ address: to, coins }] },
    { inputs: [{ address: from, coins }], outputs: [{ address: to, coins }] },
  ],
  '/cosmos.bank.v1beta1.MsgUpdateParams': [
    { authority: from, params: { sendEnabled: [], defaultSendEnabled: false } },
    { authority: from, params: {} },
  ],
  '/cosmos.bank.v1beta1.MsgSetSendEnabled': [
    {
      authority: from,
      sendEnabled: [
        { denom: 'one', enabled: true },
        { denom: 'two', enabled: false },
      ],
      useDefaultFor: [],
    },
    { authority: from, send_enabled: [{ denom: 'one', enabled: true }, { denom: 'two' }] },
  ],
  '/cosmos.vesting.v1beta1.MsgCreateVestingAccount': [
    { fromAddress: from, toAddress: to, amount: coins, endTime: 9n, delayed: true },
    { ...sentAmino, end_time: '9', delayed: true },
  ],
  '/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount': [sent, sentAmino],
  '/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount': [
    {
      ...{ fromAddress: from, toAddress: to, startTime: 3n },
      vestingPeriods: [{ length: 4n, amount: coins }],
    },
    {
      ...{ from_address: from, to_address: to, start_time: '3' },
      vesting_periods: [{ length: '4', amount: coins }],
    },
  ],
  '/cosmos.authz.v1beta1.MsgGrant': [
    {
      ...{ granter: from, grantee: to },
      grant: {
        authorization: any(
          '/cosmos.authz.v1beta1.GenericAuthorization',
          GenericAuthorization.encode({ msg: '/a.B' }).finish(),
        ),
        expiration: { seconds: 1_700_000_000n, nanos: 5 },
      },
    },
    {
      ...{ granter: from, grantee: to },
      grant: {
        authorization: { type: 'cosmos-sdk/GenericAuthorization', value: { msg: '/a.B' } },
        expiration: '2023-11-14T22:13:20.000000005Z',
      },
    },
  ],
  '/cosmos.authz.v1beta1.MsgRevoke': [
    { granter: from, grantee: to, msgTypeUrl: '/a.B' },
    { granter: from, grantee: to, msg_type_url: '/a.B' },
  ],
  '/cosmos.feegrant.v1beta1.MsgGrantAllowance': [
    {
      ...{ granter: from, grantee: to },
      allowance: any(
        '/cosmos.feegrant.v1beta1.BasicAllowance',
        BasicAllowance.encode({ spendLimit: coins }).finish(),
      ),
    },
    {
      ...{ granter: from, grantee: to },
      allowance: { type: 'cosmos-sdk/BasicAllowance', value: { spend_limit: coins } },
    },
  ],
  '/cosmos.feegrant.v1beta1.MsgRevokeAllowance': [
    { granter: from, grantee: to },
    { granter: from, grantee: to },
  ],
  '/cosmos.feegrant.v1beta1.MsgPruneAllowances': [{ pruner: from }, { pruner: from }],
  '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade': [
    { authority: from, plan: { name: 'v2', time: ZERO_TIME, height: 7n, info: '' } },
    { authority: from, plan: { name: 'v2', time: '0001-01-01T00:00:00Z', height: '7' } },
  ],
  '/cosmos.upgrade.v1beta1.MsgCancelUpgrade': [{ authority: from }, { authority: from }],
  '/cosmos.consensus.v1.MsgUpdateParams': [
    {
      authority: from,
      block: { maxBytes: 200_000n, maxGas: -1n },
      evidence: {
        ...{ maxAgeNumBlocks: 7n, maxBytes: 0n },
        maxAgeDuration: { seconds: 2n, nanos: 5 },
      },
      validator: { pubKeyTypes: ['ed25519'] },
    },
    {
      authority: from,
      block: { max_bytes: '200000', max_gas: '-1' },
      evidence: { max_age_num_blocks: '7', max_age_duration: '2000000005' },
      validator: { pub_key_types: ['ed25519'] },
    },
  ],
  '/bitscale.ledger.v1.MsgSubmitIntents': [
    {
      submitter: from,
      intents: [
        {
          ...{ op: 2, sIdx: 1, rIdx: 2, token: 1, tokenOut: 0, amount: 2n ** 64n - 1n },
          ...{ amountOut: 0n, fee: 3n, nonce: 0n, expiry: 9n, memo: bytes(0) },
          ...{ owner: key, signature, quoteId: '' },
        },
      ],
    },
    {
      submitter: from,
      intents: [
        {
          ...{ op: 2, s_idx: 1, r_idx: 2, token: 1, amount: '18446744073709551615' },
          ...{ fee: '3', expiry: '9', memo: b64(0), owner: keyAmino, signature: signatureAmino },
        },
      ],
    },
  ],
  '/bitscale.ledger.v1.MsgPostQuotes': [
    {
      submitter: from,
      quotes: [
        {
          ...{ inIdx: 1, outIdx: 2, tokenIn: 1, tokenOut: 2, nonce: 4n, uses: 20, expiry: 9n },
          ...{ num: 9n, den: 10n, max: 300n, owner: key, signature },
        },
      ],
    },
    {
      submitter: from,
      quotes: [
        {
          ...{ in_idx: 1, out_idx: 2, token_in: 1, token_out: 2, nonce: '4', uses: 20 },
          ...{ expiry: '9', num: '9', den: '10', max: '300' },
          ...{ owner: keyAmino, signature: signatureAmino },
        },
      ],
    },
  ],
  '/bitscale.ledger.v1.MsgRegisterAccount': [
    { submitter: from, token: 1, owner: key },
    { submitter: from, token: 1, owner: keyAmino },
  ],
  '/bitscale.settlement.v1.MsgAttestL1': [
    {
      validator: from,
      deposits: [{ index: 0n, token: 1, amount: 5n, ...key }],
      proven: [{ batch: 3n, rollingHash: bytes(6), txHash: bytes(7), l1Block: 8n }],
    },
    {
      validator: from,
      deposits: [{ token: 1, amount: '5', ...keyAmino }],
      proven: [{ batch: '3', rolling_hash: b64(6), tx_hash: b64(7), l1_block: '8' }],
    },
  ],
  '/bitscale.settlement.v1.MsgAttestBatch': [
    { validator: from, batch: 3n, rollingHash: bytes(6), signature: bytes(7, 65) },
    { validator: from, batch: '3', rolling_hash: b64(6), signature: b64(7, 65) },
  ],
};

/** Needs a decoded transaction around it; the vectors and the suites of authz cover it. */
const ELSEWHERE = ['/cosmos.authz.v1beta1.MsgExec'];

describe('amino forms', () => {
  it('exist for every message of the chain, under names that devices can show', () => {
    const names = app.registry.messageTypes().map((type) => {
      const { amino } = app.registry.message(type)!;
      assert.ok(amino, type);
      assert.ok(amino.type.length <= MAX_NAME_CHARS, amino.type);
      return amino.type;
    });
    assert.equal(new Set(names).size, names.length);
    const expected = [...Object.keys(FORMS), ...ELSEWHERE].sort();
    assert.deepEqual([...app.registry.messageTypes()].sort(), expected);
  });

  for (const [type, [message, expected]] of Object.entries(FORMS)) {
    it(`${type} is signed as the SDK writes it`, () => {
      const form = app.registry.message(type)!.amino!.toJson(message);
      assert.ok(form !== undefined);
      assert.equal(canonicalJson(form), canonicalJson(expected));
    });
  }

  const known = new AminoTypes({ ...createDefaultAminoConverters(), ...LEDGER_AMINO });
  for (const [typeUrl, [value]] of Object.entries(FORMS)) {
    let stock: ReturnType<AminoTypes['toAmino']>;
    try {
      stock = known.toAmino({ typeUrl, value });
    } catch {
      continue;
    }
    it(`${typeUrl} is what CosmJS makes of it`, () => {
      const { amino } = app.registry.message(typeUrl)!;
      assert.equal(stock.type, amino!.type);
      assert.equal(canonicalJson(amino!.toJson(value)!), canonicalJson(stock.value as Json));
    });
  }
});

describe('amino forms of our own messages', () => {
  const field = fc.uint8Array({ maxLength: 32 });
  const small = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const large = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const intent = fc.record({
    ...{ op: small, sIdx: small, rIdx: small, token: small, tokenOut: small },
    ...{ amount: large, amountOut: large, fee: large, nonce: large, expiry: large, memo: field },
    owner: optional(fc.record({ ax: field, ay: field })),
    signature: optional(fc.record({ rx: field, ry: field, s: field })),
    quoteId: fc.string(),
  });

  it('lead back to the same bytes, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(intent, { maxLength: 3 }), (submitter, intents) => {
        const message = { submitter, intents } as ledgerTx.MsgSubmitIntents;
        const json = JSON.parse(JSON.stringify(toAmino(SUBMIT_INTENTS.shape, message))) as Json;
        const back = ledgerTx.MsgSubmitIntents.fromPartial(fromAmino(SUBMIT_INTENTS.shape, json));
        assert.deepEqual(
          ledgerTx.MsgSubmitIntents.encode(back).finish(),
          ledgerTx.MsgSubmitIntents.encode(message).finish(),
        );
      }),
    );
  });

  it('leave out what is empty, and keep an empty message that is there', () => {
    const shape: AminoShape = {
      ...{ a: 'number', b: 'integer', c: 'bytes', d: 'string', e: [{ x: 'number' }] },
      ...{ f: { x: 'number' }, g: { x: 'number' } },
    };
    const message = { a: 0, b: 0n, c: new Uint8Array(0), d: '', e: [], f: { x: 0 }, g: undefined };
    assert.deepEqual(toAmino(shape, message), { f: {} });
  });
});
