/** Refusals of queries. Clients match on the words that gRPC status codes get in the ABCI log. */
import { BitscaleError, type ErrorKind } from '../base/errors.ts';
import {
  INVALID_ADDRESS,
  INVALID_COINS,
  INVALID_REQUEST,
  KEY_NOT_FOUND,
  NOT_FOUND,
  UNAUTHORIZED,
  UNKNOWN_REQUEST,
} from '../base/sdk-errors.ts';

export type GrpcStatus =
  | 'Unknown'
  | 'InvalidArgument'
  | 'NotFound'
  | 'FailedPrecondition'
  | 'Unauthenticated'
  | 'Unimplemented'
  | 'Internal';

export class QueryError extends Error {
  override name = 'QueryError';
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus, message: string) {
    super(message);
    this.status = status;
  }
}

export function notFound(message: string): QueryError {
  return new QueryError('NotFound', message);
}

export function invalidArgument(message: string): QueryError {
  return new QueryError('InvalidArgument', message);
}

const KIND: Partial<Record<GrpcStatus, ErrorKind>> = {
  NotFound: KEY_NOT_FOUND,
  InvalidArgument: INVALID_REQUEST,
  FailedPrecondition: INVALID_REQUEST,
  Unauthenticated: UNAUTHORIZED,
};

/** The refusal as ABCI code and log. An error that is no refusal is thrown on. */
export function queryFailure(error: unknown): BitscaleError {
  const refusal = asQueryError(error);
  const text = `rpc error: code = ${refusal.status} desc = ${refusal.message}`;
  return new BitscaleError(KIND[refusal.status] ?? UNKNOWN_REQUEST, text);
}

function asQueryError(error: unknown): QueryError {
  if (error instanceof QueryError) return error;
  if (!(error instanceof BitscaleError)) throw error;
  return new QueryError(statusOf(error.kind), error.message);
}

function statusOf(kind: ErrorKind): GrpcStatus {
  if (kind === NOT_FOUND || kind === KEY_NOT_FOUND) return 'NotFound';
  const bad = kind === INVALID_ADDRESS || kind === INVALID_COINS || kind === INVALID_REQUEST;
  return bad ? 'InvalidArgument' : 'Unknown';
}
