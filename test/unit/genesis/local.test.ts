import assert from 'node:assert/strict';
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing';
import { formatGenesis, localGenesis } from '../../../genesis/local.ts';
import {
  accountKey,
  l1Key,
  seedOf,
  TEST_MNEMONIC,
  validatorKeys,
} from '../../../genesis/local-keys.ts';
import { readGenesis } from '../../../genesis/validate.ts';
import { accountText } from '../../../node/base/address.ts';
import { toHex } from '../../../node/base/bytes.ts';
import { sampleNetwork } from './sample.ts';

describe('genesis/local', () => {
  it('gives the same text for the same network', async () => {
    const [a, b] = [await sampleNetwork(), await sampleNetwork()];
    assert.equal(formatGenesis(localGenesis(a)), formatGenesis(localGenesis(b)));
  });

  it('passes validation with 1 and with 20 validators', async () => {
    const network = await sampleNetwork();
    const seed = await seedOf(TEST_MNEMONIC);
    for (const count of [1, 20]) {
      const validators = Array.from({ length: count }, (_, i) => {
        const keys = validatorKeys(seed, i);
        const [operator, attestationAddress] = [keys.operator.address, keys.attestation.address];
        return { moniker: `v${i}`, operator, pubKey: keys.consensusSeed, attestationAddress };
      });
      const text = formatGenesis(localGenesis({ ...network, validators }));
      assert.equal(readGenesis(text).validators.length, count);
    }
  });

  it('gives an account that is an operator too one balance', async () => {
    const network = await sampleNetwork();
    const accounts = [...network.accounts, network.validators[0]!.operator];
    assert.ok(readGenesis(formatGenesis(localGenesis({ ...network, accounts }))));
  });
});

describe('genesis/local-keys', () => {
  it('derives the accounts that wallets derive from the test mnemonic', async () => {
    const seed = await seedOf(TEST_MNEMONIC);
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, {
      prefix: 'bitscale',
    });
    const [account] = await wallet.getAccounts();
    assert.equal(accountText(accountKey(seed, 0).address), account?.address);
    assert.equal(toHex(l1Key(seed, 0).address), 'f39fd6e51aad88f6f4ce6ab8827279cfffb92266');
    assert.equal(toHex(l1Key(seed, 1).address), '70997970c51812dc3a010c7d01b50e0d17dc79c8');
  });

  it('derives a different key for every purpose and index', async () => {
    const seed = await seedOf(TEST_MNEMONIC);
    const keys = [0, 1].flatMap((i) => {
      const { operator, attestation, consensusSeed, nodeSeed } = validatorKeys(seed, i);
      const own = [operator.privateKey, attestation.privateKey, consensusSeed, nodeSeed];
      return [...own, accountKey(seed, i).privateKey, l1Key(seed, i).privateKey];
    });
    assert.equal(new Set(keys.map(toHex)).size, keys.length);
  });
});
