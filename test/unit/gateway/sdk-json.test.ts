/**
 * Answers of a node as the Cosmos SDK's own marshaler writes them for its gateway: from the same bytes ours must make the
 * same text, names, values and order. See test/vectors/sdk-json.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as auth from 'cosmjs-types/cosmos/auth/v1beta1/query';
import * as authz from 'cosmjs-types/cosmos/authz/v1beta1/query';
import * as bank from 'cosmjs-types/cosmos/bank/v1beta1/query';
import * as node from 'cosmjs-types/cosmos/base/node/v1beta1/query';
import * as tendermint from 'cosmjs-types/cosmos/base/tendermint/v1beta1/query';
import * as consensus from 'cosmjs-types/cosmos/consensus/v1/query';
import * as feegrant from 'cosmjs-types/cosmos/feegrant/v1beta1/query';
import * as staking from 'cosmjs-types/cosmos/staking/v1beta1/query';
import * as tx from 'cosmjs-types/cosmos/tx/v1beta1/service';
import * as upgrade from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import { Registry } from '../../../node/app/registry.ts';
import { fromHex } from '../../../node/base/bytes.ts';
import type { JsonCodec } from '../../../node/gateway/expected.ts';
import { ANY_TYPES } from '../../../node/gateway/json/any-types.ts';
import { toJson } from '../../../node/gateway/json/to-json.ts';
import { testApplication } from '../../support/application.ts';

interface Recorded {
  readonly method: string;
  /** Full name of the response. */
  readonly type: string;
  readonly bytes: string;
  /** The text, as it was written. */
  readonly json: string;
}

const file = new URL('../../vectors/sdk-json/answers.json', import.meta.url);
const { answers } = JSON.parse(readFileSync(file, 'utf8')) as { answers: readonly Recorded[] };

const PACKAGES: Readonly<Record<string, object>> = {
  'cosmos.auth.v1beta1': auth,
  'cosmos.authz.v1beta1': authz,
  'cosmos.bank.v1beta1': bank,
  'cosmos.base.node.v1beta1': node,
  'cosmos.base.tendermint.v1beta1': tendermint,
  'cosmos.consensus.v1': consensus,
  'cosmos.feegrant.v1beta1': feegrant,
  'cosmos.staking.v1beta1': staking,
  'cosmos.tx.v1beta1': tx,
  'cosmos.upgrade.v1beta1': upgrade,
};

const messages = new Registry(testApplication().modules);
const types = (typeUrl: string): JsonCodec | undefined =>
  ANY_TYPES.get(typeUrl) ?? (messages.message(typeUrl)?.codec as JsonCodec | undefined);

function codecOf(type: string): JsonCodec {
  const dot = type.lastIndexOf('.');
  const codecs = PACKAGES[type.slice(0, dot)] as Record<string, JsonCodec> | undefined;
  return codecs?.[type.slice(dot + 1)] ?? assert.fail(type);
}

describe('gateway/JSON as the Cosmos SDK writes it', () => {
  const seen = new Map<string, number>();
  for (const { method, type, bytes, json } of answers) {
    const count = (seen.get(method) ?? 0) + 1;
    seen.set(method, count);
    it(`${method}${count > 1 ? `, ${count}` : ''}`, () => {
      const codec = codecOf(type);
      const ours = toJson(codec, codec.decode(fromHex(bytes)), types);
      assert.equal(JSON.stringify(ours), json);
    });
  }

  it('covers every package whose JSON is not the chain’s own', () => {
    const packages = new Set(answers.map(({ type }) => type.slice(0, type.lastIndexOf('.'))));
    assert.deepEqual([...packages].sort(), Object.keys(PACKAGES).sort());
  });
});
