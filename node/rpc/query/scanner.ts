/**
 * Tokens of CometBFT's query language. Hand-written and linear in the length of the text: no regular
 * expression ever sees user input of unbounded shape.
 */
import { parseQueryDate, parseQueryTime } from './values.ts';

export type TokenKind =
  | 'tag'
  | 'string'
  | 'number'
  | 'timestamp'
  | 'datestamp'
  | 'AND operator'
  | 'CONTAINS operator'
  | 'EXISTS operator'
  | '= operator'
  | '< operator'
  | '<= operator'
  | '> operator'
  | '>= operator'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset in the query, UTF-8 bytes. */
  readonly offset: number;
}

/** The text cannot be split into tokens at all. */
export class ScanError extends Error {
  override name = 'ScanError';
}

const WORDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ['AND', 'AND operator'],
  ['CONTAINS', 'CONTAINS operator'],
  ['EXISTS', 'EXISTS operator'],
]);
const LETTER = /^[\p{L}\p{Nd}]$/u;

const isDigit = (ch: string): boolean => ch >= '0' && ch <= '9' && ch.length === 1;
const isSpace = (ch: string): boolean => ch.trim() === '';
const isFirstTagChar = (ch: string): boolean => ch === '_' || LETTER.test(ch);
const isTagChar = (ch: string): boolean => ch === '.' || ch === '-' || isFirstTagChar(ch);
const isDateChar = (ch: string): boolean => ch === '-' || isDigit(ch);
const isTimeChar = (ch: string): boolean => '-T:+Z'.includes(ch) || isDigit(ch);

class Scanner {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#chars = [...text];
  }

  next(): Token {
    while (this.#at < this.#chars.length && isSpace(this.#peek())) this.#at++;
    const start = this.#at;
    const offset = Buffer.byteLength(this.#chars.slice(0, start).join(''));
    if (start === this.#chars.length) return { kind: 'end', text: '', offset };
    const ch = this.#peek();
    const made = (kind: TokenKind, text: string): Token => ({ kind, text, offset });
    if (isDigit(ch)) return made('number', this.#number());
    if (isFirstTagChar(ch)) return this.#word(offset);
    if (ch === "'") return made('string', this.#string(offset));
    if (ch === '<' || ch === '>' || ch === '=') return made(this.#comparison(ch), ch);
    throw new ScanError(`offset ${offset}: invalid input ${ch} at offset ${offset + 1}`);
  }

  #peek(): string {
    return this.#chars[this.#at] ?? '';
  }

  #while(accept: (ch: string) => boolean): string {
    const start = this.#at;
    while (this.#at < this.#chars.length && accept(this.#peek())) this.#at++;
    return this.#chars.slice(start, this.#at).join('');
  }

  #number(): string {
    const whole = this.#while(isDigit);
    if (this.#peek() !== '.') return whole;
    this.#at++;
    return `${whole}.${this.#while(isDigit)}`;
  }

  #string(offset: number): string {
    this.#at++;
    const text = this.#while((ch) => ch !== "'");
    if (this.#at === this.#chars.length) throw new ScanError(`offset ${offset}: EOF`);
    this.#at++;
    return text;
  }

  #comparison(first: '<' | '>' | '='): TokenKind {
    this.#at++;
    if (first === '=' || this.#peek() !== '=') return `${first} operator`;
    this.#at++;
    return `${first}= operator`;
  }

  #word(offset: number): Token {
    const text = this.#while(isTagChar);
    const stamp = this.#peek() === ' ' && (text === 'TIME' || text === 'DATE');
    if (!stamp) return { kind: WORDS.get(text) ?? 'tag', text, offset };
    this.#at++;
    const isTime = text === 'TIME';
    const value = this.#while(isTime ? isTimeChar : isDateChar);
    if ((isTime ? parseQueryTime(value) : parseQueryDate(value)) === undefined) {
      throw new ScanError(`offset ${offset}: invalid ${text} value: ${value}`);
    }
    return { kind: isTime ? 'timestamp' : 'datestamp', text: value, offset };
  }
}

/** All tokens of `text`, the last one of kind `end`. Throws ScanError. */
export function scan(text: string): Token[] {
  const scanner = new Scanner(text);
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next();
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}
