/** A small reader of TypeScript and JavaScript text: enough to judge style, far faster than a compiler. */

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the contents of strings and regular expressions blanked; same offsets. */
  readonly code: string;
  readonly lines: number;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface Block {
  /** The text between the previous statement and the opening brace. */
  readonly header: string;
  readonly line: number;
  readonly lines: number;
}

export function parseSource(path: string, text: string): Source {
  return { path, text, code: blank(text), lines: text.split('\n').length - 1 };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (text.charCodeAt(i) === 10) line++;
  return line;
}

/** Ends of what starts at `start`, one past its last character. */
function endOfComment(text: string, start: number): number {
  const close = text[start + 1] === '/' ? '\n' : '*/';
  const end = text.indexOf(close, start + 2);
  if (end < 0) return text.length;
  return close === '\n' ? end : end + 2;
}

function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[start] || text[i] === '\n') return i + 1;
  }
  return text.length;
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false;
  for (let i = start + 1; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if ((char === '/' && !inClass) || char === '\n') return i + 1;
  }
  return text.length;
}

/** A slash starts a regular expression where a value may start. */
function startsRegExp(code: string): boolean {
  const before = code.trimEnd();
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|void|throw|else)$/.test(before.slice(-12)))
    return true;
  return before === '' || !/[\w$)\]}'"`]$/.test(before);
}

const spaces = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Keeps the first and last character of a string, so that imports can be found by their quotes. */
function blankInside(text: string): string {
  return text.length < 2 ? text : text[0]! + spaces(text.slice(1, -1)) + text.at(-1)!;
}

function blank(text: string): string {
  let code = '';
  let at = 0;
  /** For each template literal that is open: the depth of braces in its current ${}. */
  const templates: number[] = [];
  const take = (end: number, change: (part: string) => string): void => {
    code += change(text.slice(at, end));
    at = end;
  };
  const takeTemplate = (): void => {
    let end = at + 1;
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
      end += text[end] === '\\' ? 2 : 1;
    }
    const opensExpression = text[end] === '$';
    if (opensExpression) templates.push(0);
    take(Math.min(text.length, end + (opensExpression ? 2 : 1)), spaces);
  };
  while (at < text.length) {
    const char = text[at]!;
    const two = text.slice(at, at + 2);
    if (two === '//' || two === '/*') take(endOfComment(text, at), spaces);
    else if (char === "'" || char === '"') take(endOfQuoted(text, at), blankInside);
    else if (char === '`') takeTemplate();
    else if (char === '}' && templates.at(-1) === 0) {
      templates.pop();
      takeTemplate();
    } else if (char === '/' && startsRegExp(code.slice(-40))) take(endOfRegExp(text, at), spaces);
    else {
      if (templates.length > 0 && char === '{') templates[templates.length - 1]!++;
      if (templates.length > 0 && char === '}') templates[templates.length - 1]!--;
      take(at + 1, (part) => part);
    }
  }
  return code;
}

const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])/g;

/** Every import and re-export, type-only and dynamic ones too. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  for (const match of source.code.matchAll(IMPORT)) {
    const start = match.index + match[0].length;
    const end = source.code.indexOf(match[1]!, start);
    const specifier = source.text.slice(start, end);
    found.push({ specifier, line: lineAt(source.text, match.index) });
  }
  return found;
}

/** Blocks in braces of more than `limit` lines. */
export function longBlocks(source: Source, limit: number): Block[] {
  const { code } = source;
  const found: Block[] = [];
  const open: { at: number; line: number }[] = [];
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    const char = code[at];
    if (char === '\n') line++;
    else if (char === '{') open.push({ at, line });
    else if (char === '}') {
      const start = open.pop();
      if (start === undefined || line - start.line + 1 <= limit) continue;
      const header = headerBefore(code, start.at);
      found.push({ header, line: start.line, lines: line - start.line + 1 });
    }
  }
  return found;
}

/** Back to the end of the previous statement, over balanced brackets. */
function headerBefore(code: string, brace: number): string {
  let depth = 0;
  let start = brace - 1;
  for (; start >= 0; start--) {
    const char = code[start]!;
    const isTypeBrace =
      char === '}' && (depth > 0 || /^\s*[>|&[]/.test(code.slice(start + 1, brace)));
    if (')]'.includes(char) || isTypeBrace) depth++;
    else if ('(['.includes(char) && depth > 0) depth--;
    else if (char === '{' && depth > 0) depth--;
    else if (depth === 0 && ';{}(['.includes(char)) break;
  }
  return code.slice(start + 1, brace).trim();
}

const CONTROL = /^(?:else\s+)?(?:if|for|while|switch|catch|with|do|try|else|finally)\b/;

/** Is the block with this header the body of a function, method or arrow function? */
export function isFunctionHeader(header: string): boolean {
  if (CONTROL.test(header) || /\b(?:class|interface)\s+\w/.test(header)) return false;
  if (header.endsWith('=>') || /\bfunction\b/.test(header)) return true;
  return header.endsWith(')') || /\)\s*:\s*[^=]+$/.test(header);
}

const PARAMETERS = /\bfunction\s*\*?\s*([\w$]*)\s*(?:<[^(){}]*>)?\(|\b(constructor)\s*\(/g;

const METHOD =
  /^[ \t]+(?:(?:async|static|override|private|protected) +|\*)*(#?[\w$]+)(?:<[^(){}\n]*>)?\(/gm;
const CALLS = /^(?:if|for|while|switch|catch|return|super|function|constructor)$/;
/** What stands behind the parameters of a method, and not behind a call. */
const BODY = /^\)\s*(?::[^;{}]*)?\{/;

/** Named functions, methods and constructors with the number of their positional parameters. */
export function parameterCounts(source: Source): { name: string; line: number; count: number }[] {
  const { code, text } = source;
  const functions = [...code.matchAll(PARAMETERS)].map((match) => ({
    name: match[1] ?? match[2] ?? '',
    line: lineAt(text, match.index),
    count: countParameters(code, match.index + match[0].length).count,
  }));
  const methods = [...code.matchAll(METHOD)].flatMap((match) => {
    const name = match[1] ?? '';
    const { count, end } = countParameters(code, match.index + match[0].length);
    const isMethod = !CALLS.test(name) && BODY.test(code.slice(end, end + 400));
    return isMethod ? [{ name, line: lineAt(text, match.index), count }] : [];
  });
  return [...functions, ...methods];
}

function countParameters(code: string, start: number): { count: number; end: number } {
  let depth = 0;
  let count = 0;
  let isEmpty = true;
  let at = start;
  for (; at < code.length; at++) {
    const char = code[at]!;
    if (depth === 0 && char === ')') break;
    if ('([{<'.includes(char)) depth++;
    else if (')]}'.includes(char) || (char === '>' && code[at - 1] !== '=')) depth--;
    else if (depth === 0 && char === ',') {
      count += isEmpty ? 0 : 1;
      isEmpty = true;
      continue;
    }
    if (/\S/.test(char)) isEmpty = false;
  }
  return { count: isEmpty ? count : count + 1, end: at };
}
