/** What a command may do with the outside: print, warn and ask. Tests give their own. */
import { createInterface } from 'node:readline';

export interface Terminal {
  /** A line of the result, to standard output. */
  print(text: string): void;
  /** A line for the person, to standard error. */
  warn(text: string): void;
  /** A line that is not shown while it is typed; without a keyboard, the next line of standard input. */
  readSecret(prompt: string): Promise<string>;
  /** A line that is shown while it is typed; without a keyboard, the next line of standard input. */
  readLine(prompt: string): Promise<string>;
  /** Everything that standard input still has. */
  readAll(): Promise<string>;
  /** Does a person sit at the keyboard? */
  readonly interactive: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function processTerminal(): Terminal {
  let piped: AsyncIterator<string> | undefined;
  const nextPiped = async (): Promise<string> => {
    piped ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const { value, done } = await piped.next();
    return done === true ? '' : value;
  };
  const readAll = async (): Promise<string> => {
    piped ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const lines: string[] = [];
    for (let next = await piped.next(); next.done !== true; next = await piped.next()) {
      lines.push(next.value);
    }
    return lines.join('\n');
  };
  return {
    print: (text) => console.log(text),
    warn: (text) => console.error(text),
    readSecret: (prompt) => (process.stdin.isTTY ? askHidden(prompt) : nextPiped()),
    readLine: (prompt) => (process.stdin.isTTY ? ask(prompt) : nextPiped()),
    readAll,
    interactive: Boolean(process.stdin.isTTY),
    environment: process.env,
  };
}

function ask(prompt: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(''));
    lines.question(prompt, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

const ENTER = ['\r', '\n'];
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACE = ['\u007f', '\b'];

function askHidden(prompt: string): Promise<string> {
  // First, so that nothing is shown that is typed as soon as the question is.
  process.stdin.setRawMode(true);
  process.stderr.write(prompt);
  process.stdin.setEncoding('utf8');
  process.stdin.resume();
  let line = '';
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stdin.off('data', onData);
      process.stderr.write('\n');
      settle();
    };
    const onData = (chunk: string): void => {
      for (const char of chunk) {
        if (ENTER.includes(char) || char === CTRL_D) return end(() => resolve(line));
        if (char === CTRL_C) return end(() => reject(new Error('interrupted')));
        line = BACKSPACE.includes(char) ? line.slice(0, -1) : line + char;
      }
    };
    process.stdin.on('data', onData);
  });
}
