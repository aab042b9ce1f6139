/**
 * How final is a transaction or an intent? Soft: in a committed block. Proven: this node's L1 shows a run
 * that covers it. Final: validators with > 2/3 of the stake have reported that run from a final L1 block.
 */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import {
  QueryFinalityRequest,
  QueryFinalityResponse,
  type QueryBatchFinalityResponse,
} from '../../proto/gen/bitscale/settlement/v1/query.ts';
import type { ChainQuery } from './chain.ts';
import type { L1Watcher } from './l1-watcher.ts';
import { BATCH_FINALITY, INTENT } from './queries.ts';

export const FINALITY_PATH = '/bitscale.settlement.v1.Query/Finality';

/** A committed transaction and the batches that its intents went into. */
export interface TxPlace {
  readonly height: number;
  readonly batches: readonly bigint[];
}

interface Parts {
  readonly chain: ChainQuery;
  /** Undefined on a node without L1. */
  readonly watcher: Pick<L1Watcher, 'runOf'> | undefined;
  readonly findTx: (hash: Bytes) => Promise<TxPlace | undefined>;
}

const UNKNOWN: QueryFinalityResponse = {
  finality: 'unknown',
  height: 0n,
  batches: [],
  l1TxHash: EMPTY,
  l1Block: 0n,
  attestedPower: 0n,
  totalPower: 0n,
  unprovenValue: '0',
  recommendedAmount: '0',
};

export class FinalityService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Encoded request to encoded response. */
  async answer(data: Bytes): Promise<Bytes> {
    const request = QueryFinalityRequest.decode(data);
    return QueryFinalityResponse.encode(await this.finality(request)).finish();
  }

  async finality(request: QueryFinalityRequest): Promise<QueryFinalityResponse> {
    if (request.intentId !== '') {
      const batch = await this.#batchOfIntent(request.intentId);
      return batch === undefined ? UNKNOWN : this.#judge({ height: 0, batches: [batch] });
    }
    const place = await this.#parts.findTx(request.txHash);
    return place ? this.#judge(place) : UNKNOWN;
  }

  async #batchOfIntent(id: string): Promise<bigint | undefined> {
    try {
      return (await this.#parts.chain.query(INTENT, { id })).batch;
    } catch (error) {
      if (error instanceof BitscaleError) return undefined;
      throw error;
    }
  }

  /** Batches are proven in order, so the last one decides. */
  async #judge({ height, batches }: TxPlace): Promise<QueryFinalityResponse> {
    const last = [...batches].sort((a, b) => (a < b ? -1 : 1)).at(-1);
    if (last === undefined) return { ...UNKNOWN, finality: 'soft', height: BigInt(height) };
    const state = await this.#parts.chain.query(BATCH_FINALITY, { batch: last });
    const run = this.#parts.watcher?.runOf(last);
    const { attestedPower, totalPower, unprovenValue, recommendedAmount } = state;
    return {
      finality: stage(state, run !== undefined),
      height: height === 0 ? state.height : BigInt(height),
      batches: [...batches],
      l1TxHash: state.l1TxHash.length > 0 ? state.l1TxHash : (run?.txHash ?? EMPTY),
      l1Block: state.l1Block > 0n ? state.l1Block : (run?.l1Block ?? 0n),
      attestedPower,
      totalPower,
      unprovenValue,
      recommendedAmount,
    };
  }
}

function stage(state: QueryBatchFinalityResponse, onL1: boolean): string {
  if (state.stage === 'final') return 'final';
  return onL1 ? 'proven' : 'soft';
}
