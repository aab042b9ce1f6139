/**
 * What signers sign, byte for byte as the Cosmos SDK makes it, the hashes, and the signatures themselves, for
 * every recorded transaction, also of modules that do not exist here yet. Signatures are judged by noble, not by our own binding.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { addressText } from '../../../node/app/address-text.ts';
import { addressOfKey, type PublicKey } from '../../../node/app/public-key.ts';
import { Registry } from '../../../node/app/registry.ts';
import { signBytes } from '../../../node/app/sign-bytes.ts';
import { takeApart } from '../../../node/app/signature-parts.ts';
import { TxDecoder, type Tx } from '../../../node/app/tx.ts';
import { fromHex, fromUtf8, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { signSecp256k1 } from '../../../node/base/secp256k1.ts';
import { testApplication } from '../../support/application.ts';
import { comingMessages } from '../../support/coming-messages.ts';

interface RecordedSigner {
  readonly address: string;
  readonly account_number: string;
  readonly sequence: string;
  readonly chain_id: string;
  readonly mode: keyof typeof SignMode;
  readonly sign_bytes?: string;
  readonly sign_bytes_text?: string;
  readonly multisig_of?: readonly string[];
  readonly signed_by?: readonly string[];
}

interface RecordedTx {
  readonly name: string;
  readonly tx_raw: string;
  readonly tx_hash: string;
  readonly body: string;
  readonly auth_info: string;
  readonly signatures: readonly string[];
  readonly signers: readonly RecordedSigner[];
}

interface Recording {
  readonly accounts: readonly {
    readonly private_key?: string;
    readonly public_key?: string;
  }[];
  readonly txs: readonly RecordedTx[];
}

interface Case extends RecordedTx {
  readonly tx: Tx;
}

const addresses = addressText('cosmos');
const { modules } = testApplication({ addresses });
const existing = new Set(new Registry(modules).messageTypes());
const all = new Registry([...modules, comingMessages(addresses.prefix, existing)]);
const decoder = new TxDecoder(all, addresses);

function load(name: string): Recording {
  const file = new URL(`../../vectors/tx/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

function decoded({ txs }: Recording): readonly Case[] {
  return txs.map((recorded) => ({ ...recorded, tx: decoder.decode(fromHex(recorded.tx_raw)) }));
}

function bytesOf(tx: Tx, signer: RecordedSigner, mode: SignMode | undefined): Bytes {
  const bytes = signBytes(mode, tx, {
    chainId: signer.chain_id,
    accountNumber: BigInt(signer.account_number),
    sequence: BigInt(signer.sequence),
  });
  assert.ok(bytes);
  return bytes;
}

const key = (tx: Tx, index: number): PublicKey => {
  const found = tx.pubKeys[index];
  assert.ok(found && 'members' in found);
  return found;
};

function partsOf(tx: Tx, index: number) {
  const modeInfo = tx.authInfo.signerInfos[index]?.modeInfo;
  const whole = tx.signatures[index] as Bytes;
  return takeApart(key(tx, index), modeInfo, { whole, inner: tx.innerSignatures[index] ?? [] });
}

describe('app/sign bytes', () => {
  for (const [file, count] of [
    ['signed.json', 72],
    ['signed-random.json', 80],
  ] as const) {
    const recording = load(file);
    const cases = decoded(recording);
    const secrets = new Map(
      recording.accounts.map((account) => [account.public_key, account.private_key]),
    );

    it(`${file}: those of the SDK, and the same hash, for ${cases.length} transactions`, () => {
      assert.equal(cases.length, count);
      const modes = new Set<string>();
      for (const { tx, signers, ...recorded } of cases) {
        assert.equal(tx.hash, recorded.tx_hash);
        const { bodyBytes, authInfoBytes } = TxRaw.decode(tx.signed);
        assert.equal(toHex(bodyBytes), recorded.body);
        assert.equal(toHex(authInfoBytes), recorded.auth_info);
        assert.deepEqual(tx.signatures.map(toHex), recorded.signatures);
        for (const signer of signers) {
          modes.add(signer.mode);
          const bytes = bytesOf(tx, signer, SignMode[signer.mode]);
          if (signer.sign_bytes !== undefined) assert.equal(toHex(bytes), signer.sign_bytes);
          else assert.equal(fromUtf8(bytes), signer.sign_bytes_text, recorded.name);
        }
      }
      assert.deepEqual([...modes].sort(), ['SIGN_MODE_DIRECT', 'SIGN_MODE_LEGACY_AMINO_JSON']);
    });

    it(`${file}: the signatures are of them, by the keys the addresses come from`, () => {
      for (const { tx, signers, name } of cases) {
        signers.forEach((signer, index) => {
          assert.equal(addresses.write(addressOfKey(key(tx, index))), signer.address, name);
          const { parts, fits } = partsOf(tx, index);
          assert.ok(fits, name);
          assert.equal(parts.length, signer.signed_by?.length ?? 1, name);
          for (const { member, mode, signature } of parts) {
            const hash = sha256(bytesOf(tx, signer, mode));
            const pubKey = key(tx, index).members[member] as Bytes;
            const options = { prehash: false, lowS: true };
            assert.ok(secp256k1.verify(signature, hash, pubKey, options), name);
          }
        });
      }
    });

    it(`${file}: signing them again gives the same signatures`, () => {
      let signed = 0;
      for (const { tx, signers, name } of cases) {
        signers.forEach((signer, index) => {
          for (const { member, mode, signature } of partsOf(tx, index).parts) {
            const secret = secrets.get(toHex(key(tx, index).members[member] as Bytes));
            if (secret === undefined) continue;
            const again = signSecp256k1(fromHex(secret), sha256(bytesOf(tx, signer, mode)));
            assert.equal(toHex(again), toHex(signature), name);
            signed += 1;
          }
        });
      }
      assert.ok(signed >= count, String(signed));
    });
  }

  it('are undefined for modes and transactions that cannot be signed so', () => {
    const [{ tx } = assert.fail()] = decoded(load('signed.json'));
    const facts = { chainId: 'a-1', accountNumber: 1n, sequence: 1n };
    for (const mode of [SignMode.SIGN_MODE_UNSPECIFIED, SignMode.SIGN_MODE_TEXTUAL, undefined]) {
      assert.equal(signBytes(mode, tx, facts), undefined);
    }
    const amino = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
    const free: Tx = { ...tx, body: { ...tx.body, unordered: true } };
    assert.equal(signBytes(amino, free, facts), undefined);
  });
});
