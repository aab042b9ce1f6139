/** What a node tells its clients about every block and the state, asked over RPC. */
import { createHash } from 'node:crypto';

export interface Answers {
  readonly height: number;
  readonly base: number;
  /** Hash of each answer, by the question. */
  readonly byQuestion: Readonly<Record<string, string>>;
}

interface Reply {
  readonly result?: unknown;
  readonly error?: unknown;
}

async function call(url: string, question: string): Promise<Reply> {
  const response = await fetch(`${url}/${question}`);
  return (await response.json()) as Reply;
}

interface Status {
  readonly sync_info: {
    readonly latest_block_height: string;
    readonly earliest_block_height: string;
  };
}

interface BlockAnswer {
  readonly block: { readonly data: { readonly txs: readonly string[] } };
}

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Asks for all blocks up to `last`, or up to the newest. */
export async function ask(url: string, last = Infinity): Promise<Answers> {
  const { sync_info: info } = (await call(url, 'status')).result as Status;
  const height = Number(info.latest_block_height);
  const base = Number(info.earliest_block_height);
  const byQuestion: Record<string, string> = {};
  const put = async (question: string): Promise<Reply> => {
    const reply = await call(url, question);
    byQuestion[question] = digest(reply.result ?? reply.error);
    return reply;
  };
  for (let at = base; at <= Math.min(height, last); at += 1) {
    const { result } = await put(`block?height=${at}`);
    await put(`block_results?height=${at}`);
    if (at % 5 === 0) await put(`validators?height=${at}`);
    const txs = (result as BlockAnswer | undefined)?.block.data.txs ?? [];
    for (const tx of txs) {
      const hash = createHash('sha256').update(Buffer.from(tx, 'base64')).digest('hex');
      await put(`tx?hash=0x${hash}`);
    }
  }
  if (height <= last) await putState(url, byQuestion);
  return { height, base, byQuestion };
}

/** The state by its values: proofs and heights move on with empty blocks. */
async function putState(url: string, byQuestion: Record<string, string>): Promise<void> {
  const search = `tx_search?query="transfer.amount='7uscale'"`;
  const found = (await call(url, encodeURI(search))).result as { total_count: string } | undefined;
  byQuestion[search] = digest(found?.total_count);
  for (const path of ['bank', 'staking', 'acc']) {
    const reply = await call(url, `abci_query?path="/store/${path}/subspace"&data=0x02`);
    const { response } = (reply.result ?? { response: {} }) as { response: { value?: string } };
    byQuestion[`state of ${path}`] = digest(response.value);
  }
  byQuestion['genesis'] = digest((await call(url, 'genesis')).result);
}

/** The first question that is answered otherwise; both sides must have been asked up to the same height. */
export function difference(expected: Answers, got: Answers): string | undefined {
  for (const [question, hash] of Object.entries(got.byQuestion)) {
    if (expected.byQuestion[question] !== hash) return question;
  }
  return undefined;
}
