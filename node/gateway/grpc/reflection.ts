/** grpc.reflection v1 and v1alpha, by which grpcurl and its like find out what there is. The two differ in name. */
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import type { Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { ProtoReader } from '../../base/proto-reader.ts';
import { ProtoWriter } from '../../base/proto-writer.ts';
import { INVALID_ARGUMENT, NOT_FOUND } from '../status.ts';
import { Descriptors } from './descriptors.ts';

export const REFLECTION_SERVICES = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** The method of a service of reflection. */
export const pathOf = (service: string): string => `/${service}/ServerReflectionInfo`;

/** Fields of the request, of which a client sets one. */
const [HOST, BY_NAME, BY_SYMBOL, BY_EXTENSION, EXTENSIONS, LIST] = [1, 3, 4, 5, 6, 7];
/** Fields of the response. */
const [ORIGINAL, FILES, SERVICES, ERROR] = [2, 4, 6, 7];

interface Question {
  readonly host: string;
  readonly kind: number;
  readonly text: string;
}

export class Reflection {
  readonly #services: readonly string[];
  readonly #descriptors: Descriptors;

  /** `methods` are the paths of all methods besides reflection. */
  constructor(methods: readonly string[]) {
    const paths = [...methods, ...REFLECTION_SERVICES.map(pathOf)];
    const services = paths.map((path) => path.slice(1, path.lastIndexOf('/')));
    this.#services = [...new Set(services)].sort();
    this.#descriptors = new Descriptors(new Set(paths));
  }

  /** One stream: every question gets its answer, in order. */
  readonly handler: handleBidiStreamingCall<Buffer, Bytes> = (call) => {
    call.on('data', (request: Buffer) => {
      // A client that asks faster than it reads waits.
      if (!call.write(this.answer(new Uint8Array(request)))) {
        call.pause();
        call.once('drain', () => call.resume());
      }
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  };

  /** Encoded ServerReflectionRequest to encoded ServerReflectionResponse. */
  answer(request: Bytes): Bytes {
    const writer = new ProtoWriter();
    const question = read(request);
    if (question === undefined) {
      writer.message(ORIGINAL, request);
      return refuse(writer, INVALID_ARGUMENT, 'the request cannot be read').finish();
    }
    writer.string(HOST, question.host).message(ORIGINAL, request);
    return this.#answer(writer, question).finish();
  }

  #answer(writer: ProtoWriter, { kind, text }: Question): ProtoWriter {
    if (kind === LIST) {
      return writer.nested(SERVICES, (list) => {
        for (const name of this.#services) list.nested(1, (service) => service.string(1, name));
      });
    }
    const files =
      kind === BY_NAME ? this.#descriptors.byName(text) : this.#descriptors.bySymbol(text);
    if (files === undefined || kind === BY_EXTENSION || kind === EXTENSIONS) {
      return refuse(writer, NOT_FOUND, `not found: ${text.slice(0, 200)}`);
    }
    return writer.nested(FILES, (list) => {
      for (const file of files) list.bytes(1, file);
    });
  }
}

function refuse(writer: ProtoWriter, code: number, message: string): ProtoWriter {
  return writer.nested(ERROR, (error) => error.int64(1, code).string(2, message));
}

function read(request: Bytes): Question | undefined {
  let question: Question = { host: '', kind: 0, text: '' };
  try {
    const reader = new ProtoReader(request, { allowUnknown: true });
    while (reader.next()) {
      const kind = reader.field;
      if (kind === HOST) question = { ...question, host: reader.string() };
      else if (kind === BY_EXTENSION)
        question = { ...question, kind, text: extension(reader.bytes()) };
      else if ([BY_NAME, BY_SYMBOL, EXTENSIONS, LIST].includes(kind)) {
        question = { ...question, kind, text: reader.string() };
      } else reader.unknown();
    }
  } catch (error) {
    if (error instanceof BitscaleError) return undefined;
    throw error;
  }
  return question.kind === 0 ? undefined : question;
}

/** Nothing here has extensions, so only their name matters, for the refusal. */
const extension = (bytes: Bytes): string => `extensions (${bytes.length} bytes)`;
