/** What a real node answers over JSON-RPC, down to the forms and words that some client or other depends on. */
import assert from 'node:assert/strict';
import { assertIsDeliverTxSuccess, coins, type DeliverTxResponse } from '@cosmjs/stargate';
import { QueryAccountRequest, QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { TxMsgData } from 'cosmjs-types/cosmos/base/abci/v1beta1/abci';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { CommitmentProof } from 'cosmjs-types/cosmos/ics23/v1/proofs';
import { accountText } from '../../../node/base/address.ts';
import { toHex, toUpperHex } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { assertSameShape } from '../../support/same-shape.ts';
import { startSoloNode, untilYes, type SoloNode } from '../../support/solo-node.ts';
import { recorded, type Recorded } from '../../unit/rpc/recorded.ts';
import { connect, direct, FEE } from './wallets.ts';

const RECEIVER = accountText(new Uint8Array(20).fill(7));
const NOBODY = accountText(new Uint8Array(20).fill(9));
/** Key of the bank's parameters. */
const PARAMS_KEY = '05';

/** Recorded requests that make sense on any chain. */
const ANY_CHAIN = [
  'status',
  'net_info',
  'abci_info',
  'block_at_height_0',
  'block_at_height_1',
  'block_at_height_10',
  'block_results_at_height_10',
  'blockchain_from_1_to_10',
  'commit_at_height_10',
  'consensus_params',
  'consensus_state',
];

/** The recorded application has version 1, which is left out when it is 0, and answered without a hash at first. */
function asChainHere(answer: Recorded): string {
  return JSON.stringify(answer, (key, value: Recorded) => {
    if (key === 'version' && value.block !== undefined) return { block: value.block };
    return key === 'app_hash' ? (value ?? 'AAA=') : value;
  });
}

describe('clients: answers of a real node over JSON-RPC', () => {
  let solo: SoloNode;
  let address: string;
  let sent: DeliverTxResponse;

  const call = async (method: string, params: unknown = {}): Promise<Recorded> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return (await fetch(solo.url, { method: 'POST', body })).json();
  };
  const query = async (params: Record<string, unknown>): Promise<Recorded> =>
    (await call('abci_query', params)).result.response;
  const tip = async (): Promise<number> =>
    Number((await call('status')).result.sync_info.latest_block_height);
  const atHeight = (height: number): Promise<void> =>
    untilYes(solo, async () => (await tip()) >= height);

  before(async () => {
    solo = await startSoloNode();
    address = accountText(solo.account.address);
    // The recorded blocks have no transactions.
    await atHeight(12);
    const client = await connect(solo, await direct(0));
    sent = await client.sendTokens(address, RECEIVER, coins(5, 'uscale'), FEE);
    assertIsDeliverTxSuccess(sent);
    client.disconnect();
  });
  after(() => solo.remove());

  for (const name of ANY_CHAIN) {
    it(`${name} has the recorded form`, async () => {
      const request = recorded('outgoing', name);
      const { id, ...answer } = await call(request.method as string, request.params);
      const { id: _, ...theirs } = JSON.parse(asChainHere(recorded('incoming', name)));
      assert.equal(id, 1);
      assertSameShape(answer, theirs, name);
    });
  }

  describe('abci_query', () => {
    const KEYS = [
      'code',
      'log',
      'info',
      'index',
      'key',
      'value',
      'proofOps',
      'height',
      'codespace',
    ];
    const balanceOf = (who: string): string =>
      toHex(QueryBalanceRequest.encode({ address: who, denom: 'uscale' }).finish());
    const BALANCE = '/cosmos.bank.v1beta1.Query/Balance';

    it('has CometBFT’s nine members in its order, and never a height of 0', async () => {
      for (const params of [
        { path: BALANCE, data: balanceOf(address) },
        { path: '/store/bank/key', data: PARAMS_KEY },
        { path: '/store/bank/key', data: 'ffff' },
        { path: '/nope', data: '' },
      ]) {
        const response = await query(params);
        assert.deepEqual(Object.keys(response as object), KEYS, params.path);
        assert.match(response.height, /^[1-9]\d*$/);
        assert.equal(response.index, '0');
      }
    });

    it('key and value are null where there is nothing', async () => {
      const known = await query({ path: '/store/bank/key', data: PARAMS_KEY });
      assert.deepEqual([known.key, known.proofOps], ['BQ==', null]);
      assert.ok(known.value.length > 0);
      const absent = await query({ path: '/store/bank/key', data: 'ffff' });
      assert.deepEqual([absent.code, absent.key, absent.value], [0, '//8=', null]);
      const service = await query({ path: BALANCE, data: balanceOf(address) });
      assert.equal(service.key, null);
    });

    it('height 0, and none, mean the newest committed height', async () => {
      for (const height of ['0', undefined]) {
        const before = await tip();
        const response = await query({ path: BALANCE, data: balanceOf(address), height });
        assert.ok(Number(response.height) >= before);
      }
      const past = await query({ path: BALANCE, data: balanceOf(RECEIVER), height: '1' });
      assert.equal(past.height, '1');
      const { balance } = QueryBalanceResponse.decode(Buffer.from(past.value as string, 'base64'));
      assert.equal(balance?.amount, '0');
    });

    it('a store is read with and without the slash before it', async () => {
      const paths = ['store/bank/key', '/store/bank/key'];
      const height = String(sent.height);
      const [a, b] = await Promise.all(
        paths.map((path) => query({ path, data: PARAMS_KEY, height, prove: true })),
      );
      assert.equal(a.code, 0);
      assert.deepEqual(a, b);
    });

    it('a proof has the two operations of ICS-23, for what exists and for what does not', async () => {
      for (const [data, kind] of [
        [PARAMS_KEY, 'exist'],
        ['ffff', 'nonexist'],
      ] as const) {
        const { proofOps } = await query({ path: 'store/bank/key', data, prove: true });
        const [inner, outer] = proofOps.ops;
        assert.equal(proofOps.ops.length, 2);
        assert.deepEqual(Object.keys(inner as object), ['type', 'key', 'data']);
        assert.deepEqual([inner.type, outer.type], ['ics23:iavl', 'ics23:simple']);
        assert.equal(inner.key, Buffer.from(data, 'hex').toString('base64'));
        assert.equal(Buffer.from(outer.key as string, 'base64').toString(), 'bank');
        const proofs = [inner, outer].map(({ data: bytes }) =>
          CommitmentProof.decode(Buffer.from(bytes as string, 'base64')),
        );
        assert.ok(proofs[0]?.[kind]);
        assert.ok(proofs[1]?.exist);
      }
    });

    const FIXED: [string, Record<string, unknown>, [number, string], RegExp][] = [
      [
        'a proof at height 1',
        { path: 'store/bank/key', data: PARAMS_KEY, prove: true, height: '1' },
        [18, 'sdk'],
        /^cannot query with proof when height <= 1; please provide a valid height/,
      ],
      [
        'a height in the future',
        { path: 'store/bank/key', data: PARAMS_KEY, height: '99999999' },
        [26, 'sdk'],
        /cannot query with height in the future; please provide a valid height/,
      ],
      [
        'a future height of a service',
        { path: BALANCE, data: '', height: '99999999' },
        [26, 'sdk'],
        /cannot query with height in the future; please provide a valid height/,
      ],
      ['a store that is not there', { path: 'store/nope/key' }, [6, 'sdk'], /no such store: nope/],
      ['an unknown path', { path: '/nope' }, [6, 'sdk'], /^unknown query path/],
      ['an unknown service', { path: '/cosmos.nope.v1.Query/All' }, [6, 'sdk'], /unknown query/],
      [
        'an account that does not exist',
        {
          path: '/cosmos.auth.v1beta1.Query/Account',
          data: toHex(QueryAccountRequest.encode({ address: NOBODY }).finish()),
        },
        [22, 'sdk'],
        new RegExp(
          `^rpc error: code = NotFound desc = account ${NOBODY} not found: key not found$`,
        ),
      ],
      [
        'an argument that is none',
        {
          path: '/cosmos.auth.v1beta1.Query/Account',
          data: toHex(QueryAccountRequest.encode({ address: '' }).finish()),
        },
        [18, 'sdk'],
        /^rpc error: code = InvalidArgument desc = .*: invalid request$/,
      ],
    ];
    for (const [name, params, code, log] of FIXED) {
      it(`${name} is refused with ${code.join(' ')} and the words clients look for`, async () => {
        const response = await query({ data: '', ...params });
        assert.deepEqual([response.code, response.codespace], code, response.log);
        assert.match(response.log, log);
      });
    }

    it('an account is answered over abci_query as an Any', async () => {
      const data = toHex(QueryAccountRequest.encode({ address }).finish());
      const { value } = await query({ path: '/cosmos.auth.v1beta1.Query/Account', data });
      const { account } = QueryAccountResponse.decode(Buffer.from(value as string, 'base64'));
      assert.equal(account?.typeUrl, '/cosmos.auth.v1beta1.BaseAccount');
    });
  });

  it('the block of the height that abci_query names is there, whenever it is asked', async () => {
    for (let i = 0; i < 200; i++) {
      const { height } = await query({ path: 'store/bank/key', data: PARAMS_KEY });
      const { result, error } = await call('commit', { height });
      assert.equal(result?.signed_header.header.height, height, JSON.stringify(error));
      const { response } = (await call('abci_info')).result;
      assert.ok(Number(response.last_block_height) >= Number(height));
    }
  });

  it('status tells relayers what they check before they start', async () => {
    const { node_info: node, sync_info: sync } = (await call('status')).result;
    assert.deepEqual([node.network, node.other.tx_index], ['solo-1', 'on']);
    assert.match(node.version, /^0\.38\./);
    assert.match(node.id, /^[0-9a-f]{40}$/);
    assert.ok(node.moniker !== '' && node.listen_addr !== '' && node.other.rpc_address !== '');
    assert.equal(sync.catching_up, false);
    assert.deepEqual([sync.earliest_block_height, sync.earliest_block_hash.length], ['1', 64]);
    assert.match(sync.earliest_app_hash, /^[0-9A-F]{64}$/);
    assert.match(sync.earliest_block_time, /Z$/);
  });

  it('results of a block have app_hash and one list of events, as in 0.38', async () => {
    const { result } = await call('block_results', { height: String(sent.height) });
    await atHeight(sent.height + 1);
    const next = (await call('header', { height: String(sent.height + 1) })).result.header;
    const hash = Buffer.from(result.app_hash as string, 'base64');
    assert.equal(toUpperHex(hash), next.app_hash);
    const old = ['begin_block_events', 'end_block_events'];
    for (const name of old) assert.equal(Object.hasOwn(result as object, name), false);
    assert.equal(result.txs_results.length, 1);
  });

  it('the application’s hash of a height is in the header one above it', async () => {
    const height = await tip();
    const { height: at, value } = await query({
      path: 'store/bank/key',
      data: PARAMS_KEY,
      height: String(height),
      prove: true,
    });
    assert.deepEqual([at, value === null], [String(height), false]);
    await atHeight(height + 1);
    const { app_hash: after } = (await call('header', { height: String(height + 1) })).result
      .header;
    const { app_hash: of } = (await call('block_results', { height: String(height) })).result;
    assert.equal(toUpperHex(Buffer.from(of as string, 'base64')), after);
  });

  it('events have texts that are not empty, a mark for the index, and are never base64', async () => {
    const { result } = await call('tx', {
      hash: Buffer.from(sent.transactionHash, 'hex').toString('base64'),
    });
    const events = result.tx_result.events as Recorded[];
    assert.ok(events.length > 5);
    for (const { type, attributes } of events) {
      assert.ok(type.length > 0);
      for (const attribute of attributes) {
        assert.deepEqual(Object.keys(attribute as object), ['key', 'value', 'index']);
        assert.match(attribute.key, /^[a-z_]+$/);
        assert.equal(typeof attribute.value, 'string');
        assert.equal(typeof attribute.index, 'boolean');
      }
    }
    const [sender] = events.flatMap(({ attributes }) =>
      attributes.filter(({ key }: Recorded) => key === 'spender'),
    );
    assert.equal(sender.value, address);
  });

  it('data of a transaction is TxMsgData with its responses, and the log is empty', async () => {
    const { result } = await call('tx_search', { query: `tx.hash='${sent.transactionHash}'` });
    const [{ tx_result: tx, hash }] = result.txs;
    assert.equal(hash, sent.transactionHash);
    assert.deepEqual([tx.code, tx.log, tx.codespace, tx.info], [0, '', '', '']);
    const { msgResponses } = TxMsgData.decode(Buffer.from(tx.data as string, 'base64'));
    assert.deepEqual(
      msgResponses.map(({ typeUrl }) => typeUrl),
      ['/cosmos.bank.v1beta1.MsgSendResponse'],
    );
    for (const name of ['gas_wanted', 'gas_used']) assert.match(tx[name], /^\d+$/);
  });

  it('the path /app/version names the program', async () => {
    const { value } = await query({ path: '/app/version', data: '' });
    assert.match(Buffer.from(value as string, 'base64').toString(), /^\d+\.\d+\.\d+$/);
  });

  it('a transaction with its proof leads to the data hash of its block', async () => {
    const { result } = await call('tx_search', {
      query: `tx.hash='${sent.transactionHash}'`,
      prove: true,
    });
    const [{ proof, tx, height }] = result.txs;
    const { data_hash: root } = (await call('header', { height })).result.header;
    assert.deepEqual([proof.root_hash, proof.data], [root, tx]);
    const leaf = sha256(
      Buffer.concat([Uint8Array.of(0), sha256(Buffer.from(tx as string, 'base64'))]),
    );
    assert.equal(proof.proof.leaf_hash, Buffer.from(leaf).toString('base64'));
  });

  it('check_tx tries a transaction and keeps nothing', async () => {
    const { result } = await call('check_tx', { tx: 'AQ==' });
    assert.deepEqual([result.code, result.codespace], [2, 'sdk']);
    assert.equal((await call('num_unconfirmed_txs')).result.total, '0');
  });
});
