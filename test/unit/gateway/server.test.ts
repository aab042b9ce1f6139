/** What a real node seldom shows: no state, faults, names of the server, pages of other origins. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { QueryRequest, QueryResponse } from '../../../node/app/abci.ts';
import { EMPTY } from '../../../node/base/bytes.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { Calls } from '../../../node/gateway/calls.ts';
import { fakeCalls, METHOD, OK, PATH, URL_PATH } from '../../support/fake-calls.ts';
import { RestServer, type RestOptions } from '../../../node/gateway/rest/server.ts';
import type { Deadline } from '../../../node/base/deadline.ts';
import type { Queries } from '../../../node/gateway/expected.ts';
import {
  DEADLINE_EXCEEDED,
  GatewayError,
  INTERNAL,
  refusal,
  UNIMPLEMENTED,
} from '../../../node/gateway/status.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

/** One request to a server of its own. */
async function ask(
  calls: Calls,
  headers: Record<string, string> = {},
  options: Partial<RestOptions> = {},
): Promise<Answer> {
  const host = '127.0.0.1';
  const server = new RestServer(
    { host, port: 0, corsOrigins: [], allowedHosts: [], requestsPerSecond: 0, ...options },
    calls,
  );
  const port = await server.start();
  const answer = await new Promise<Answer>((resolve, reject) => {
    request({ host, port, path: URL_PATH, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
  await server.stop();
  return answer;
}

describe('the REST server', () => {
  it('says unavailable, and when to come again, while there is no state', async () => {
    const { status, headers, body } = await ask(fakeCalls({ tip: 0 }));
    assert.deepEqual([status, body['code'], headers['retry-after']], [503, 14, '1']);
  });

  it('tells of a fault only a number, which the log has with the rest', async () => {
    const errors: string[] = [];
    const query = (): never => {
      throw new TypeError('secret path /home/x');
    };
    const { status, body } = await ask(fakeCalls({ query, errors }));
    assert.deepEqual([status, body['code'], body['details']], [500, 13, []]);
    const [, id = ''] = /^internal error (\d+-\d+)$/.exec(String(body['message'])) ?? [];
    assert.equal(errors.length, 1);
    assert.ok(errors[0]?.includes(id) && errors[0].includes('secret'));
  });

  it('answers to its own names only', async () => {
    const foreign = { host: 'evil.example' };
    assert.equal((await ask(fakeCalls(), foreign)).status, 403);
    for (const host of ['localhost', '127.0.0.1:1317', '[::1]:1317']) {
      assert.equal((await ask(fakeCalls(), { host })).status, 200, host);
    }
    const allowedHosts = ['api.example'];
    assert.equal((await ask(fakeCalls(), { host: 'api.example' }, { allowedHosts })).status, 200);
  });

  it('lets pages of listed origins read answers and no others', async () => {
    const corsOrigins = ['https://a.example'];
    const allowed = async (origin: string): Promise<unknown> => {
      const { headers } = await ask(fakeCalls(), { origin }, { corsOrigins });
      return headers['access-control-allow-origin'];
    };
    assert.equal(await allowed('https://a.example'), 'https://a.example');
    assert.equal(await allowed('https://b.example'), undefined);
  });

  it('hands the height on, by either name of the header', async () => {
    for (const name of ['x-cosmos-block-height', 'grpc-metadata-x-cosmos-block-height']) {
      const heights: number[] = [];
      const query = ({ height }: QueryRequest): QueryResponse => {
        heights.push(height);
        return { ...OK, height };
      };
      const { headers } = await ask(fakeCalls({ query }), { [name]: '5' });
      assert.deepEqual([heights, headers['x-cosmos-block-height']], [[5], '5']);
    }
  });
});

describe('calls', () => {
  it('of methods that nobody answers are unimplemented', async () => {
    const called = fakeCalls().call('/a.B/C', EMPTY, 0);
    await assert.rejects(called, (error: GatewayError) => error.code === UNIMPLEMENTED);
  });

  it('never throw anything but what a client may see', async () => {
    const query = (): never => {
      throw new RangeError('x');
    };
    const called = fakeCalls({ query }).call(PATH, EMPTY, 0);
    await assert.rejects(
      called,
      (error) => error instanceof GatewayError && error.code === INTERNAL,
    );
  });

  it('that take longer than the client waits are late, and what works on them is told', async () => {
    let deadline: Deadline | undefined;
    const query: Queries['query'] = (_asked, given) => {
      deadline = given;
      return new Promise(() => undefined);
    };
    const called = fakeCalls({ query }).call(PATH, EMPTY, 0, 5);
    const isLate = (error: unknown): boolean =>
      error instanceof GatewayError && error.code === DEADLINE_EXCEEDED;
    await assert.rejects(called, isLate);
    assert.throws(() => deadline?.check(), isLate);
  });

  it('of clients that wait no longer are not even begun', async () => {
    const query = (): never => assert.fail('asked');
    for (const withinMs of [0, -1]) {
      const called = fakeCalls({ query }).call(PATH, EMPTY, 0, withinMs);
      await assert.rejects(called, (error: GatewayError) => error.code === DEADLINE_EXCEEDED);
    }
  });

  it('a method claimed twice is a fault of the program', () => {
    const queries = {
      methods: [METHOD, METHOD],
      query: () => OK,
      isSyncing: () => false,
      tip: () => 1,
      type: () => undefined,
    };
    assert.throws(() => new Calls(queries, silentLogger), /claimed twice/);
  });

  const REFUSED: [Partial<QueryResponse>, number, string][] = [
    [{ code: 22, log: 'rpc error: code = NotFound desc = a: b: key not found' }, 5, 'a: b'],
    [{ code: 18, log: 'rpc error: code = InvalidArgument desc = x: invalid request' }, 3, 'x'],
    [
      { code: 6, log: 'rpc error: code = Unknown desc = two\nlines: unknown request' },
      2,
      'two\nlines',
    ],
    [{ code: 26, log: 'pruned' }, 5, 'pruned'],
    [{ code: 18, log: 'odd' }, 3, 'odd'],
    [{ code: 6, log: 'odd' }, 2, 'odd'],
    [{ code: 26, codespace: 'ledger', log: 'odd' }, 2, 'odd'],
  ];
  for (const [response, code, message] of REFUSED) {
    it(`${JSON.stringify(response)} is code ${code}`, () => {
      const error = refusal({ ...OK, codespace: 'sdk', ...response }, 3, 7);
      assert.deepEqual([error.code, error.message], [code, message]);
    });
  }

  it('a height above the tip is the client’s mistake, one below is gone', () => {
    const response = { ...OK, codespace: 'sdk', code: 26, log: 'height' };
    assert.deepEqual(
      [8, 7].map((asked) => refusal(response, asked, 7).code),
      [3, 5],
    );
  });
});
