/** The end of a node that halts: peers that are behind get its last block, then everything stops in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HaltError } from './base/exit.ts';
import type { Logger } from './base/service.ts';

/** How long it goes on to answer peers: whoever misses the last block would not get it while all are away. */
const LINGER_MS = 3_000;
/** Longest a clean end may take before the process ends anyway; the state is safe at any moment. */
const STOP_TIMEOUT_MS = 8_000;

export async function endAfterHalt(
  node: { stop(): Promise<void> },
  { message }: HaltError,
  logger: Logger,
): Promise<never> {
  logger.warn(message);
  await sleep(LINGER_MS);
  setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
  await node.stop().catch((error: unknown) => logger.error('stopping', { error: String(error) }));
  return process.exit(0);
}
