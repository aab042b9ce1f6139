/** What signers sign, byte for byte as the Cosmos SDK makes it, for every recorded transaction of our modules. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { addressText } from '../../../node/app/address-text.ts';
import { Registry } from '../../../node/app/registry.ts';
import { signBytes } from '../../../node/app/sign-bytes.ts';
import { TxDecoder } from '../../../node/app/tx.ts';
import { fromHex, fromUtf8, toHex } from '../../../node/base/bytes.ts';
import { testApplication } from '../../support/application.ts';

interface RecordedSigner {
  readonly account_number: string;
  readonly sequence: string;
  readonly chain_id: string;
  readonly mode: keyof typeof SignMode;
  readonly sign_bytes?: string;
  readonly sign_bytes_text?: string;
}

interface RecordedTx {
  readonly name: string;
  readonly tx_raw: string;
  readonly tx_hash: string;
  readonly body: string;
  readonly signers: readonly RecordedSigner[];
}

function load(name: string): readonly RecordedTx[] {
  const file = new URL(`../../vectors/tx/${name}`, import.meta.url);
  const { txs } = JSON.parse(readFileSync(file, 'utf8')) as { txs: RecordedTx[] };
  // Only some modules exist here.
  return txs.filter(({ body }) =>
    TxBody.decode(fromHex(body)).messages.every(({ typeUrl }) =>
      /^.cosmos\.(authz|bank|feegrant)\.v1beta1\.Msg/.test(typeUrl),
    ),
  );
}

const addresses = addressText('cosmos');
const { auth, authz, bank, feegrant } = testApplication({ addresses });
const decoder = new TxDecoder(new Registry([auth, authz, bank, feegrant]), addresses);

describe('app/sign bytes', () => {
  for (const file of ['signed.json', 'signed-random.json']) {
    const txs = load(file);

    it(`are those of the SDK for the ${txs.length} transactions of ${file}`, () => {
      const modes = new Set<string>();
      for (const recorded of txs) {
        const tx = decoder.decode(fromHex(recorded.tx_raw));
        assert.equal(tx.hash, recorded.tx_hash);
        for (const signer of recorded.signers) {
          modes.add(signer.mode);
          const bytes = signBytes(SignMode[signer.mode], tx, {
            chainId: signer.chain_id,
            accountNumber: BigInt(signer.account_number),
            sequence: BigInt(signer.sequence),
          });
          assert.ok(bytes, recorded.name);
          if (signer.sign_bytes !== undefined) assert.equal(toHex(bytes), signer.sign_bytes);
          else assert.equal(fromUtf8(bytes), signer.sign_bytes_text, recorded.name);
        }
      }
      assert.deepEqual([...modes].sort(), ['SIGN_MODE_DIRECT', 'SIGN_MODE_LEGACY_AMINO_JSON']);
    });
  }
});
