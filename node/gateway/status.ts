/** gRPC status codes: from the ABCI answer, and as status of HTTP. */
import type { QueryResponse } from '../app/abci.ts';
import {
  INVALID_HEIGHT,
  INVALID_REQUEST,
  KEY_NOT_FOUND,
  UNAUTHORIZED,
  UNKNOWN_REQUEST,
} from '../base/sdk-errors.ts';

export const UNKNOWN = 2;
export const INVALID_ARGUMENT = 3;
export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const RESOURCE_EXHAUSTED = 8;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;

const BY_NAME: ReadonlyMap<string, number> = new Map([
  ['Unknown', UNKNOWN],
  ['InvalidArgument', INVALID_ARGUMENT],
  ['NotFound', NOT_FOUND],
  ['FailedPrecondition', 9],
  ['Unimplemented', UNIMPLEMENTED],
  ['Internal', INTERNAL],
  ['Unauthenticated', 16],
]);

/** Unknown is what a module refuses with an error of its own, so the client is at fault, not the node. */
const HTTP_STATUS: ReadonlyMap<number, number> = new Map([
  [UNKNOWN, 400],
  [INVALID_ARGUMENT, 400],
  [DEADLINE_EXCEEDED, 504],
  [NOT_FOUND, 404],
  [RESOURCE_EXHAUSTED, 429],
  [9, 400],
  [UNIMPLEMENTED, 501],
  [INTERNAL, 500],
  [UNAVAILABLE, 503],
  [16, 401],
]);

export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly code: number;
  /** When the same request may be answered. */
  readonly retrySeconds: number | undefined;

  constructor(code: number, message: string, retrySeconds?: number) {
    super(message);
    this.code = code;
    this.retrySeconds = retrySeconds;
  }

  get httpStatus(): number {
    return HTTP_STATUS.get(this.code) ?? 500;
  }
}

export const badRequest = (message: string): GatewayError =>
  new GatewayError(INVALID_ARGUMENT, message);

/** ABCI answers end with the text of their code, which gRPC does not have. */
const WRAPPERS = [INVALID_REQUEST, KEY_NOT_FOUND, UNAUTHORIZED, UNKNOWN_REQUEST];

function unwrapped(text: string, code: number): string {
  const wrapper = WRAPPERS.find((kind) => kind.code === code);
  const end = `: ${wrapper?.text}`;
  return wrapper && text.endsWith(end) ? text.slice(0, -end.length) : text;
}

const RPC_ERROR = /^rpc error: code = (\w+) desc = (.*)$/s;

/** The refusal that an ABCI answer holds; `tip` tells a future height from one that is pruned. */
export function refusal(response: QueryResponse, asked: number, tip: number): GatewayError {
  const { code, codespace, log } = response;
  const [, name = '', text = ''] = RPC_ERROR.exec(log) ?? [];
  const known = BY_NAME.get(name);
  if (known !== undefined) return new GatewayError(known, unwrapped(text, code));
  if (codespace !== 'sdk') return new GatewayError(UNKNOWN, log);
  if (code === INVALID_HEIGHT.code) {
    return new GatewayError(asked > tip ? INVALID_ARGUMENT : NOT_FOUND, log);
  }
  return new GatewayError(code === INVALID_REQUEST.code ? INVALID_ARGUMENT : UNKNOWN, log);
}
