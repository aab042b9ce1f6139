/** REST of a real node, compared with what the stock CosmJS client decodes from abci_query. */
import assert from 'node:assert/strict';
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing';
import { GasPrice, SigningStargateClient } from '@cosmjs/stargate';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { ANY_TYPES } from '../../node/gateway/json/any-types.ts';
import { ROUTES } from '../../node/gateway/rest/routes.ts';
import { accountText } from '../../node/base/address.ts';
import { toBase64 } from '../../node/base/bytes.ts';
import { SOLO_CHAIN, startSoloNode, untilYes, type SoloNode } from '../support/solo-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';

const BANK = '/cosmos/bank/v1beta1';
const BLOCKS = '/cosmos/base/tendermint/v1beta1';
const TX = '/cosmos/tx/v1beta1';
const NOBODY = accountText(new Uint8Array(20).fill(7));

type Json = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

describe('REST of a node', () => {
  let solo: SoloNode;
  let client: SigningStargateClient;
  let address: string;
  let sent: { transactionHash: string; height: number };

  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${solo.node.config.api.port}${path}`, init);
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Json;
    return { status: response.status, body, headers: response.headers };
  };
  const get = async (path: string): Promise<Json> => {
    const { status, body } = await ask(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const post = (path: string, body: unknown): Promise<Answer> =>
    ask(path, { method: 'POST', body: JSON.stringify(body) });

  before(async () => {
    solo = await startSoloNode({
      settings: { app: { keepRecent: 10 }, api: { corsOrigins: ['*'] } },
    });
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, {
      prefix: 'bitscale',
    });
    address = (await wallet.getAccounts())[0]!.address;
    const gasPrice = GasPrice.fromString('0uscale');
    client = await SigningStargateClient.connectWithSigner(solo.url, wallet, { gasPrice });
    sent = await client.sendTokens(
      address,
      NOBODY,
      [{ denom: 'uscale', amount: '5' }],
      'auto',
      'hi',
    );
  });
  after(async () => {
    client.disconnect();
    await solo.remove();
  });

  const signed = async (amount: string): Promise<string> => {
    const fee = { amount: [], gas: '200000' };
    const value = {
      fromAddress: address,
      toAddress: NOBODY,
      amount: [{ denom: 'uscale', amount }],
    };
    const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
    return toBase64(TxRaw.encode(await client.sign(address, [message], fee, '')).finish());
  };

  it('shows wallets and directories the chain under /.well-known', async () => {
    for (const file of ['chain', 'assetlist', 'keplr']) {
      const printed = await run(['client-config', file, '--home', solo.folder]);
      const path = `/.well-known/${file}.json`;
      assert.deepEqual(await get(path), JSON.parse(printed.output), path);
      assert.equal((await post(path, {})).status, 501);
    }
    const keplr = await get('/.well-known/keplr.json');
    assert.deepEqual([keplr['chainId'], keplr['rpc']], [SOLO_CHAIN, solo.url]);
  });

  it('accounts and balances are those that CosmJS sees', async () => {
    const account = (await get(`/cosmos/auth/v1beta1/accounts/${address}`))['account'] as Json;
    const known = await client.getAccount(address);
    assert.equal(account['@type'], '/cosmos.auth.v1beta1.BaseAccount');
    assert.equal(account['account_number'], String(known?.accountNumber));
    assert.equal(account['sequence'], String(known?.sequence));
    const { key } = account['pub_key'] as Json;
    assert.equal(key, known?.pubkey?.value);
    const balance = await client.getBalance(address, 'uscale');
    const one = await get(`${BANK}/balances/${address}/by_denom?denom=uscale`);
    assert.deepEqual(one, { balance });
    const all = await get(`${BANK}/balances/${address}`);
    assert.deepEqual(all['balances'], await client.getAllBalances(address));
  });

  it('pages of accounts go on at next_key until it is null', async () => {
    const seen: string[] = [];
    let key: unknown = '';
    while (key !== null) {
      const page = `pagination.limit=2&pagination.key=${encodeURIComponent(String(key))}`;
      const { accounts, pagination } = await get(`/cosmos/auth/v1beta1/accounts?${page}`);
      for (const account of accounts as Json[]) {
        const base = (account['base_account'] ?? account) as Json;
        seen.push(String(base['address']));
      }
      key = (pagination as Json)['next_key'];
    }
    assert.equal(seen.length, 5);
    assert.equal(new Set(seen).size, 5);
  });

  it('a transaction is found by hash, by events and in its block, as CosmJS has it', async () => {
    const known = await client.getTx(sent.transactionHash);
    assert.ok(known);
    const byHash = await get(`${TX}/txs/${sent.transactionHash}`);
    const response = byHash['tx_response'] as Json;
    assert.equal(response['txhash'], sent.transactionHash);
    assert.equal(response['height'], String(sent.height));
    assert.equal(response['gas_used'], String(known.gasUsed));
    const events = (response['events'] as Json[]).map(({ type }) => type);
    assert.deepEqual(
      events,
      known.events.map(({ type }) => type),
    );
    const query = encodeURIComponent(`message.sender='${address}'`);
    for (const text of [`query=${query}`, `events=${query}`]) {
      const found = await get(`${TX}/txs?${text}&order_by=ORDER_BY_DESC&limit=1`);
      assert.deepEqual(found['txs'], [byHash['tx']]);
      assert.deepEqual(found['tx_responses'], [response]);
      assert.equal(found['total'], '1');
    }
    const block = await get(`${TX}/txs/block/${sent.height}`);
    assert.deepEqual(block['txs'], [byHash['tx']]);
    assert.equal(
      toBase64(known.tx),
      ((block['block'] as Json)['data'] as { txs: string[] }).txs[0],
    );
  });

  it('simulates, broadcasts and then finds a transaction', async () => {
    const bytes = await signed('3');
    const { body } = await post(`${TX}/simulate`, { tx_bytes: bytes });
    const { gas_used: gas } = body['gas_info'] as Json;
    const { msg_responses: answers } = body['result'] as Json;
    assert.deepEqual(answers, [{ '@type': '/cosmos.bank.v1beta1.MsgSendResponse' }]);
    const mode = 'BROADCAST_MODE_SYNC';
    const taken = await post(`${TX}/txs`, { tx_bytes: bytes, mode });
    const { code, txhash } = taken.body['tx_response'] as Json;
    assert.deepEqual([taken.status, code], [200, 0]);
    const again = await post(`${TX}/txs`, { tx_bytes: bytes, mode });
    assert.deepEqual([again.status, (again.body['tx_response'] as Json)['code']], [200, 19]);
    await untilYes(solo, async () => (await ask(`${TX}/txs/${String(txhash)}`)).status === 200);
    const found = (await get(`${TX}/txs/${String(txhash)}`))['tx_response'] as Json;
    assert.deepEqual([found['code'], found['gas_used']], [0, gas]);
  });

  it('takes a transaction apart and puts the same bytes together again', async () => {
    const bytes = await signed('4');
    const decoded = await post(`${TX}/decode`, { tx_bytes: bytes });
    assert.equal(decoded.status, 200, JSON.stringify(decoded.body));
    const { body, signatures } = decoded.body['tx'] as { body: Json; signatures: string[] };
    const [message] = body['messages'] as Json[];
    assert.deepEqual(message, {
      '@type': '/cosmos.bank.v1beta1.MsgSend',
      from_address: address,
      to_address: NOBODY,
      amount: [{ denom: 'uscale', amount: '4' }],
    });
    assert.equal(signatures.length, 1);
    const encoded = await post(`${TX}/encode`, decoded.body);
    assert.deepEqual(encoded.body, { tx_bytes: bytes });
    for (const refused of ['', 'AQ==', `${bytes.slice(0, -8)}AAAAAAAA`]) {
      const answer = await post(`${TX}/decode`, { tx_bytes: refused });
      assert.deepEqual([answer.status, answer.body['code']], [400, 3], refused.slice(-8));
    }
    assert.equal((await post(`${TX}/encode`, {})).status, 400);
  });

  it('simulates a transaction written as JSON as it does its bytes', async () => {
    const tx_bytes = await signed('4');
    const { body } = await post(`${TX}/decode`, { tx_bytes });
    const [asJson, asBytes] = await Promise.all([
      post(`${TX}/simulate`, body),
      post(`${TX}/simulate`, { tx_bytes }),
    ]);
    assert.equal(asJson.status, 200, JSON.stringify(asJson.body));
    assert.deepEqual(asJson.body['gas_info'], asBytes.body['gas_info']);
  });

  it('blocks, validators and the node are those of CometBFT', async () => {
    const known = await client.getBlock(sent.height);
    const { block_id: id, block, sdk_block: own } = await get(`${BLOCKS}/blocks/${sent.height}`);
    const hash = Buffer.from(String((id as Json)['hash']), 'base64').toString('hex');
    assert.equal(hash.toUpperCase(), known.id);
    assert.equal(((block as Json)['header'] as Json)['chain_id'], 'solo-1');
    const proposer = String(((own as Json)['header'] as Json)['proposer_address']);
    assert.match(proposer, /^bitscalevalcons1/);
    const set = await get(`${BLOCKS}/validatorsets/${sent.height}`);
    assert.equal((set['validators'] as Json[])[0]?.['address'], proposer);
    const info = await get(`${BLOCKS}/node_info`);
    assert.equal((info['default_node_info'] as Json)['network'], 'solo-1');
    const { build_deps: parts } = info['application_version'] as { build_deps: Json[] };
    for (const path of ['cosmos/cosmos-sdk', 'cosmos/ibc-go/v10', 'cometbft/cometbft']) {
      assert.ok(
        parts.some((part) => part['path'] === `github.com/${path}`),
        path,
      );
    }
  });

  it('answers of old heights say which height they are of', async () => {
    const headers = { 'x-cosmos-block-height': String(solo.node.app.info().height - 2) };
    const { status, headers: got } = await ask(`${BANK}/supply`, { headers });
    assert.equal(status, 200);
    assert.equal(got.get('x-cosmos-block-height'), headers['x-cosmos-block-height']);
  });

  it('an old state is seen at the time of its own block', async () => {
    const height = String(solo.node.app.info().height - 2);
    const { block } = (await get(`${BLOCKS}/blocks/${height}`)) as { block: { header: Json } };
    const { body } = await ask('/cosmos/base/node/v1beta1/status', {
      headers: { 'x-cosmos-block-height': height },
    });
    assert.deepEqual([body['height'], body['timestamp']], [height, block.header['time']]);
  });

  it('every method with a route is answered or says 501 in the gateway’s shape', async () => {
    const answered = new Set(solo.node.app.registry.queries().map(({ path }) => path));
    for (const { verb, template, method } of ROUTES) {
      const path = template.replace(/\{[^}]+\}/g, '1');
      const { status, body } = await ask(path, { method: verb });
      if (answered.has(method)) assert.notEqual(status, 501, path);
      if (status === 501) assert.deepEqual([body['code'], body['details']], [12, []], path);
      assert.notEqual(status, 500, `${path}: ${JSON.stringify(body)}`);
    }
  });

  it('what every message of the chain answers can be opened', () => {
    const answers = solo.node.app.registry.messageTypes().map((typeUrl) => `${typeUrl}Response`);
    assert.deepEqual(
      answers.filter((typeUrl) => !ANY_TYPES.has(typeUrl)),
      [],
    );
  });

  it('every query of the chain has a route', () => {
    // Its template in the SDK is that of AddressStringToBytes, which hides it.
    const hidden = '/cosmos.auth.v1beta1.Query/AddressBytesToString';
    const routed = new Set([...ROUTES.map(({ method }) => method), hidden]);
    const paths = solo.node.app.registry.queries().map(({ path }) => path);
    assert.deepEqual(
      paths.filter((path) => !routed.has(path)),
      [],
    );
  });

  it('pages of any origin may read it when the operator says so', async () => {
    const { headers } = await ask(`${BANK}/params`, { headers: { origin: 'https://ping.pub' } });
    assert.equal(headers.get('access-control-allow-origin'), '*');
    const preflight = await ask(`${TX}/txs`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.b' },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
  });
});
