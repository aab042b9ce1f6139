import assert from 'node:assert/strict';
import { QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { PageResponse } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgExec } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { Params, Validator } from 'cosmjs-types/cosmos/staking/v1beta1/staking';
import { ModeInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Timestamp } from 'cosmjs-types/google/protobuf/timestamp';
import { StatusResponse } from 'cosmjs-types/cosmos/base/node/v1beta1/query';
import { QueryStatusResponse } from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import type { JsonCodec } from '../../../node/gateway/expected.ts';
import { ANY_TYPES } from '../../../node/gateway/json/any-types.ts';
import { snakeCase, toJson } from '../../../node/gateway/json/to-json.ts';
import { MAX_PROTO_DEPTH } from '../../../node/base/limits.ts';

const json = (codec: object, message: object, types = ANY_TYPES): unknown =>
  toJson(codec as JsonCodec, message, (typeUrl) => types.get(typeUrl));

const any = <T>(codec: { typeUrl: string; encode(m: T): { finish(): Uint8Array } }, value: T) => ({
  typeUrl: codec.typeUrl,
  value: codec.encode(value).finish(),
});

describe('protobuf as the JSON of the gateway', () => {
  it('names are in snake case', () => {
    const names = {
      typeUrl: 'type_url',
      l1TxHash: 'l1_tx_hash',
      maxAgeNumBlocks: 'max_age_num_blocks',
    };
    for (const [camel, snake] of Object.entries(names)) assert.equal(snakeCase(camel), snake);
  });

  it('what has no value is there: zeros, empty lists, null for messages and bytes', () => {
    assert.deepEqual(json(QueryBalanceResponse, QueryBalanceResponse.fromPartial({})), {
      balance: null,
    });
    assert.deepEqual(json(PageResponse, PageResponse.fromPartial({})), {
      next_key: null,
      total: '0',
    });
    assert.deepEqual(json(QueryStatusResponse, QueryStatusResponse.fromPartial({})), {
      sealed: '0',
      attested: '0',
      final: '0',
      open_operations: 0,
      next_deposit: '0',
      unproven_value: '',
    });
  });

  it('64-bit numbers are texts and bytes are base64', () => {
    const page = PageResponse.fromPartial({ nextKey: Uint8Array.of(255, 254), total: 2n ** 63n });
    assert.deepEqual(json(PageResponse, page), { next_key: '//4=', total: '9223372036854775808' });
  });

  it('an Any is opened, also inside another one', () => {
    const pubKey = any(PubKey, { key: Uint8Array.of(1, 2, 3) });
    const account = any(
      BaseAccount,
      BaseAccount.fromPartial({ address: 'a', sequence: 7n, pubKey }),
    );
    assert.deepEqual(json(QueryAccountResponse, QueryAccountResponse.fromPartial({ account })), {
      account: {
        '@type': '/cosmos.auth.v1beta1.BaseAccount',
        address: 'a',
        pub_key: { '@type': '/cosmos.crypto.secp256k1.PubKey', key: 'AQID' },
        account_number: '0',
        sequence: '7',
      },
    });
  });

  it('an Any of an unknown type, or with bytes that are none of it, keeps its bytes', () => {
    const unknown = { typeUrl: '/a.B', value: Uint8Array.of(1) };
    const broken = { typeUrl: PubKey.typeUrl, value: Uint8Array.of(0x0a, 200) };
    for (const account of [unknown, broken]) {
      const { value, typeUrl } = account;
      const expected = { '@type': typeUrl, value: Buffer.from(value).toString('base64') };
      assert.deepEqual(json(QueryAccountResponse, { account }), { account: expected });
    }
  });

  it('Any inside Any is opened so deep and no deeper', () => {
    const types = new Map([[MsgExec.typeUrl, MsgExec as unknown as JsonCodec]]);
    let message = any(MsgExec, {
      grantee: 'x',
      msgs: [] as { typeUrl: string; value: Uint8Array }[],
    });
    for (let depth = 0; depth < MAX_PROTO_DEPTH + 5; depth++) {
      message = any(MsgExec, { grantee: 'x', msgs: [message] });
    }
    const text = JSON.stringify(json(MsgExec, { grantee: '', msgs: [message] }, types));
    assert.equal(text.split('"grantee":"x"').length - 1, MAX_PROTO_DEPTH);
  });

  it('enums are names, decimals have their point, durations and times are texts', () => {
    const validator = Validator.fromPartial({
      status: 3,
      delegatorShares: '1500000000000000000',
      commission: { commissionRates: { rate: '50000000000000000' } },
      unbondingTime: { seconds: 1_700_000_000n, nanos: 120_000_000 },
    });
    const shown = json(Validator, validator) as Record<string, unknown>;
    assert.equal(shown['status'], 'BOND_STATUS_BONDED');
    assert.equal(shown['delegator_shares'], '1.500000000000000000');
    assert.equal(shown['unbonding_time'], '2023-11-14T22:13:20.120Z');
    const { commission_rates: rates } = shown['commission'] as Record<string, unknown>;
    assert.deepEqual(rates, {
      rate: '0.050000000000000000',
      max_rate: '0.000000000000000000',
      max_change_rate: '0.000000000000000000',
    });
    const params = Params.fromPartial({ unbondingTime: { seconds: 60n, nanos: 500_000_000 } });
    assert.equal((json(Params, params) as Record<string, unknown>)['unbonding_time'], '60.500s');
  });

  it('fractions of a second have 0, 3, 6 or 9 digits', () => {
    const FRACTIONS: [number, string][] = [
      [0, ''],
      [500_000_000, '.500'],
      [1_000, '.000001'],
      [120_000, '.000120'],
      [1, '.000000001'],
    ];
    for (const [nanos, text] of FRACTIONS) {
      const timestamp = Timestamp.fromPartial({ seconds: 0n, nanos });
      const shown = json(StatusResponse, StatusResponse.fromPartial({ timestamp }));
      assert.equal((shown as Record<string, unknown>)['timestamp'], `1970-01-01T00:00:00${text}Z`);
    }
  });

  it('of a oneof only the member that was chosen is there', () => {
    assert.deepEqual(json(ModeInfo, ModeInfo.fromPartial({ single: { mode: 1 } })), {
      single: { mode: 'SIGN_MODE_DIRECT' },
    });
  });
});
