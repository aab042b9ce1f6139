/** The payment ledger with a hardware wallet: stock CosmJS signs our messages in amino mode. */
import assert from 'node:assert/strict';
import { Registry } from '@cosmjs/proto-signing';
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  SigningStargateClient,
} from '@cosmjs/stargate';
import {
  LEDGER_AMINO,
  LEDGER_TYPES,
  LedgerWallet,
  keyToWire,
} from '../../../modules/ledger/client.ts';
import { MsgRegisterAccountResponse } from '../../../proto/gen/bitscale/ledger/v1/tx.ts';
import { startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { addressOf, amino } from './wallets.ts';

const FEE = { amount: [{ denom: 'uscale', amount: '900' }], gas: '900000' };

/** The chain of `bitscale init` lists no stablecoin. */
function withToken(json: Record<string, unknown>): Record<string, unknown> {
  const { ledger, ...others } = json['app_state'] as Record<string, object>;
  const tokens = [{ id: 1, symbol: 'USDC', decimals: 6 }];
  return { ...json, app_state: { ...others, ledger: { ...ledger, tokens } } };
}

describe('clients: the ledger in amino mode', () => {
  let solo: SoloNode;
  let client: SigningStargateClient;

  before(async () => {
    solo = await startSoloNode({ genesis: withToken });
    client = await SigningStargateClient.connectWithSigner(solo.url, await amino(0), {
      registry: new Registry([...defaultRegistryTypes, ...LEDGER_TYPES]),
      aminoTypes: new AminoTypes({ ...createDefaultAminoConverters(), ...LEDGER_AMINO }),
      broadcastPollIntervalMs: 50,
    });
  });
  after(async () => {
    client.disconnect();
    await solo.remove();
  });

  it('opens an account of the ledger', async () => {
    const submitter = await addressOf(await amino(0));
    const owner = keyToWire(LedgerWallet.fromSeed(new Uint8Array(32).fill(7)).key);
    const message = {
      typeUrl: '/bitscale.ledger.v1.MsgRegisterAccount',
      value: { submitter, token: 1, owner },
    };
    const result = await client.signAndBroadcast(submitter, [message], FEE);
    assertIsDeliverTxSuccess(result);
    const [response] = result.msgResponses;
    assert.equal(MsgRegisterAccountResponse.decode(response!.value).index, 1);
  });
});
