/**
 * A processor profile as stages of a transaction. A sample belongs to the innermost frame of its stack that one of
 * the stages claims; what no stage claims is shown as the rest, not shared out.
 */
import type { CpuProfile, ProfileNode } from './profiler.ts';

/** Claims frames by function name, or by a part of the path of their file. */
interface Claim {
  readonly stage: string;
  readonly functions?: readonly string[];
  readonly paths?: readonly string[];
}

/** The first claim that fits a frame counts. */
const CLAIMS: readonly Claim[] = [
  { stage: 'idle', functions: ['(idle)'] },
  { stage: 'garbage collection', functions: ['(garbage collector)'] },
  { stage: 'decode', paths: ['/node/app/tx.ts', '/node/base/strict-decode.ts'] },
  {
    stage: 'signature',
    functions: ['checkSignatureBytes', 'openSignatures', 'signatureChecks', 'learnSignatures'],
    paths: ['/node/workers/', '/node/base/secp256k1.ts', '/node/app/sign-bytes.ts'],
  },
  { stage: 'check', functions: ['checkTx'], paths: ['/node/app/check-tx.ts'] },
  { stage: 'proposal', functions: ['prepareProposal', 'processProposal', 'reap'] },
  { stage: 'store', functions: ['workingHash'], paths: ['/node/store/multi-store.ts'] },
  { stage: 'execution', functions: ['finalizeBlock'] },
  { stage: 'indexing', paths: ['/node/rpc/index/', '/node/rpc/event'] },
  { stage: 'store', paths: ['/node/engine/block-store.ts', '/node/engine/results-codec.ts'] },
  { stage: 'mempool', paths: ['/node/mempool/', '/node/node-pool.ts'] },
  { stage: 'RPC', paths: ['/node/rpc/', 'node:_http', 'node:internal/http'] },
  { stage: 'consensus', paths: ['/node/engine/', '/node/consensus/'] },
  {
    stage: 'gossip',
    paths: ['/node/network/', '/node_modules/@libp2p/', '/node_modules/@chainsafe/'],
  },
];

export const REST = 'rest';

function stageOf({ functionName, url }: ProfileNode['callFrame']): string | undefined {
  const fits = ({ functions = [], paths = [] }: Claim): boolean =>
    functions.includes(functionName) || paths.some((path) => url.includes(path));
  return CLAIMS.find(fits)?.stage;
}

/** Share of each stage in the time that was not idle. */
export function stageShares({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const known = new Map<number, string>();
  const find = (id: number): string => {
    let at: number | undefined = id;
    let stage: string | undefined;
    while (at !== undefined && stage === undefined) {
      const frame = frames.get(at);
      stage = known.get(at) ?? (frame && stageOf(frame));
      at = parents.get(at);
    }
    known.set(id, stage ?? REST);
    return stage ?? REST;
  };
  const micros = new Map<string, number>();
  samples.forEach((id, i) => {
    const stage = find(id);
    micros.set(stage, (micros.get(stage) ?? 0) + (timeDeltas[i] as number));
  });
  micros.delete('idle');
  const all = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...micros].map(([stage, value]) => [stage, value / all]));
}
