/** bitscale genesis validate: faults planted into a file that is right, and what is said of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readGenesis } from '../../../genesis/validate.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { soundStart } from '../../../node/cli/genesis/start-of-chain.ts';
import { sampleGenesis, type Json } from '../genesis/sample.ts';
import { run } from './fake-terminal.ts';

/** The sample with a part of every module in it. */
async function fullGenesis(): Promise<Json> {
  const json = await sampleGenesis();
  const state = json['app_state'] as Json;
  const [granter, grantee] = state['auth'].accounts.slice(-2).map((one: Json) => one['address']);
  const pair = { granter, grantee };
  const expiration = '2100-01-01T00:00:00Z';
  const generic = '/cosmos.authz.v1beta1.GenericAuthorization';
  const authorization = { '@type': generic, msg: '/cosmos.bank.v1beta1.MsgSend' };
  const spend = [{ denom: 'uscale', amount: '5' }];
  const basic = '/cosmos.feegrant.v1beta1.BasicAllowance';
  const allowance = { '@type': basic, spend_limit: spend, expiration };
  state['authz'] = { authorization: [{ ...pair, authorization, expiration }] };
  state['feegrant'] = { allowances: [{ ...pair, allowance }] };
  state['upgrade'] = { authority: granter, plan: { name: 'next', height: '100', info: '' } };
  const { address, ...base } = state['auth'].accounts.pop() as Json;
  state['auth'].accounts.push({
    '@type': '/cosmos.vesting.v1beta1.DelayedVestingAccount',
    base_vesting_account: {
      base_account: { ...base, '@type': undefined, address },
      original_vesting: spend,
      delegated_free: [],
      delegated_vesting: [],
      end_time: '4102444800',
    },
  });
  return JSON.parse(JSON.stringify(json)) as Json;
}

type Plant = (state: Json, json: Json) => unknown;

const FAULTS: readonly (readonly [what: string, plant: Plant, answer: RegExp])[] = [
  ['a module that is not there', (s) => (s['minting'] = {}), /unknown module minting/],
  ['no ledger', (s) => delete s['ledger'], /app_state\.ledger/],
  ['vote extensions', (_, j) => (j['consensus_params'].abci.vote_extensions_enable_height = '5'), /vote_extensions/],
  ['a price of bytes below the least', (s) => (s['auth'].params.tx_size_cost_per_byte = '1'), /tx_size_cost_per_byte/],
  ['a limit that is no number', (s) => (s['auth'].params.tx_sig_limit = 'x'), /auth\.params\.tx_sig_limit/],
  ['an account number beyond 64 bits', (s) => (s['auth'].accounts[0].account_number = String(2n ** 64n)), /auth\.accounts\[0\]\.account_number/],
  ['an account of a type nobody knows', (s) => (s['auth'].accounts[0]['@type'] = '/x'), /account type \/x/],
  ['a key of a type nobody knows', (s) => (s['auth'].accounts[0].pub_key = { '@type': '/x' }), /unknown key type/],
  ['vesting that ends before 1970', (s) => (s['auth'].accounts.at(-1).base_vesting_account.end_time = '-5'), /app_state\.auth/],
  ['vesting of a negative amount', (s) => (s['auth'].accounts.at(-1).base_vesting_account.original_vesting[0].amount = '-5'), /original_vesting/],
  ['a vesting account twice', (s) => s['auth'].accounts.push(s['auth'].accounts.at(-1)), /auth\.accounts names/],
  ['a supply of a coin that nobody has', (s) => s['bank'].supply.unshift({ denom: 'ueur', amount: '1' }), /bank\.supply/],
  ['the old list of coins that can be sent', (s) => s['bank'].params.send_enabled.push({ denom: 'u', enabled: true }), /bank\.params\.send_enabled/],
  ['a coin whose first unit is not its base', (s) => s['bank'].denom_metadata[0].denom_units.shift(), /denom_metadata\[0\]\.denom_units\[0\] must be base/],
  ['a unit twice', (s) => s['bank'].denom_metadata[0].denom_units.push(s['bank'].denom_metadata[0].denom_units[1]), /denom_units names SCALE twice/],
  ['units that do not ascend', (s) => (s['bank'].denom_metadata[0].denom_units[1].exponent = 0), /must ascend/],
  ['a display that is no unit', (s) => (s['bank'].denom_metadata[0].display = 'EUR'), /display is not among/],
  ['a coin without a symbol', (s) => (s['bank'].denom_metadata[0].symbol = ' '), /symbol is empty/],
  ['a commission above one', (s) => (s['staking'].validators[0].commission.commission_rates.max_rate = '1.1'), /staking\.validators\[0\]\.commission/],
  ['a commission below zero', (s) => (s['staking'].validators[1].commission.commission_rates.rate = '-0.1'), /staking\.validators\[1\]\.commission/],
  ['a commission above its largest', (s) => (s['staking'].validators[0].commission.commission_rates.rate = '0.5'), /is above max_rate/],
  ['a validator without a name', (s) => (s['staking'].validators[0].description.moniker = ''), /moniker is empty/],
  ['a jailed validator', (s) => (s['staking'].validators[0].jailed = true), /jailed must be false/],
  ['shares that are not the tokens', (s) => (s['staking'].validators[0].delegator_shares = '5'), /delegator_shares/],
  ['a consensus key of another kind', (s) => (s['staking'].validators[0].consensus_pubkey['@type'] = '/x'), /consensus_pubkey\.@type/],
  ['a consensus key twice', (s) => (s['staking'].validators[1].consensus_pubkey = s['staking'].validators[0].consensus_pubkey), /not the bonded validators/],
  ['a delegation to nobody', (s) => (s['staking'].delegations[0].validator_address = s['staking'].delegations[1].validator_address), /staking\.delegations/],
  ['a delegation of less than all', (s) => (s['staking'].delegations[0].shares = '5'), /are not all shares of/],
  ['a delegation twice', (s) => s['staking'].delegations.push(s['staking'].delegations[0]), /staking\.delegations names/],
  ['an unbonding', (s) => s['staking'].unbonding_delegations.push({}), /unbonding_delegations must be empty/],
  ['an unbonding time that is none', (s) => (s['staking'].params.unbonding_time = '21 days'), /unbonding_time/],
  ['more validators than the most', (s) => (s['staking'].params.max_validators = 2), /max_validators/],
  ['a bonded pool with more than is staked', (s) => ((s['bank'].balances[0].coins[0].amount = '3000000000001'), (s['bank'].supply = [])), /bonded_tokens_pool/],
  ['a grant to oneself', (s) => (s['authz'].authorization[0].grantee = s['authz'].authorization[0].granter), /authz\.authorization\[0\] is from an account to itself/],
  ['a grant twice', (s) => s['authz'].authorization.push(s['authz'].authorization[0]), /authz\.authorization names/],
  ['a grant of a type nobody knows', (s) => (s['authz'].authorization[0].authorization['@type'] = '/x'), /authorization of unknown type/],
  ['a grant without an account', (s) => (s['authz'].authorization[0].granter = 'x'), /authz\.authorization\[0\]\.granter/],
  ['an allowance to oneself', (s) => (s['feegrant'].allowances[0].grantee = s['feegrant'].allowances[0].granter), /feegrant\.allowances\[0\] is from/],
  ['an allowance twice', (s) => s['feegrant'].allowances.push(s['feegrant'].allowances[0]), /app_state\.feegrant/],
  ['an allowance that ends never or so', (s) => (s['feegrant'].allowances[0].allowance.expiration = 'never'), /allowance\.expiration/],
  ['an authority of another chain', (s) => (s['upgrade'].authority = 'cosmos1x'), /upgrade\.authority/],
  ['an upgrade in the past', (s) => (s['upgrade'].plan.height = '0'), /app_state\.upgrade/],
  ['an upgrade without a name', (s) => (s['upgrade'].plan.name = ''), /app_state\.upgrade/],
  ['a circuit without slots', (s) => (s['ledger'].shape.slots = 0), /ledger\.shape\.slots must be 1 to/],
  ['a circuit deeper than any', (s) => (s['ledger'].shape.depth = 16), /ledger\.shape\.depth must be 1 to 15/],
  ['a token without a symbol', (s) => (s['ledger'].tokens[0].symbol = ''), /ledger\.tokens: symbol is empty/],
  ['a token id beyond the table', (s) => (s['ledger'].tokens[0].id = 65280), /ledger\.tokens: id must be 1 to 65279/],
  ['a domain that is no field element', (s) => (s['ledger'].domain = 'f'.repeat(64)), /ledger\.domain/],
  ['an L1 contract that is none', (s) => (s['settlement'].params.rollup = '0x12'), /settlement\.params\.rollup/],
  ['an age that is no number', (s) => (s['settlement'].params.max_batch_age_seconds = 'x'), /max_batch_age_seconds/],
  ['an attestation key that is none', (s) => (s['settlement'].validators[0].address = ''), /settlement\.validators: address/],
]; // prettier-ignore

