/** Log lines as JSON through pino. */
import { pino, type Logger as Pino } from 'pino';
import type { Logger } from '../base/service.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLogger(level: LogLevel, fields: Record<string, unknown> = {}): Logger {
  return wrap(pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime }));
}

function wrap(line: Pino): Logger {
  return {
    debug: (message, fields) => line.debug(fields ?? {}, message),
    info: (message, fields) => line.info(fields ?? {}, message),
    warn: (message, fields) => line.warn(fields ?? {}, message),
    error: (message, fields) => line.error(fields ?? {}, message),
    child: (fields) => wrap(line.child(fields)),
  };
}
