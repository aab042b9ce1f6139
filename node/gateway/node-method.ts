/** Methods that the node answers itself, from its blocks, its index or its pool, and not from the state. */
import type { Deadline } from '../base/deadline.ts';
import type { QueryRequest, QueryResponse } from '../app/abci.ts';
import { invalidArgument, queryFailure } from '../app/query-error.ts';
import { EMPTY, type Bytes } from '../base/bytes.ts';
import type { JsonCodec, Method } from './expected.ts';

export interface NodeMethod extends Method {
  /** Encoded request to encoded response. Throws QueryError or BitscaleError to refuse. */
  answer(data: Bytes, deadline?: Deadline): Promise<Bytes>;
}

/** Declares a method; the types of request and response follow from the codecs. */
export function nodeMethod<Req, Res>(
  path: string,
  [request, response]: readonly [object & { decode(bytes: Bytes): Req }, JsonEncoder<Res>],
  run: (request: Req, deadline?: Deadline) => Res | Promise<Res>,
): NodeMethod {
  const answer = async (data: Bytes, deadline?: Deadline): Promise<Bytes> =>
    response.encode(await run(decode(request, data), deadline)).finish();
  return {
    path,
    request: request as JsonCodec,
    response: response as unknown as JsonCodec,
    answer,
  };
}

interface JsonEncoder<Res> {
  encode(message: Res): { finish(): Bytes };
}

function decode<Req>(codec: { decode(bytes: Bytes): Req }, data: Bytes): Req {
  try {
    return codec.decode(data);
  } catch {
    throw invalidArgument('the request cannot be decoded');
  }
}

/** Refusals are answers with a code, like those of the application. */
export async function answerNodeMethod(
  method: NodeMethod,
  { data }: Pick<QueryRequest, 'data'>,
  height: number,
  deadline?: Deadline,
): Promise<QueryResponse> {
  const rest = { info: '', index: 0n, key: EMPTY, proofOps: [], height };
  try {
    return { code: 0, codespace: '', log: '', value: await method.answer(data, deadline), ...rest };
  } catch (error) {
    const { code, codespace, message: log } = queryFailure(error);
    return { code, codespace, log, value: EMPTY, ...rest };
  }
}
