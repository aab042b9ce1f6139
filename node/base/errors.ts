/**
 * The one typed error of the project. A user or a client sees `codespace`, `code` and the message; the
 * pair (codespace, code) is stable for ever, the text of Cosmos codes is part of their API.
 */

export interface ErrorKind {
  readonly codespace: string;
  readonly code: number;
  /** The registered text, for example "insufficient funds". */
  readonly text: string;
}

const registered = new Map<string, ErrorKind>();

/** Registers a kind of error once; refuses a second kind with the same codespace and code. */
export function defineError(codespace: string, code: number, text: string): ErrorKind {
  const key = `${codespace}/${code}`;
  if (registered.has(key)) throw new InvariantError(`error code ${key} is defined twice`);
  const kind: ErrorKind = Object.freeze({ codespace, code, text });
  registered.set(key, kind);
  return kind;
}

/** Every kind that loaded modules have defined, for the documentation table. */
export function definedErrors(): readonly ErrorKind[] {
  return [...registered.values()];
}

export class BitscaleError extends Error {
  readonly kind: ErrorKind;

  /** `detail` goes in front of the registered text, as the Cosmos SDK wraps: "detail: text". */
  constructor(kind: ErrorKind, detail?: string, options?: ErrorOptions) {
    super(detail === undefined || detail === '' ? kind.text : `${detail}: ${kind.text}`, options);
    this.name = 'BitscaleError';
    this.kind = kind;
  }

  /** The same refusal with what was being done in front of its message. */
  within(what: string): BitscaleError {
    const detail =
      this.message === this.kind.text ? '' : this.message.slice(0, -this.kind.text.length - 2);
    return new BitscaleError(this.kind, detail === '' ? what : `${what}: ${detail}`, {
      cause: this,
    });
  }

  get codespace(): string {
    return this.kind.codespace;
  }

  get code(): number {
    return this.kind.code;
  }
}

/** A bug in this program: the node must stop safely rather than go on with a broken state. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
