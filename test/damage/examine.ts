/**
 * A program that starts the node of each home it is sent, asks it about its blocks, stops it and reports. It
 * starts many, one after the other: most of a start is loading the program.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../node/base/bytes.ts';
import { placeText } from '../../node/engine/last-signed.ts';
import { findSigner } from '../../node/engine/signer-files.ts';
import type { Signer } from '../../node/engine/signer.ts';
import type { Home } from '../../node/home.ts';
import { createNode } from '../../node/create-node.ts';
import { ExitError } from '../../node/base/exit.ts';
import { explained } from '../../node/failure.ts';
import { ask } from './answers.ts';
import type { Examination, Outcome } from './examiner.ts';

const POLL_MS = 20;

async function examine({ folder, last, atLeast, ...rest }: Examination): Promise<Outcome> {
  let fatal: unknown;
  let node: Awaited<ReturnType<typeof createNode>> | undefined;
  try {
    node = await createNode({
      homeFolder: folder,
      onFatal: (error) => (fatal = error),
      openSigner: signerThatLogs,
    });
    await node.start();
    const end = Date.now() + rest.timeoutMs;
    while (fatal === undefined && node.engine.height() < atLeast && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (fatal !== undefined) throw fatal;
    const { host, port } = node.config.rpc;
    const isThere = node.engine.height() >= atLeast;
    const answers = await ask(`http://${host}:${port}`, last);
    const { store } = node.engine;
    const hashes = (rest.hashesOf ?? []).map((height) => {
      return [height, toHex(store.block(height)?.blockId.hash ?? new Uint8Array())];
    });
    const next = store.commit(last + 1)?.commit;
    return {
      type: isThere ? 'started' : 'stuck',
      answers,
      hashes: Object.fromEntries(hashes) as Record<number, string>,
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

/** Everything that is signed goes into signed.log of the home as well: place and signed bytes. */
async function signerThatLogs(home: Home, pastGenesis: boolean): Promise<Signer | undefined> {
  const signer = await findSigner(home, pastGenesis);
  if (signer === undefined) return undefined;
  const sign = signer.sign.bind(signer);
  signer.sign = async (request) => {
    const signed = await sign(request);
    const bytes = toHex(request.bytesAt(signed.time));
    appendFileSync(join(home.root, 'signed.log'), `${placeText(request)} ${bytes}\n`);
    return signed;
  };
  return signer;
}

process.on('message', (examination: Examination) => {
  void examine(examination).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit(0));
