import assert from 'node:assert/strict';
import { readGenesis } from '../../../genesis/validate.ts';
import { EXIT_DATA, ExitError } from '../../../node/base/exit.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { utf8 } from '../../../node/base/bytes.ts';
import { sampleGenesis, type Json } from './sample.ts';

const swapCase = (text: string): string => text.replace('bitscale1', 'cosmos1');

/** Each fault is planted into a file that is right, and the answer must name the place. */
const FAULTS: [string, (g: Json) => void, RegExp][] = [
  ['an empty chain id', (g) => (g['chain_id'] = ''), /chain_id is empty/],
  ['a chain id of 51 characters', (g) => (g['chain_id'] = 'a'.repeat(51)), /chain_id has more/],
  ['a chain id with a space', (g) => (g['chain_id'] = 'my chain'), /chain_id may hold only/],
  ['a revision above 64 bits', (g) => (g['chain_id'] = 'a-18446744073709551616'), /revision/],
  ['no chain id', (g) => delete g['chain_id'], /chain_id must be a text/],
  ['a genesis time that is none', (g) => (g['genesis_time'] = 'today'), /genesis_time/],
  ['initial height 0', (g) => (g['initial_height'] = '0'), /initial_height/],
  ['an app hash', (g) => (g['app_hash'] = 'AB'), /app_hash must be empty/],
  ['no app state', (g) => delete g['app_state'], /app_state must be an object/],
  ['no validators', (g) => (g['validators'] = []), /validators is empty/],
  ['a validator of power 0', (g) => (g['validators'][0].power = '0'), /no power/],
  ['a validator of negative power', (g) => (g['validators'][0].power = '-1'), /no power/],
  ['too much power', (g) => (g['validators'][0].power = String(2n ** 60n)), /2\^60/],
  ['a validator twice', (g) => g['validators'].push(g['validators'][0]), /twice/],
  ['a wrong validator address', (g) => (g['validators'][0].address = '00'), /not the address/],
  ['a short key', (g) => (g['validators'][0].pub_key.value = 'AAAA'), /32 bytes/],
  ['another key type', (g) => (g['validators'][0].pub_key.type = 'x'), /not ed25519/],
  [
    'a block above the limit',
    (g) => (g['consensus_params'].block.max_bytes = '4194305'),
    /max_bytes/,
  ],
  ['a block of no bytes', (g) => (g['consensus_params'].block.max_bytes = '0'), /max_bytes/],
  ['gas below -1', (g) => (g['consensus_params'].block.max_gas = '-2'), /max_gas/],
  [
    'evidence larger than a block',
    (g) => (g['consensus_params'].evidence.max_bytes = '2097153'),
    /evidence max_bytes/,
  ],
  [
    'secp256k1 validators',
    (g) => (g['consensus_params'].validator.pub_key_types = ['secp256k1']),
    /must be ed25519/,
  ],
  [
    'an account twice',
    (g) => (g['app_state'].auth.accounts[1].address = g['app_state'].auth.accounts[0].address),
    /auth\.accounts names .* twice/,
  ],
  [
    'an account number twice',
    (g) => (g['app_state'].auth.accounts[1].account_number = '0'),
    /account_number names 0 twice/,
  ],
  [
    'an account of another chain',
    (g) =>
      (g['app_state'].auth.accounts[0].address = swapCase(g['app_state'].auth.accounts[0].address)),
    /auth\.accounts\[0\]\.address/,
  ],
  [
    'a balance given twice',
    (g) => g['app_state'].bank.balances.push(g['app_state'].bank.balances[0]),
    /bank\.balances names .* twice/,
  ],
  [
    'a supply that is not the sum of the balances',
    (g) => (g['app_state'].bank.supply[0].amount = '1'),
    /bank\.supply is not the sum/,
  ],
  [
    'a negative balance',
    (g) => (g['app_state'].bank.balances[1].coins[0].amount = '-1'),
    /bank\.balances\[1\]\.coins/,
  ],
  [
    'a denom twice in a balance',
    (g) => g['app_state'].bank.balances[1].coins.push(g['app_state'].bank.balances[1].coins[0]),
    /duplicate denomination/,
  ],
  [
    'a denom described twice',
    (g) => g['app_state'].bank.denom_metadata.push(g['app_state'].bank.denom_metadata[0]),
    /names uscale twice/,
  ],
  [
    'an operator twice',
    (g) => g['app_state'].staking.validators.push(g['app_state'].staking.validators[0]),
    /staking\.validators names/,
  ],
  [
    'a bonded validator that does not validate',
    (g) => g['validators'].pop(),
    /not the bonded validators/,
  ],
  [
    'power that is not the stake',
    (g) => (g['validators'][0].power = '5'),
    /not the bonded validators/,
  ],
  [
    'stake that is not in the pool',
    (g) => (g['app_state'].staking.validators[0].tokens = '1000000000001'),
    /bonded_tokens_pool/,
  ],
  ['a token id twice', (g) => (g['app_state'].ledger.tokens[1].id = 1), /id names 1 twice/],
  ['a token symbol twice', (g) => (g['app_state'].ledger.tokens[1].symbol = 'USDC'), /USDC twice/],
  ['a short domain', (g) => (g['app_state'].ledger.domain = '01'), /ledger\.domain/],
  [
    'an attestation address twice',
    (g) => {
      const [a, b] = g['app_state'].settlement.validators;
      b.address = a.address.toUpperCase().replace('0X', '0x');
    },
    /settlement\.validators names/,
  ],
];

describe('genesis/validate', () => {
  it('accepts the file of a local network', async () => {
    const content = JSON.stringify(await sampleGenesis());
    const genesis = readGenesis(content);
    assert.equal(genesis.chainId, 'bitscale-test-1');
    assert.equal(genesis.initialHeight, 1);
    assert.equal(genesis.time.nanos, 5);
    assert.deepEqual(genesis.hash, sha256(utf8(content)));
    assert.deepEqual(
      genesis.validators.map(({ power, name }) => [power, name]),
      [0, 1, 2].map((i) => [1_000_000n, `node${i}`]),
    );
    assert.equal(genesis.consensusParams.block.maxBytes, 2_097_152n);
  });

  it('accepts a chain id of 50 characters and the largest revision', async () => {
    for (const chainId of ['a'.repeat(50), 'a-18446744073709551615', 'local']) {
      const json = await sampleGenesis();
      json['chain_id'] = chainId;
      assert.equal(readGenesis(JSON.stringify(json)).chainId, chainId);
    }
  });

  for (const [what, plant, answer] of FAULTS) {
    it(`ends with code 65 for ${what}`, async () => {
      const json = await sampleGenesis();
      plant(json);
      assert.throws(
        () => readGenesis(JSON.stringify(json)),
        (error) => {
          assert.ok(error instanceof ExitError);
          assert.equal(error.exitCode, EXIT_DATA);
          assert.match(error.message, answer);
          return true;
        },
      );
    });
  }

  it('ends with code 65 for text that is no JSON or no object', () => {
    for (const content of ['', '{', '[]', '1', 'null']) {
      assert.throws(() => readGenesis(content), ExitError);
    }
  });
});