describe('cli: genesis validate', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-validate-'))));
  after(() => rmSync(folder, { recursive: true }));

  const validate = (json: Json) => {
    const file = join(folder, 'genesis.json');
    writeFileSync(file, JSON.stringify(json));
    return run(['genesis', 'validate', file]);
  };

  it('accepts a file with a part of every module', async () => {
    const { code, errors, output } = await validate(await fullGenesis());
    assert.equal(code, 0, errors);
    assert.match(output, /chain_id: bitscale-test-1/);
  });

  for (const [what, plant, answer] of FAULTS) {
    it(`ends with code 65 for ${what}, and says where`, async () => {
      const json = await fullGenesis();
      plant(json['app_state'] as Json, json);
      const { code, errors } = await validate(json);
      assert.equal(code, 65, errors);
      assert.match(errors, answer);
      assert.equal(errors.split('\n').length, 1, 'one sentence, no stack');
    });
  }

  it('says something of any value at any place, or accepts it, and never stumbles', async () => {
    const good = await fullGenesis();
    const places: (string | number)[][] = [];
    const walk = (value: unknown, place: (string | number)[]): void => {
      if (place.length > 0) places.push(place);
      if (typeof value !== 'object' || value === null) return;
      const isList = Array.isArray(value);
      for (const key of Object.keys(value)) {
        walk((value as Json)[key], [...place, isList ? Number(key) : key]);
      }
    };
    walk(good, []);
    const strange = [
      undefined,
      null,
      '',
      '-1',
      -1,
      {},
      [],
      'x',
      1e30,
      true,
      [null],
      0.5,
      '9'.repeat(30),
    ];
    let refused = 0;
    const property = fc.property(
      fc.constantFrom(...places),
      fc.oneof(fc.constantFrom(...strange), fc.jsonValue({ maxDepth: 2 })),
      (place, value) => {
        const json = structuredClone(good);
        const inner = place.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, json);
        inner[place.at(-1)!] = value;
        try {
          soundStart(readGenesis(JSON.stringify(json)));
        } catch (error) {
          refused += 1;
          assert.ok(error instanceof ExitError, `${place.join('.')}: ${String(error)}`);
          assert.equal(error.exitCode, 65);
          assert.match(error.message, /^genesis file: /);
        }
      },
    );
    fc.assert(property, { numRuns: 1500 });
    assert.ok(refused > 500, `only ${refused} were refused`);
  });
});
