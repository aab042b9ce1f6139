/**
 * CometBFT's query language: conditions joined by AND. A condition is `tag op value`; the operators are
 * = < <= > >= CONTAINS EXISTS.
 */
import { MAX_QUERY_BYTES } from '../../base/limits.ts';
import { invalidParams, refused } from '../errors.ts';
import { ScanError, scan, type Token, type TokenKind } from './scanner.ts';
import { compareDecimal, leadingDecimal, parseDay, parseInstant } from './values.ts';

export type Operator = '=' | '<' | '<=' | '>' | '>=' | 'CONTAINS' | 'EXISTS';

export interface Condition {
  /** `type.attribute` of an event, or a reserved key such as tx.height. */
  readonly tag: string;
  readonly op: Operator;
  /** The value as written, without quotes; '' for EXISTS. */
  readonly value: string;
  readonly valueKind: 'string' | 'number' | 'timestamp' | 'datestamp' | 'none';
  matches(value: string): boolean;
}

export interface Query {
  readonly conditions: readonly Condition[];
  /** Normal form: equal queries have equal texts. */
  readonly text: string;
}

const OPERATORS: readonly TokenKind[] = [
  '<= operator',
  '>= operator',
  '< operator',
  '> operator',
  '= operator',
  'CONTAINS operator',
  'EXISTS operator',
];
const ORDERED: readonly TokenKind[] = ['number', 'timestamp', 'datestamp'];

/**
 * Parses a query. Too long or not readable as tokens: invalid params. Readable but not a query: the
 * internal error with CometBFT's text.
 */
export function parseQuery(text: string): Query {
  if (Buffer.byteLength(text) > MAX_QUERY_BYTES) {
    throw invalidParams('maximum query length exceeded');
  }
  const tokens = scanned(text);
  let at = 0;
  const take = (...wanted: readonly TokenKind[]): Token => {
    const token = tokens[at++];
    if (token && wanted.includes(token.kind)) return token;
    const offset = token?.offset ?? 0;
    const got = token?.kind === 'end' ? 'EOF' : `got ${token?.kind}, wanted ${wantedText(wanted)}`;
    throw refused(`failed to parse query: offset ${offset}: ${got}`);
  };
  const conditions = [condition(take)];
  while (tokens[at]?.kind !== 'end') {
    take('AND operator');
    conditions.push(condition(take));
  }
  return { conditions, text: conditions.map(conditionText).join(' AND ') };
}

function scanned(text: string): Token[] {
  try {
    return scan(text);
  } catch (error) {
    if (error instanceof ScanError) throw invalidParams(`failed to parse query: ${error.message}`);
    throw error;
  }
}

function wantedText(kinds: readonly TokenKind[]): string {
  if (kinds.length === 1) return String(kinds[0]);
  return `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
}

function condition(take: (...wanted: readonly TokenKind[]) => Token): Condition {
  const tag = take('tag').text;
  const op = take(...OPERATORS).kind.replace(' operator', '') as Operator;
  if (op === 'EXISTS') return { tag, op, value: '', valueKind: 'none', matches: () => true };
  const argument = take(...argumentKinds(op));
  const value = argument.text;
  const valueKind = argument.kind as Condition['valueKind'];
  return { tag, op, value, valueKind, matches: matcher(op, valueKind, value) };
}

function argumentKinds(op: Operator): readonly TokenKind[] {
  if (op === 'CONTAINS') return ['string'];
  return op === '=' ? [...ORDERED, 'string'] : ORDERED;
}

function matcher(
  op: Operator,
  kind: Condition['valueKind'],
  value: string,
): (text: string) => boolean {
  if (op === 'CONTAINS') return (text) => text.includes(value);
  if (kind === 'string') return (text) => text === value;
  const compare = comparer(kind, value);
  return (text) => {
    const order = compare(text);
    return order !== undefined && holds(op, order);
  };
}

/** Order of an attribute's text against the query's value; undefined when the text has another form. */
function comparer(
  kind: Condition['valueKind'],
  value: string,
): (text: string) => number | undefined {
  if (kind === 'number') {
    const bound = leadingDecimal(value);
    return (text) => {
      const number = leadingDecimal(text);
      return number && bound && compareDecimal(number, bound);
    };
  }
  const parse = kind === 'datestamp' ? parseDay : parseInstant;
  const bound = parse(value);
  return (text) => {
    const time = parse(text);
    if (time === undefined || bound === undefined) return undefined;
    return time < bound ? -1 : Number(time > bound);
  };
}

function holds(op: Operator, order: number): boolean {
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return order === 0;
  }
}

function conditionText({ tag, op, value, valueKind }: Condition): string {
  switch (valueKind) {
    case 'none':
      return `${tag} ${op}`;
    case 'string':
      return `${tag} ${op} '${value}'`;
    case 'timestamp':
      return `${tag} ${op} TIME ${value}`;
    case 'datestamp':
      return `${tag} ${op} DATE ${value}`;
    default:
      return `${tag} ${op} ${value}`;
  }
}

/** Attribute values by `type.attribute`, several per key. */
export type Tags = ReadonlyMap<string, readonly string[]>;

/** Does what happened satisfy every condition? Each condition looks at all its events. */
export function matchesTags(query: Query, tags: Tags): boolean {
  return query.conditions.every((condition) => {
    const values = tags.get(condition.tag);
    if (values) return values.some((value) => condition.matches(value));
    return hasType(condition.tag, tags) && condition.matches('');
  });
}

function hasType(type: string, tags: Tags): boolean {
  for (const key of tags.keys()) {
    if (key.lastIndexOf('.') === type.length && key.startsWith(type)) return true;
  }
  return false;
}
