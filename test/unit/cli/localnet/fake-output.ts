/** An output that remembers, and draws the few control sequences that the screen uses. */
import type { Output } from '../../../../node/cli/localnet/screen.ts';

export class FakeOutput implements Output {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';
  writes = 0;

  constructor({ isTTY = false, columns = 80 }: { isTTY?: boolean; columns?: number }) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
    this.writes++;
  }

  on(): void {
    // It never fails.
  }

  /** What a person sees: a cursor, text that overwrites, and the rows it ends up in. */
  rows(): string[] {
    const rows: string[] = [''];
    let [row, column] = [0, 0];
    for (const part of this.text.split(SEQUENCES)) {
      const up = UP.exec(part);
      const line = rows[row] ?? '';
      if (up) row -= Number(up[1]);
      else if (part === `${ESCAPE}[K`) rows[row] = line.slice(0, column);
      else if (part === `${ESCAPE}[J`) rows.splice(row, rows.length, line.slice(0, column));
      else if (part === '\r') column = 0;
      else if (part === '\n') {
        [row, column] = [row + 1, 0];
        rows[row] ??= '';
      } else {
        rows[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
        column += part.length;
      }
    }
    return rows.slice(0, rows.findLastIndex((text) => text !== '') + 1);
  }
}

const ESCAPE = '\u001b';
const SEQUENCES = new RegExp(`(${ESCAPE}\\[\\d*[A-Z]|\\n|\\r)`);
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);
