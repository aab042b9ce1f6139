/** Feeds bent transactions to CheckTx and says what came of them. Nothing may be thrown out of it. */
import { addressText } from '../../node/app/address-text.ts';
import { Registry } from '../../node/app/registry.ts';
import { TxDecoder } from '../../node/app/tx.ts';
import { toHex, type Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { initRequest, runBlock, testApplication } from '../support/application.ts';
import { Random } from '../simulation/random.ts';
import { notCanonical } from './canonical.ts';
import { bentTx, recordedChain, recordedTxs } from './tx-inputs.ts';

export interface FuzzReport {
  readonly inputs: number;
  /** Bytes that are a transaction, whatever CheckTx thinks of it. */
  readonly decoded: number;
  /** Answers by codespace and code. */
  readonly codes: ReadonlyMap<string, number>;
  /** What must not be, with the bytes as hexadecimal. */
  readonly faults: readonly string[];
}

const MAX_FAULTS = 20;

export async function fuzzTxs(
  count: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
): Promise<FuzzReport> {
  const addresses = addressText('cosmos');
  const { chainId, state } = recordedChain();
  const { app, modules } = testApplication({ addresses, chainId, unordered: true });
  const decoder = new TxDecoder(new Registry(modules), addresses);
  app.initChain(initRequest(state, chainId));
  await runBlock(app, []);
  const [random, corpus] = [new Random(seed), recordedTxs()];
  const codes = new Map<string, number>();
  const faults: string[] = [];
  let decoded = 0;
  for (let i = 0; i < count && faults.length < MAX_FAULTS; i++) {
    const bytes = bentTx(corpus, random);
    const { code, isTx, fault } = judge(bytes, (tx) => app.tryTx(tx), decoder);
    if (isTx) decoded += 1;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (fault !== undefined) faults.push(`${fault}: ${toHex(bytes)}`);
    if (i % 10_000 === 9_999) progress(i + 1);
  }
  return { inputs: count, decoded, codes, faults };
}

interface Verdict {
  readonly code: string;
  readonly isTx: boolean;
  readonly fault?: string;
}

type Check = (tx: Bytes) => { readonly code: number; readonly codespace: string };

export function judge(bytes: Bytes, check: Check, decoder: TxDecoder): Verdict {
  let isTx = false;
  try {
    decoder.decode(bytes);
    isTx = true;
  } catch (error) {
    if (!(error instanceof BitscaleError)) return { code: 'thrown', isTx, fault: String(error) };
  }
  const wrong = isTx ? notCanonical(bytes) : undefined;
  if (wrong !== undefined) return { code: 'accepted', isTx, fault: `not canonical, ${wrong}` };
  try {
    const { code, codespace } = check(bytes);
    const name = `${codespace}/${code}`;
    if (code === 111_222) return { code: name, isTx, fault: 'CheckTx met a bug' };
    if (!isTx && code === 0) return { code: name, isTx, fault: 'accepted what is no transaction' };
    return { code: name, isTx };
  } catch (error) {
    return { code: 'thrown', isTx, fault: `CheckTx threw ${String(error)}` };
  }
}
