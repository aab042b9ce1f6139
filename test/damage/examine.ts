/**
 * A program that starts the node of each home it is sent, asks it about its blocks, stops it and reports. It
 * starts many, one after the other: most of a start is loading the program.
 */
import { toHex } from '../../node/base/bytes.ts';
import { createNode } from '../../node/create-node.ts';
import { ExitError } from '../../node/base/exit.ts';
import { explained } from '../../node/failure.ts';
import { ask } from './answers.ts';
import type { Examination, Outcome } from './examiner.ts';

const POLL_MS = 20;

async function examine({ folder, last, atLeast, timeoutMs }: Examination): Promise<Outcome> {
  let fatal: unknown;
  let node: Awaited<ReturnType<typeof createNode>> | undefined;
  try {
    node = await createNode({ homeFolder: folder, onFatal: (error) => (fatal = error) });
    await node.start();
    const end = Date.now() + timeoutMs;
    while (fatal === undefined && node.engine.height() < atLeast && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (fatal !== undefined) throw fatal;
    const { host, port } = node.config.rpc;
    const isThere = node.engine.height() >= atLeast;
    const answers = await ask(`http://${host}:${port}`, last);
    const next = node.engine.store.commit(last + 1)?.commit;
    return {
      type: isThere ? 'started' : 'stuck',
      answers,
      ...(next && { next: { round: next.round, hash: toHex(next.blockId.hash) } }),
    };
  } catch (error) {
    const known = explained(error, folder);
    const exitCode = known instanceof ExitError ? known.exitCode : undefined;
    const message = known instanceof Error ? known.message : String(known);
    return { type: 'refused', message, ...(exitCode !== undefined && { exitCode }) };
  } finally {
    await node?.stop().catch(() => undefined);
  }
}

process.on('message', (examination: Examination) => {
  void examine(examination).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit(0));
