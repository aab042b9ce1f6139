/** A logger that remembers, and a clock that tests move. */
import type { Clock, Logger } from '../../../node/base/service.ts';

export interface TestLog {
  readonly lines: string[];
  readonly logger: Logger;
}

export function testLog(): TestLog {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level}: ${message}`);
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return { lines, logger };
}

export class TestClock implements Clock {
  ms = 0;
  now(): number {
    return this.ms;
  }
  monotonic(): number {
    return this.ms;
  }
}
