/** The same methods over gRPC: bytes in, bytes out, nothing is decoded here. */
import {
  Metadata,
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type handleUnaryCall,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Bytes } from '../../base/bytes.ts';
import { MAX_GRPC_CONCURRENT_CALLS, MAX_GRPC_MESSAGE_BYTES } from '../../base/limits.ts';
import { clientShare } from '../../base/loop-share.ts';
import { overloaded, type Calls } from '../calls.ts';
import { addressOfPeer, ClientRates } from '../client-rates.ts';
import { readHeight } from '../rest/handler.ts';
import { pathOf, Reflection, REFLECTION_SERVICES } from './reflection.ts';

const HEIGHT_KEY = 'x-cosmos-block-height';

export interface GrpcOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Of one address; 0: as client-rates.ts says. */
  readonly requestsPerSecond: number;
}

export class GrpcServer {
  readonly #options: GrpcOptions;
  readonly #server: Server;

  constructor(options: GrpcOptions, calls: Calls) {
    this.#options = options;
    this.#server = new Server({
      'grpc.max_receive_message_length': MAX_GRPC_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': MAX_GRPC_CONCURRENT_CALLS,
      interceptors: [plainOnly],
    });
    const rates = new ClientRates(options.host, options.requestsPerSecond);
    const definition: Record<string, ServiceDefinition[string]> = {};
    const handlers: UntypedServiceImplementation = {};
    for (const { path } of calls.methods) {
      definition[path] = { path, requestStream: false, responseStream: false, ...RAW };
      handlers[path] = unary(calls, rates, path);
    }
    const reflection = new Reflection(calls.methods.map(({ path }) => path));
    for (const path of REFLECTION_SERVICES.map(pathOf)) {
      definition[path] = { path, requestStream: true, responseStream: true, ...RAW };
      handlers[path] = reflection.handler;
    }
    this.#server.addService(definition, handlers);
  }

  /** Resolves with the port that is listened on. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

const same = (bytes: Buffer): Buffer => bytes;
const toBuffer = (bytes: Bytes): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
const RAW = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: toBuffer,
  responseDeserialize: same,
};

const msLeft = (deadline: Date | number): number => Number(deadline) - Date.now();

/** What the library keeps of a call's headers. */
interface Encoded {
  incomingEncoding?: string;
}

/**
 * Go's servers read compressed messages only when told to, and the SDK's are not: they answer code 12. The library
 * would unpack them; it refuses encodings that it does not know.
 */
const plainOnly: ServerInterceptor = (_method, call) => {
  const encoded = call as Encoded;
  if ((encoded.incomingEncoding ?? 'identity') !== 'identity')
    encoded.incomingEncoding += ' (refused)';
  const responder = new ResponderBuilder().withSendMetadata((metadata, next) => {
    metadata.set('grpc-accept-encoding', 'identity');
    next(metadata);
  });
  return new ServerInterceptingCall(call, responder.build());
};

function unary(calls: Calls, rates: ClientRates, path: string): handleUnaryCall<Buffer, Bytes> {
  return (call, reply) => {
    const { request, metadata } = call;
    const answer = async (): Promise<void> => {
      const [height] = metadata.get(HEIGHT_KEY);
      // Modules keep slices of what they are given, so it must be plain bytes of its own.
      const data = new Uint8Array(request);
      const asked = height === undefined ? 0 : readHeight(String(height));
      const { value, height: at } = await calls.call(path, data, asked, msLeft(call.getDeadline()));
      const header = new Metadata();
      header.set(HEIGHT_KEY, String(at));
      call.sendMetadata(header);
      reply(null, value);
    };
    const refuse = (error: unknown) => {
      const { code, message, retrySeconds } = calls.known(error, path);
      const trailer = new Metadata();
      if (retrySeconds !== undefined) trailer.set('retry-after', String(retrySeconds));
      // A request may have put half a character into the message, and the library ends the process over it.
      reply({ code, details: message.toWellFormed(), metadata: trailer });
    };
    const tooOften = rates.refusal(addressOfPeer(call.getPeer()));
    if (tooOften) return refuse(tooOften);
    clientShare.run(
      () => void answer().catch(refuse),
      () => refuse(overloaded()),
    );
  };
}
