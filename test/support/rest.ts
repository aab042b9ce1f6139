/** Requests to REST, and what every refusal looks like. */
import assert from 'node:assert/strict';

type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

export async function askRest(port: number, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Json;
  return { status: response.status, body, headers: response.headers };
}

export function isRefusal({ status, body }: Answer, expected: number, code: number): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ['code', 'message', 'details']);
  assert.deepEqual([body['code'], body['details']], [code, []]);
  assert.doesNotMatch(String(body['message']), /rpc error|\n/);
}

export const height = (value: string): RequestInit => ({
  headers: { 'x-cosmos-block-height': value },
});
