/** Every method of the table that a node answers has a command, and the command asks for it. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadCommands } from '../../../node/cli/commands/table.ts';
import { ELSEWHERE, nameOf, wordsOf } from '../../../node/cli/query/names.ts';
import { fromHex } from '../../../node/base/bytes.ts';
import { methodTable } from '../../../node/method-table.ts';
import { run } from './fake-terminal.ts';

const { methods } = methodTable();
const NAMED = [...methods.values()].filter(({ path }) => !ELSEWHERE.has(path));

describe('cli: a command for every query', () => {
  let server: Server;
  let url: string;
  let asked: { path: string; data: string; height: string }[] = [];

  before((done) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push((JSON.parse(body) as { params: (typeof asked)[0] }).params);
        const result = { response: { code: 0, value: null, height: '5' } };
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
      });
    });
    server.listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  after(() => server.close());
  beforeEach(() => (asked = []));

  it('knows the methods of the modules and those of the node', () => {
    assert.ok(methods.size > 60, String(methods.size));
    for (const path of ELSEWHERE.keys()) assert.ok(methods.has(path), path);
  });

  it('gives every command words of its own, and names nothing that is not an argument', async () => {
    const commands = await loadCommands('query');
    const words = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    assert.equal(new Set(words).size, words.length);
    const others = (await loadCommands('tx')).map(({ name }) => name);
    for (const [path, name] of ELSEWHERE) assert.ok([...words, ...others].includes(name), path);
  });

  for (const method of NAMED) {
    const words = wordsOf(method.path);
    it(`${words} asks ${method.path}`, async () => {
      const { arguments: specs = [] } = nameOf(method.path);
      // A number, a text and hexadecimal digits at once.
      const args = specs.map(() => '01');
      const { code, errors } = await run([...words.split(' '), ...args, '--node', url]);
      assert.equal(code, 0, errors);
      assert.equal(asked[0]?.path, method.path);
      const request = method.request.decode(fromHex(asked[0].data));
      const empty = method.request.encode(method.request.fromPartial({})).finish();
      const isEmpty = asked[0].data === Buffer.from(empty).toString('hex');
      assert.equal(
        isEmpty,
        specs.length === 0,
        JSON.stringify(request, (_, v) => String(v)),
      );
    });
  }

  it('has every field of a request as argument or option, except messages in it', async () => {
    const commands = new Map((await loadCommands('query')).map((one) => [one.name, one]));
    for (const { path, request } of NAMED) {
      const { options = {}, arguments: args = [] } = commands.get(wordsOf(path))!;
      const shape = Object.entries(request.fromPartial({}) as object);
      const { hidden = [] } = nameOf(path);
      const plain = shape.filter(([name, value]) => value !== undefined && !hidden.includes(name));
      const own = Object.keys(options).filter(
        (name) => !/^(?:node|output|height|page-)/.test(name),
      );
      const nested = args.filter((arg) => arg.startsWith('<owner-')).length;
      assert.equal(own.length + args.length - nested, plain.length, path);
      if (shape.some(([name]) => name === 'pagination')) assert.ok('page-limit' in options, path);
    }
  });

  it('asks pages and old heights', async () => {
    const words =
      'query bank total-supply --page-limit 3 --page-reverse --page-key AQI= --height 9';
    assert.equal((await run([...words.split(' '), '--node', url])).code, 0);
    assert.equal(asked[0]?.height, '9');
    const codec = methods.get('/cosmos.bank.v1beta1.Query/TotalSupply')!.request;
    const { pagination } = codec.decode(fromHex(asked[0].data)) as { pagination: object };
    const page = {
      key: Uint8Array.of(1, 2),
      limit: 3n,
      offset: 0n,
      countTotal: false,
      reverse: true,
    };
    assert.deepEqual({ ...pagination }, page);
    for (const wrong of ['--page-limit x', '--page-key ?', '--height -1']) {
      const args = ['query', 'bank', 'total-supply', ...wrong.split(' '), '--node', url];
      assert.equal((await run(args)).code, 64, wrong);
    }
  });
});
