/** JSON-RPC errors with CometBFT's codes and texts. */

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const SERVER_ERROR = -32000;

const TEXTS: ReadonlyMap<number, string> = new Map([
  [PARSE_ERROR, 'Parse error. Invalid JSON'],
  [INVALID_REQUEST, 'Invalid Request'],
  [METHOD_NOT_FOUND, 'Method not found'],
  [INVALID_PARAMS, 'Invalid params'],
  [INTERNAL_ERROR, 'Internal error'],
  [SERVER_ERROR, 'Server error'],
]);

/** An answer to a client that asked for something this node cannot or will not give. */
export class RpcError extends Error {
  override name = 'RpcError';
  readonly code: number;
  readonly data: string;

  constructor(code: number, data: string) {
    super(TEXTS.get(code) ?? 'Server error');
    this.code = code;
    this.data = data;
  }
}

export function invalidParams(detail: string): RpcError {
  return new RpcError(INVALID_PARAMS, detail);
}

/** The request is well formed and cannot be answered; CometBFT calls this an internal error. */
export function refused(detail: string): RpcError {
  return new RpcError(INTERNAL_ERROR, detail);
}
