import assert from 'node:assert/strict';
import {
  QueryAllBalancesRequest,
  QuerySendEnabledRequest,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { BroadcastTxRequest, GetTxsEventRequest } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import {
  QueryAccountRequest,
  QueryAccountsByKeyRequest,
} from '../../../proto/gen/bitscale/ledger/v1/query.ts';
import type { JsonCodec } from '../../../node/gateway/expected.ts';
import { bodyFields, requestOf } from '../../../node/gateway/json/from-fields.ts';
import { GatewayError, INVALID_ARGUMENT } from '../../../node/gateway/status.ts';

const read = <T>(codec: { fromPartial(partial: never): T }, query: string): T => {
  const fields = new Map<string, string[]>();
  for (const [name, text] of new URLSearchParams(query)) {
    fields.set(name, [...(fields.get(name) ?? []), text]);
  }
  return requestOf(codec as unknown as JsonCodec, fields) as T;
};

const refused = (run: () => unknown): void =>
  assert.throws(run, (error) => error instanceof GatewayError && error.code === INVALID_ARGUMENT);

describe('a request out of a URL', () => {
  it('takes names in both cases, with dots into messages', () => {
    const expected = QueryAllBalancesRequest.fromPartial({
      address: 'a',
      pagination: { key: Uint8Array.of(255, 254), limit: 5n, countTotal: true },
    });
    for (const total of ['count_total', 'countTotal']) {
      const page = `pagination.limit=5&pagination.key=//4=&pagination.${total}=true`;
      assert.deepEqual(read(QueryAllBalancesRequest, `address=a&${page}`), expected);
    }
  });

  it('reads lists, enums by name and by number, and base64 of both alphabets', () => {
    assert.deepEqual(read(QuerySendEnabledRequest, 'denoms=a&denoms=b').denoms, ['a', 'b']);
    for (const order of ['ORDER_BY_DESC', '2']) {
      assert.equal(read(GetTxsEventRequest, `order_by=${order}`).orderBy, 2);
    }
    for (const bytes of ['%2F%2F4%3D', '__4=']) {
      const { owner } = read(QueryAccountsByKeyRequest, `owner.ax=${bytes}`);
      assert.deepEqual(owner?.ax, Uint8Array.of(255, 254));
    }
  });

  it('passes over names that the message does not know', () => {
    assert.deepEqual(
      read(QueryAccountRequest, 'index=3&nope=1&index.deep.er=1'),
      QueryAccountRequest.fromPartial({ index: 3 }),
    );
  });

  const BAD: [string, object, string][] = [
    ['a negative limit', QueryAllBalancesRequest, 'pagination.limit=-1'],
    ['a limit that is no number', QueryAllBalancesRequest, 'pagination.limit=abc'],
    ['a limit of 65 bits', QueryAllBalancesRequest, `pagination.limit=${2n ** 64n}`],
    ['a number with exponent', QueryAccountRequest, 'index=1e3'],
    ['a number of 33 bits', QueryAccountRequest, 'index=4294967296'],
    ['a key that is not base64', QueryAllBalancesRequest, 'pagination.key=%25'],
    ['a value twice', QueryAllBalancesRequest, 'address=a&address=b'],
    ['a control character', QueryAllBalancesRequest, 'address=%00'],
    ['a boolean that is none', QueryAllBalancesRequest, 'pagination.reverse=yes'],
    ['an enum that is none', GetTxsEventRequest, 'order_by=ORDER_BY_NOPE'],
    ['a message as a text', QueryAllBalancesRequest, 'pagination=1'],
  ];
  for (const [name, codec, query] of BAD) {
    it(`refuses ${name}`, () => refused(() => read(codec as never, query)));
  }

  it('takes the largest numbers there are', () => {
    assert.equal(read(QueryAccountRequest, 'index=4294967295').index, 4_294_967_295);
    const page = read(QueryAllBalancesRequest, `pagination.limit=${2n ** 64n - 1n}`).pagination;
    assert.equal(page?.limit, 2n ** 64n - 1n);
  });
});

describe('a request out of fields in JSON', () => {
  const codec = BroadcastTxRequest as unknown as JsonCodec;
  const body = (text: string): unknown => requestOf(codec, bodyFields(codec, text));

  it('has the JSON of protobuf', () => {
    const expected = BroadcastTxRequest.fromPartial({ txBytes: Uint8Array.of(1), mode: 2 });
    assert.deepEqual(body('{"tx_bytes":"AQ==","mode":"BROADCAST_MODE_SYNC"}'), expected);
    assert.deepEqual(body('{"txBytes":"AQ==","mode":2}'), expected);
    assert.deepEqual(body(''), BroadcastTxRequest.fromPartial({}));
  });

  for (const text of [
    '{',
    '[]',
    'null',
    '"a"',
    '{"tx_bytes":"%"}',
    '{"tx_bytes":{}}',
    '{"mode":1.5}',
    '{"mode":"BROADCAST_MODE_NOPE"}',
    '{"nope":1}',
    '{"__proto__":{"a":1}}',
    '{"tx_bytes":"AQ==","txBytes":"AQ=="}',
  ]) {
    it(`refuses ${text}`, () => refused(() => body(text)));
  }
});
