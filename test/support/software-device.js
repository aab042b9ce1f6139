// A device in software, in the form that BITSCALE_LEDGER names: keys of the mnemonic of all tests, and amino JSON
// alone. What is not the canonical text that a device would show is refused, as a Ledger does.
import { Bip39, EnglishMnemonic, Secp256k1, sha256, Slip10, stringToPath } from '@cosmjs/crypto';
import { serializeSignDoc } from '@cosmjs/amino';

const WORDS = 'test test test test test test test test test test test junk';

async function privateKey(path) {
  const seed = await Bip39.mnemonicToSeed(new EnglishMnemonic(WORDS));
  return Slip10.derivePath('Bitcoin seed', seed, stringToPath(path)).privkey;
}

export async function open() {
  return {
    async publicKey(path) {
      const { pubkey } = Secp256k1.makeKeypair(await privateKey(path));
      return Secp256k1.compressPubkey(pubkey);
    },
    async sign(path, signDoc) {
      const again = serializeSignDoc(JSON.parse(new TextDecoder().decode(signDoc)));
      if (Buffer.compare(again, signDoc) !== 0) throw new Error('not canonical JSON');
      const signature = Secp256k1.createSignature(sha256(signDoc), await privateKey(path));
      return Uint8Array.from([...signature.r(32), ...signature.s(32)]);
    },
  };
}
