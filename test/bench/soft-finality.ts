/**
 * Soft finality on the idle devnet: from handing a CosmJS bank send to a node until that node announces
 * the block with it, which it does when it holds the commit certificate and the block is durable.
 */
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing';
import { calculateFee, SigningStargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { toHex } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { pause, rpcUrl, VALIDATORS, withNetwork } from './local-network.ts';
import { atMost, fact, percentile, seconds, type Row } from './report.ts';

const NAME = 'soft finality';
const [MOST_P50, MOST_P99] = [1.2, 2.5];
const GAS = 150_000;
const SETTLE_MS = 5_000;
/** Payments come at any moment of a block's life. */
const SPREAD_MS = 1_000;
const TIMEOUT_MS = 30_000;

interface Client {
  readonly comet: Comet38Client;
  readonly signing: SigningStargateClient;
  /** Names of transactions seen in blocks, by what waits for them. */
  readonly waiting: Map<string, () => void>;
  stop(): void;
}

async function connect(index: number, wallet: DirectSecp256k1HdWallet): Promise<Client> {
  const comet = await Comet38Client.connect(rpcUrl(index).replace('http', 'ws'));
  const signing = SigningStargateClient.createWithSigner(comet, wallet);
  const waiting = new Map<string, () => void>();
  const subscription = comet.subscribeTx().subscribe({
    next: ({ tx }) => waiting.get(toHex(sha256(tx)))?.(),
    error: () => undefined,
  });
  const stop = (): void => {
    subscription.unsubscribe();
    comet.disconnect();
  };
  return { comet, signing, waiting, stop };
}

/** Seconds from the broadcast to the announcement of the block. */
async function payOnce(client: Client, address: string): Promise<number> {
  const value = MsgSend.fromPartial({
    fromAddress: address,
    toAddress: address,
    amount: [{ denom: 'uscale', amount: '1' }],
  });
  const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
  const signed = await client.signing.sign(
    address,
    [message],
    calculateFee(GAS, '0.001uscale'),
    '',
  );
  const tx = TxRaw.encode(signed).finish();
  const hash = toHex(sha256(tx));
  const announced = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a payment was not committed')), TIMEOUT_MS);
    client.waiting.set(hash, () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const started = performance.now();
  const { code, log } = await client.comet.broadcastTxSync({ tx });
  if (code !== 0) throw new Error(`a payment was refused: ${log}`);
  await announced;
  client.waiting.delete(hash);
  return (performance.now() - started) / 1000;
}

async function measure({ samples, say }: BenchOptions): Promise<Row[]> {
  const prefix = 'bitscale';
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, { prefix });
  const [account] = await wallet.getAccounts();
  if (!account) throw new Error('a wallet without an account');
  const clients = await Promise.all(
    Array.from({ length: VALIDATORS }, (_, index) => connect(index, wallet)),
  );
  await pause(SETTLE_MS);
  say(`${samples} payments, one after the other`);
  const taken: number[] = [];
  for (let i = 0; i < samples; i++) {
    await pause(Math.random() * SPREAD_MS);
    taken.push(await payOnce(clients[i % clients.length] as Client, account.address));
  }
  for (const client of clients) client.stop();
  return [
    atMost([NAME, `p50 of ${samples} payments`], percentile(taken, 0.5), MOST_P50, seconds),
    atMost([NAME, `p99 of ${samples} payments`], percentile(taken, 0.99), MOST_P99, seconds),
    fact(NAME, 'quickest and slowest', [0, 1].map((p) => seconds(percentile(taken, p))).join(', ')),
  ];
}

export const softFinality: Benchmark = {
  name: 'finality',
  summary: 'soft finality of a payment on the idle devnet, L1 and provers running',
  run: (options) => withNetwork({}, () => measure(options)),
};
