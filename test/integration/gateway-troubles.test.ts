/**
 * Bad moments of a node as clients of REST and gRPC see them: the real servers, with answers made for it. The number in a
 * name is that of the rule, as in gateway-bad-inputs.test.ts.
 */
import assert from 'node:assert/strict';
import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { MAX_WAITING_REQUESTS, REQUEST_BURST_SECONDS } from '../../node/base/limits.ts';
import { clientShare } from '../../node/base/loop-share.ts';
import type { Calls } from '../../node/gateway/calls.ts';
import { GrpcServer } from '../../node/gateway/grpc/server.ts';
import { RestServer } from '../../node/gateway/rest/server.ts';
import { fakeCalls, PATH as FAKE_METHOD, URL_PATH as FAKE_URL } from '../support/fake-calls.ts';
import { callGrpc, frameOf, type GrpcAnswer } from '../support/grpc.ts';
import { askRest, height, isRefusal, type Answer } from '../support/rest.ts';

const EMPTY = new Uint8Array(0);

interface Both {
  readonly rest: (path?: string, init?: RequestInit) => Promise<Answer>;
  readonly grpc: (headers?: OutgoingHttpHeaders) => Promise<GrpcAnswer>;
}

/** The real servers, with answers made for a test. */
async function withServers(
  calls: Calls,
  run: (both: Both) => Promise<void>,
  requestsPerSecond = 0,
): Promise<void> {
  const listen = { host: '127.0.0.1', port: 0, requestsPerSecond };
  const rest = new RestServer({ ...listen, corsOrigins: [], allowedHosts: [] }, calls);
  const grpc = new GrpcServer(listen, calls);
  const port = await rest.start();
  const session = connect(`http://127.0.0.1:${await grpc.start()}`);
  try {
    await run({
      rest: (path = FAKE_URL, init) => askRest(port, path, init),
      grpc: (headers) => callGrpc(session, FAKE_METHOD, frameOf(EMPTY), headers),
    });
  } finally {
    session.destroy();
    grpc.stop();
    await rest.stop();
  }
}

describe('REST and gRPC: a node in trouble', () => {
  const TROUBLES: [string, Calls][] = [
    ['22 a syncing node', fakeCalls({ isSyncing: true })],
    ['22 a node without state', fakeCalls({ tip: 0 })],
  ];
  for (const [name, calls] of TROUBLES) {
    it(`${name}: 503, code 14, and when to come again`, async () => {
      await withServers(calls, async ({ rest, grpc }) => {
        const answer = await rest();
        isRefusal(answer, 503, 14);
        assert.equal(answer.headers.get('retry-after'), '1');
        const { status, headers } = await grpc();
        assert.deepEqual([status, headers['retry-after']], [14, '1']);
      });
    });
  }

  it('22 a syncing node still answers about old heights', async () => {
    await withServers(fakeCalls({ isSyncing: true }), async ({ rest, grpc }) => {
      assert.equal((await rest(FAKE_URL, height('3'))).status, 200);
      assert.equal((await grpc({ 'x-cosmos-block-height': '3' })).status, 0);
    });
  });

  it('23 an address that asks too often: 429, code 8, and when to come again', async () => {
    const perSecond = 2;
    const burst = perSecond * REQUEST_BURST_SECONDS;
    await withServers(
      fakeCalls(),
      async ({ rest, grpc }) => {
        const answers = await Promise.all(Array.from({ length: 10 * burst }, () => rest()));
        const refused = answers.filter(({ status }) => status !== 200);
        assert.ok(answers.length - refused.length >= burst);
        assert.ok(refused.length > 0);
        for (const answer of refused) {
          isRefusal(answer, 429, 8);
          assert.equal(answer.headers.get('retry-after'), '1');
        }
        const calls = await Promise.all(Array.from({ length: 10 * burst }, () => grpc()));
        const limited = calls.filter(({ status }) => status !== 0);
        assert.ok(calls.length - limited.length >= burst && limited.length > 0);
        for (const { status, headers } of limited) {
          assert.deepEqual([status, headers['retry-after']], [8, '1']);
        }
      },
      perSecond,
    );
  });

  it('23 an address that asks too often takes no place among those that wait', async () => {
    let isFull = true;
    const wait = (): void => {
      if (isFull) clientShare.later(wait);
    };
    await withServers(
      fakeCalls(),
      async ({ rest, grpc }) => {
        for (let i = 1; i < REQUEST_BURST_SECONDS; i++) await Promise.all([rest(), grpc()]);
        for (let i = 0; i < MAX_WAITING_REQUESTS; i++) clientShare.later(wait);
        try {
          const ask = async (): Promise<(number | undefined)[]> => {
            const answers = await Promise.all([rest(), grpc()]);
            return answers.map(({ status }) => status);
          };
          let statuses = await ask();
          assert.deepEqual(statuses, [503, 14]);
          // A slow machine is given another request meanwhile, which finds no place either.
          while (statuses.includes(503) || statuses.includes(14)) statuses = await ask();
          assert.deepEqual(statuses, [429, 8]);
        } finally {
          isFull = false;
        }
      },
      1,
    );
  });

  it('25 a fault of the node: 500, code 13, a number and nothing else; the log has the rest', async () => {
    const errors: string[] = [];
    const query = (): never => {
      throw new TypeError('secret path /home/x');
    };
    await withServers(fakeCalls({ query, errors }), async ({ rest, grpc }) => {
      const answer = await rest();
      isRefusal(answer, 500, 13);
      const { status, message } = await grpc();
      assert.equal(status, 13);
      for (const [i, text] of [String(answer.body['message']), message].entries()) {
        const [, id = ''] = /^internal error (\d+-\d+)$/.exec(text) ?? [];
        assert.ok(
          id !== '' && errors[i]?.includes(`"${id}"`) && errors[i].includes('secret'),
          text,
        );
      }
    });
  });
});
