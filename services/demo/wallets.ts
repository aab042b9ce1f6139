/** The people of the demonstration: each has a Cosmos account, a ledger key and an L1 account. */
import { makeSignDoc, Secp256k1HdWallet } from '@cosmjs/amino';
import { fromBase64, toBase64, toUtf8 } from '@cosmjs/encoding';
import { DirectSecp256k1HdWallet, Registry } from '@cosmjs/proto-signing';
import { defaultRegistryTypes, SigningStargateClient } from '@cosmjs/stargate';
import type { CometClient } from '@cosmjs/tendermint-rpc';
import { HDNodeWallet, Mnemonic, NonceManager, type JsonRpcProvider } from 'ethers';
import { KEY_MESSAGE, LEDGER_TYPES, LedgerWallet } from '../../modules/ledger/client.ts';

const PREFIX = 'bitscale';
export const GAS_PRICE = '0.001uscale';

export interface Person {
  readonly name: string;
  /** bitscale1... */
  readonly address: string;
  readonly client: SigningStargateClient;
  readonly ledger: LedgerWallet;
  readonly l1: NonceManager;
  readonly l1Address: string;
}

interface Networks {
  readonly comet: CometClient;
  readonly l1: JsonRpcProvider;
}

export async function personFrom(
  name: string,
  mnemonic: string,
  networks: Networks,
  index = 0,
): Promise<Person> {
  const direct = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: PREFIX });
  const [account] = await direct.getAccounts();
  if (!account) throw new Error('a wallet without an account');
  const registry = new Registry([...defaultRegistryTypes, ...LEDGER_TYPES]);
  const client = SigningStargateClient.createWithSigner(networks.comet, direct, { registry });
  const path = `m/44'/60'/0'/0/${index}`;
  const node = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(mnemonic), path);
  return {
    name,
    address: account.address,
    client,
    ledger: await ledgerWallet(mnemonic),
    l1: new NonceManager(node.connect(networks.l1)),
    l1Address: node.address,
  };
}

export async function newPerson(name: string, networks: Networks): Promise<Person> {
  const { mnemonic } = await DirectSecp256k1HdWallet.generate(12, { prefix: PREFIX });
  return personFrom(name, mnemonic, networks);
}

/** Signs the one fixed message in the form of ADR-036, as Keplr and other wallets do. */
async function ledgerWallet(mnemonic: string): Promise<LedgerWallet> {
  const wallet = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: PREFIX });
  const [account] = await wallet.getAccounts();
  if (!account) throw new Error('a wallet without an account');
  const message = {
    type: 'sign/MsgSignData',
    value: { signer: account.address, data: toBase64(toUtf8(KEY_MESSAGE)) },
  };
  const document = makeSignDoc([message], { gas: '0', amount: [] }, '', '', 0, 0);
  const { signature } = await wallet.signAmino(account.address, document);
  return LedgerWallet.fromSeed(fromBase64(signature.signature));
}
