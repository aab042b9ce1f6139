/** The calls of Keplr and of the ping.pub explorer, one by one, and the answers that they can read. */
import assert from 'node:assert/strict';
import { assertIsDeliverTxSuccess, coins } from '@cosmjs/stargate';
import { accountText } from '../../../node/base/address.ts';
import { startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { assertShape, BASE64, INT, NAME } from './shape.ts';
import { ANSWERED, UNANSWERED } from './wallet-tables.ts';
import { connect, direct, FEE } from './wallets.ts';

const RECEIVER = accountText(new Uint8Array(20).fill(7));

describe('clients: what wallets and explorers call', () => {
  let solo: SoloNode;
  let known: Record<string, string>;
  /** Newest first. */
  const hashes: string[] = [];

  const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => known[name]!);
    const base = `http://127.0.0.1:${solo.node.config.api.port}/cosmos/`;
    const response = await fetch(new URL(filled, base));
    return { status: response.status, body: await response.json() };
  };

  before(async () => {
    solo = await startSoloNode({ settings: { app: { minGasPrices: '0.001uscale' } } });
    const client = await connect(solo, await direct(0));
    const address = accountText(solo.account.address);
    for (const amount of [5, 6]) {
      const sent = await client.sendTokens(address, RECEIVER, coins(amount, 'uscale'), FEE, 'rent');
      assertIsDeliverTxSuccess(sent);
      known = { address, height: String(sent.height) };
      hashes.unshift(sent.transactionHash);
    }
    client.disconnect();
    const { body } = await ask('staking/v1beta1/validators');
    const { validators } = body as { validators: { operator_address: string }[] };
    known['operator'] = validators[0]!.operator_address;
    known['hash'] = hashes[0]!;
  });
  after(() => solo.remove());

  for (const [path, shape] of ANSWERED) {
    it(`GET ${path}`, async () => {
      const { status, body } = await ask(path);
      assert.equal(status, 200, JSON.stringify(body));
      assertShape(body, shape);
    });
  }

  for (const path of UNANSWERED) {
    it(`GET ${path} says that the chain has no such module`, async () => {
      const { status, body } = await ask(path);
      assert.equal(status, 501);
      assertShape(body, { code: Number, message: /^unknown method \//, details: [] });
      assert.equal((body as { code: number }).code, 12);
    });
  }

  it('paths of modules that nobody here knows are 501, by which Keplr finds out what there is', async () => {
    for (const path of [
      '/ibc/applications/transfer/v1beta1/params',
      '/cosmwasm/wasm/v1/contract/test/smart/test',
      '/feemarket/v1/params',
      '/cosmos/bank/v1beta1/nope',
      '/osmosis/txfees/v1beta1/cur_eip_base_fee',
    ]) {
      const { status, body } = await ask(`..${path}`);
      assert.deepEqual(
        [status, body],
        [501, { code: 12, message: 'Not Implemented', details: [] }],
        path,
      );
    }
    for (const path of ['/nope', '/v1', '/cosmos', '/cosmos/bank/v1beta1x/params']) {
      assert.equal((await ask(`..${path}`)).status, 404, path);
    }
    assert.equal((await ask('bank/v1beta1/spendable_balances/test')).status, 400);
  });

  it('the list of an account shows what it sent and received, newest first', async () => {
    for (const key of ['message.sender', 'transfer.recipient']) {
      const who = key === 'message.sender' ? known['address']! : RECEIVER;
      const query = encodeURIComponent(`${key}='${who}'`);
      const paged = `tx/v1beta1/txs?query=${query}&order_by=ORDER_BY_DESC&pagination.limit=20`;
      const { status, body } = await ask(paged);
      assert.equal(status, 200, JSON.stringify(body));
      const { tx_responses: found } = body as { tx_responses: { txhash: string }[] };
      assert.deepEqual(
        found.map(({ txhash }) => txhash),
        hashes,
      );
    }
  });

  it('Keplr takes the chain for what it is: status, node_info and WebSocket agree', async () => {
    const status = (await (await fetch(`${solo.url}/status`)).json()) as {
      result: { node_info: { network: string }; sync_info: { catching_up: boolean } };
    };
    const { body } = await ask('base/tendermint/v1beta1/node_info');
    const { default_node_info: info } = body as { default_node_info: { network: string } };
    assert.equal(status.result.node_info.network, info.network);
    assert.equal(status.result.sync_info.catching_up, false);
    const socket = new WebSocket(`${solo.url.replace('http', 'ws')}/websocket`);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    const answer = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))));
    });
    const params = [`tm.event='Tx' AND tx.hash='${hashes[0]}'`];
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params, id: 1 }));
    assert.deepEqual(await answer, { jsonrpc: '2.0', id: 1, result: {} });
    socket.close();
  });

  it('Keplr follows a transaction over its WebSocket, by hash and by search', async () => {
    const socket = new WebSocket(`${solo.url.replace('http', 'ws')}/websocket`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const ask = (id: number, method: string, params: unknown): Promise<{ result: unknown }> => {
      const answer = new Promise<{ result: unknown }>((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          const message = JSON.parse(String(data)) as { id: number; result: unknown };
          if (message.id === id) resolve(message);
        });
      });
      socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }));
      return answer;
    };
    const base64 = Buffer.from(hashes[0]!, 'hex').toString('base64');
    const query = `tx.hash='${hashes[0]}'`;
    const paged = { query, page: '1', per_page: '1', order_by: 'desc' };
    const [byHash, found] = await Promise.all([
      ask(1, 'tx', [base64, false]),
      ask(2, 'tx_search', paged),
    ]);
    const { txs } = found.result as { txs: unknown[] };
    assert.deepEqual(txs, [byHash.result]);
    assert.equal((byHash.result as { hash: string }).hash, hashes[0]);
    socket.close();
  });

  it('ping.pub draws the state of consensus from two calls', async () => {
    const round = async (path: string): Promise<Record<string, unknown>> => {
      const body = (await (await fetch(`${solo.url}/${path}`)).json()) as {
        result: { round_state: Record<string, unknown> };
      };
      return body.result.round_state;
    };
    const brief = await round('consensus_state');
    assertShape(brief['height/round/step'], /^\d+\/\d+\/\d+$/);
    assertShape(brief['height_vote_set'], [
      {
        round: Number,
        prevotes: [NAME],
        prevotes_bit_array: /^BA\{1:[x_]\} \d+\/\d+ = [\d.]+$/,
        precommits: [NAME],
        precommits_bit_array: /^BA\{1:[x_]\} \d+\/\d+ = [\d.]+$/,
      },
    ]);
    const { validators } = (await round('dump_consensus_state'))['validators'] as {
      validators: unknown;
    };
    assertShape(validators, [
      {
        address: /^[0-9A-F]{40}$/,
        pub_key: { type: /^tendermint\/PubKeyEd25519$/, value: BASE64 },
        voting_power: INT,
        proposer_priority: INT,
      },
    ]);
  });
});
