/** gRPC as it goes over HTTP/2, to send what no gRPC client would. */
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { concat, type Bytes } from '../../node/base/bytes.ts';

export interface GrpcAnswer {
  /** Undefined when the stream was reset before a status came. */
  readonly status: number | undefined;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A message in its frame. */
export function frameOf(message: Bytes, isCompressed = false): Bytes {
  const head = new DataView(new ArrayBuffer(5));
  head.setUint8(0, isCompressed ? 1 : 0);
  head.setUint32(1, message.length);
  return concat(new Uint8Array(head.buffer), message);
}

/** The library does not write every message in the way that gRPC wants. */
function decoded(message: string): string {
  try {
    return decodeURI(message);
  } catch {
    return message;
  }
}

export function callGrpc(
  session: ClientHttp2Session,
  path: string,
  frame: Bytes,
  headers: OutgoingHttpHeaders = {},
): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const found: Record<string, unknown> = {};
    stream.on('response', (got) => Object.assign(found, got));
    stream.on('trailers', (got) => Object.assign(found, got));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const status = found['grpc-status'];
      const message = decoded(String((found['grpc-message'] as string | undefined) ?? ''));
      resolve({
        status: status === undefined ? undefined : Number(status),
        message,
        headers: found,
      });
    });
    stream.resume();
    stream.end(frame);
  });
}
