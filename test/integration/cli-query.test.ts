/** The queries of the program against a real node: every method is served, and the JSON is that of REST. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { accountText, valoperText } from '../../node/base/address.ts';
import { methodTable } from '../../node/method-table.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';

describe('cli: queries against a node', () => {
  let solo: SoloNode;
  let address: string;
  before(async () => {
    solo = await startSoloNode();
    address = accountText(solo.account.address);
  });
  after(() => solo.remove());

  const ask = async (words: string, ...more: string[]): Promise<string> => {
    const { code, output, errors } = await run([...words.split(' '), ...more, '--node', solo.url]);
    assert.equal(code, 0, `${words}: ${errors}`);
    return output;
  };
  const rest = async (path: string, height = 0): Promise<unknown> => {
    const { port } = solo.node.config.api;
    const headers: Record<string, string> = height ? { 'x-cosmos-block-height': `${height}` } : {};
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return reply.json();
  };

  it('serves every method of the table', async () => {
    for (const path of methodTable().methods.keys()) {
      const url = `${solo.url}/abci_query?path="${path}"`;
      type Answer = { result: { response: { log: string } } };
      const { result } = (await (await fetch(url)).json()) as Answer;
      assert.doesNotMatch(result.response.log, /unknown query path|Unimplemented/, path);
    }
  });

  it('answers with the JSON of REST', async () => {
    const operator = valoperText(solo.account.address);
    for (const [words, path] of [
      ['bank balances', `/cosmos/bank/v1beta1/balances/${address}`],
      ['bank balance', `/cosmos/bank/v1beta1/balances/${address}/by_denom?denom=uscale`],
      [
        'bank total-supply --page-count-total',
        '/cosmos/bank/v1beta1/supply?pagination.count_total=true',
      ],
      ['bank denom-metadata uscale', '/cosmos/bank/v1beta1/denoms_metadata/uscale'],
      ['bank send-enabled uscale', '/cosmos/bank/v1beta1/send_enabled?denoms=uscale'],
      ['auth account', `/cosmos/auth/v1beta1/accounts/${address}`],
      ['auth params', '/cosmos/auth/v1beta1/params'],
      [
        'auth accounts --page-limit 1 --page-reverse',
        '/cosmos/auth/v1beta1/accounts?pagination.limit=1&pagination.reverse=true',
      ],
      ['authz grants-by-granter', `/cosmos/authz/v1beta1/grants/granter/${address}`],
      ['feegrant grants-by-grantee', `/cosmos/feegrant/v1beta1/allowances/${address}`],
      ['staking validators', '/cosmos/staking/v1beta1/validators'],
      ['staking validator', `/cosmos/staking/v1beta1/validators/${operator}`],
      ['upgrade plan', '/cosmos/upgrade/v1beta1/current_plan'],
      ['consensus params', '/cosmos/consensus/v1/params'],
      ['node config', '/cosmos/base/node/v1beta1/config'],
      ['comet block-by-height 1', '/cosmos/base/tendermint/v1beta1/blocks/1'],
      ['comet node-info', '/cosmos/base/tendermint/v1beta1/node_info'],
      ['block-with-txs 1', '/cosmos/tx/v1beta1/txs/block/1'],
      ['ledger params', '/bitscale/ledger/v1/params'],
      ['settlement params', '/bitscale/settlement/v1/params'],
    ] as const) {
      const argument = path.includes(address)
        ? ` ${address}`
        : path.includes(operator)
          ? ` ${operator}`
          : '';
      const denom = words === 'bank balance' ? ' uscale' : '';
      const full = `query ${words}${argument}${denom}`;
      const json = await ask(full, '--output', 'json');
      assert.deepEqual(JSON.parse(json), await rest(path), full);
      assert.deepEqual(load(await ask(full)), JSON.parse(json), `${full} as text`);
    }
  });

  it('asks for the state of an older height', async () => {
    const words = `query bank balances ${address} --height 1 -o json`;
    assert.deepEqual(
      JSON.parse(await ask(words)),
      await rest(`/cosmos/bank/v1beta1/balances/${address}`, 1),
    );
    const late = await run([
      ...words.replace('--height 1', '--height 999999').split(' '),
      '--node',
      solo.url,
    ]);
    assert.equal(late.code, 65);
  });

  it('ends with code 65 and the words of the node for what is not there', async () => {
    for (const [words, why] of [
      [`tx ${'AB'.repeat(32)}`, /tx not found/],
      ['bank balances cosmos1x', /InvalidArgument|decoding bech32/],
      ['block 999999', /height/],
    ] as const) {
      const args = ['query', ...words.split(' '), '--node', solo.url];
      const { code, errors } = await run(args);
      assert.deepEqual([code, why.test(errors)], [65, true], `${words}: ${errors}`);
    }
  });

  it('shows blocks, results, validators and the status', async () => {
    for (const words of [
      'query block',
      'query block 1',
      'query block-results 1',
      'query blocks --query block.height=1',
      'query comet-validator-set',
      'query commit 1',
      'query genesis',
      'query rpc net_info',
      'query rpc header height=1',
      'query txs --query tx.height>0',
      'status',
    ]) {
      const json = JSON.parse(await ask(words, '--output', 'json')) as unknown;
      assert.equal(typeof json, 'object', words);
    }
  });

  it('answers every command of docs/operations/queries.md', async () => {
    const tx = await someTx();
    const page = readFileSync(new URL('../../docs/operations/queries.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
    const commands = blocks.join('').trim().split('\n');
    assert.ok(commands.length > 30);
    const variables = new Map([
      ['$ADDRESS', address],
      ['$HASH', tx.hash],
      ['$BLOCK', tx.block],
    ]);
    for (const command of commands) {
      const words = wordsOf(command).map((word) => {
        return [...variables].reduce((text, [name, value]) => text.replace(name, value), word);
      });
      assert.equal(words.shift(), 'bitscale');
      const { code, errors, output } = await run([...words, '--node', solo.url]);
      assert.equal(code, 0, `${command}: ${errors}`);
      assert.notEqual(output, '', command);
    }
  });

  /** A committed transaction, and the hash of a block. */
  const someTx = async (): Promise<{ hash: string; block: string }> => {
    const home = ['--home', solo.folder, '--keyring-backend', 'test'];
    const made = await run(['keys', 'add', 'me', '--recover', ...home], [TEST_MNEMONIC]);
    assert.equal(made.code, 0, made.errors);
    const words = ['tx', 'bank', 'send', 'me', address, '1uscale', '-y', '-b', 'block'];
    const sent = await run([...words, '-o', 'json', '--node', solo.url, ...home]);
    assert.equal(sent.code, 0, sent.errors);
    const { txhash } = JSON.parse(sent.output) as { txhash: string };
    const block = JSON.parse(await ask('query block 1 -o json')) as { block_id: { hash: string } };
    return { hash: txhash, block: block.block_id.hash };
  };
});

/** As a shell splits it: quotes hold words together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}
