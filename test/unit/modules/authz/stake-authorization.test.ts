/** Grants of delegations: what they let pass, and every form they are written in. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MsgGrant } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { AuthorizationType, StakeAuthorization } from 'cosmjs-types/cosmos/staking/v1beta1/authz';
import { canonicalJson } from '../../../../node/base/json.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import {
  accept,
  aminoAuthorization,
  checkAuthorization,
  decodeAuthorization,
  encodeAuthorization,
  readAuthorization,
  typeOf,
  writeAuthorization,
} from '../../../../modules/authz/authorization.ts';
import type { Stake } from '../../../../modules/authz/stake-authorization.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  signTx,
  testApplication,
  testKey,
} from '../../../support/application.ts';

const [GOOD, BAD] = ['valoper1good', 'valoper1bad'];
const stake = (more: Partial<Stake> = {}): Stake => ({
  kind: 'stake',
  type: AuthorizationType.AUTHORIZATION_TYPE_DELEGATE,
  ...more,
});
const limit = (amount: bigint) => ({ maxTokens: { denom: 'stake', amount } });
const delegate = (amount: string, validatorAddress: string, denom = 'stake') => ({
  validatorAddress,
  amount: { denom, amount },
});

const refusal = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof BitscaleError &&
  `${error.codespace}/${error.code}` === code &&
  text.test(error.message);

describe('authz/stake authorization', () => {
  const step = (): void => undefined;

  it('is used up by what is delegated, and goes with the last of it', () => {
    const after = accept(stake(limit(100n)), delegate('60', GOOD), step);
    assert.deepEqual(after, stake(limit(40n)));
    assert.equal(accept(stake(limit(60n)), delegate('60', GOOD), step), undefined);
    const free = stake();
    assert.equal(accept(free, delegate('999', GOOD), step), free);
  });

  it('refuses more than its limit, another coin, and validators it does not mean', () => {
    const only = stake({ validators: { name: 'allow_list', addresses: [GOOD] } });
    const never = stake({ validators: { name: 'deny_list', addresses: [BAD] } });
    const rows: [Stake, ReturnType<typeof delegate>, string, RegExp][] = [
      [stake(limit(10n)), delegate('11', GOOD), 'sdk/5', /^negative coin amount: -1stake/],
      [stake(limit(10n)), delegate('1', GOOD, 'other'), 'sdk/10', /denominations: stake, other/],
      [only, delegate('1', BAD), 'sdk/4', /^cannot delegate\/undelegate to valoper1bad validator/],
      [never, delegate('1', BAD), 'sdk/4', /^cannot delegate\/undelegate to valoper1bad validator/],
    ];
    for (const [grant, message, code, text] of rows) {
      assert.throws(() => accept(grant, message, step), refusal(code, text));
    }
    assert.equal(accept(only, delegate('1', GOOD), step), only);
    assert.equal(accept(never, delegate('1', GOOD), step), never);
  });

  it('looks at the validator that gains, when a delegation moves', () => {
    const moves = {
      type: AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE,
      validators: { name: 'allow_list', addresses: [GOOD] },
    } as const;
    const move = { validatorSrcAddress: BAD, validatorDstAddress: GOOD, amount: limitless() };
    assert.deepEqual(accept(stake(moves), move, step), stake(moves));
  });

  const limitless = () => ({ denom: 'stake', amount: '1' });

  it('pays for each step over a list', () => {
    let steps = 0;
    const list = { name: 'allow_list', addresses: ['a', 'b', GOOD, 'c'] } as const;
    accept(stake({ validators: list }), delegate('1', GOOD), () => void steps++);
    assert.equal(steps, 3);
  });

  it('is for one type of message', () => {
    const names = ['MsgDelegate', 'MsgUndelegate', 'MsgBeginRedelegate'];
    for (const [index, name] of [...names, 'MsgCancelUnbondingDelegation'].entries()) {
      const type = (index + 1) as AuthorizationType;
      assert.equal(typeOf(stake({ type })), `/cosmos.staking.v1beta1.${name}`);
    }
    for (const type of [0, 5, -1] as AuthorizationType[]) {
      assert.throws(() => checkAuthorization(stake({ type })), refusal('authz/4', /unknown/));
    }
    assert.throws(() => checkAuthorization(stake(limit(-1n))), refusal('authz/12', /-1stake/));
  });

  it('is signed by hardware wallets as the SDK writes it', () => {
    // The text of the SDK's own test of grants (x/authz, amino sign bytes).
    const validator = 'cosmosvaloper1xcy3els9ua75kdm783c3qu0rfa2eples6eavqq';
    const grant = stake({
      ...limit(1000n),
      validators: { name: 'allow_list', addresses: [validator] },
    });
    const form = aminoAuthorization(grant);
    assert.equal(
      canonicalJson(form!),
      `{"type":"cosmos-sdk/StakeAuthorization","value":{"Validators":{"type":"cosmos-sdk/StakeAuthorization/AllowList","value":{"allow_list":{"address":["${validator}"]}}},"authorization_type":1,"max_tokens":{"amount":"1000","denom":"stake"}}}`,
    );
    assert.equal(aminoAuthorization(stake()), undefined);
  });

  it('two lists of validators are refused', () => {
    const message = StakeAuthorization.fromPartial({
      authorizationType: 1,
      allowList: { address: [GOOD] },
      denyList: { address: [BAD] },
    });
    const value = StakeAuthorization.encode(message).finish();
    const any = { typeUrl: '/cosmos.staking.v1beta1.StakeAuthorization', value };
    assert.throws(() => decodeAuthorization(any), refusal('sdk/2', /both lists/));
  });

  it('is the same again after every form', () => {
    const validators = fc.option(
      fc.record({
        name: fc.constantFrom('allow_list' as const, 'deny_list' as const),
        addresses: fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
      }),
    );
    const maxTokens = fc.option(
      fc.bigInt({ min: 0n, max: 2n ** 255n }).map((amount) => ({ denom: 'stake', amount })),
    );
    const type = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(type, validators, maxTokens, (kind, list, tokens) => {
        const grant = stake({
          type: kind,
          ...(list && { validators: { ...list } }),
          ...(tokens && { maxTokens: tokens }),
        });
        assert.deepEqual(decodeAuthorization(encodeAuthorization(grant)), grant);
        const json: unknown = JSON.parse(JSON.stringify(writeAuthorization(grant)));
        assert.deepEqual(readAuthorization(json), grant);
      }),
    );
  });

  it('cannot be granted as long as the chain has no such message', async () => {
    const [alice, bob] = [testKey('alice'), testKey('bob')];
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor([alice])));
    await runBlock(app, []);
    const grant = { authorization: encodeAuthorization(stake(limit(5n))) };
    const message = MsgGrant.fromPartial({ granter: alice.text, grantee: bob.text, grant });
    const value = MsgGrant.encode(message).finish();
    const messages = [{ typeUrl: '/cosmos.authz.v1beta1.MsgGrant', value }];
    const tx = signTx({ messages, key: alice, accountNumber: 0n, sequence: 0n });
    const [result] = (await runBlock(app, [tx])).txResults;
    assert.equal(`${result?.codespace}/${result?.code}`, 'sdk/29');
    assert.match(result?.log ?? '', /\/cosmos\.staking\.v1beta1\.MsgDelegate doesn't exist\./);
  });
});
