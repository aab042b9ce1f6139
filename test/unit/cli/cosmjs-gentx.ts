/** An independent maker of gentxs: CosmJS. */
import { encodeSecp256k1Pubkey } from '@cosmjs/amino';
import { stringToPath } from '@cosmjs/crypto';
import {
  DirectSecp256k1HdWallet,
  encodePubkey,
  makeAuthInfoBytes,
  makeSignDoc,
  Registry,
} from '@cosmjs/proto-signing';
import { defaultRegistryTypes } from '@cosmjs/stargate';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import type { Json } from '../genesis/sample.ts';
import { CHAIN_ID } from './genesis-homes.ts';

/** The signature that CosmJS makes of the same transaction: it is deterministic. */
export async function signedByCosmJs(
  { body, auth_info: auth }: Json,
  index: number,
): Promise<string> {
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, {
    prefix: 'bitscale',
    hdPaths: [stringToPath(`m/44'/118'/0'/0/${index}`)],
  });
  const [account] = await wallet.getAccounts();
  const [message] = body.messages;
  const rate = (text: string): string => String(BigInt(text.replace('.', '')));
  const { rate: now, max_rate: most, max_change_rate: change } = message.commission;
  const registry = new Registry(defaultRegistryTypes);
  const bodyBytes = registry.encodeTxBody({
    memo: body.memo as string,
    messages: [
      {
        typeUrl: message['@type'] as string,
        value: {
          description: {
            ...message.description,
            securityContact: message.description.security_contact,
          },
          commission: { rate: rate(now), maxRate: rate(most), maxChangeRate: rate(change) },
          minSelfDelegation: message.min_self_delegation,
          delegatorAddress: message.delegator_address,
          validatorAddress: message.validator_address,
          pubkey: encodePubkey({
            type: 'tendermint/PubKeyEd25519',
            value: message.pubkey.key as string,
          }),
          value: message.value,
        },
      },
    ],
  });
  const pubkey = encodePubkey(encodeSecp256k1Pubkey(account!.pubkey));
  const authInfo = makeAuthInfoBytes(
    [{ pubkey, sequence: Number(auth.signer_infos[0].sequence) }],
    auth.fee.amount,
    Number(auth.fee.gas_limit),
    undefined,
    undefined,
  );
  const document = makeSignDoc(bodyBytes, authInfo, CHAIN_ID, 0);
  return (await wallet.signDirect(account!.address, document)).signature.signature;
}
