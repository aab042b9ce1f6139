/**
 * Methods that take transactions and evidence in. broadcast_tx_sync is the way every payment enters:
 * it does nothing but hand the bytes to the mempool and name their hash.
 */
import type { CheckTxResult } from '../../app/abci.ts';
import type { Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { txHash, txName } from '../../base/tx-hash.ts';
import { MAX_TX_BYTES } from '../../base/limits.ts';
import { MEMPOOL_FULL, TX_IN_MEMPOOL, TX_TOO_LARGE } from '../../base/sdk-errors.ts';
import { perPageOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import type { CommittedTx } from '../event-bus.ts';
import { EMPTY_TX_RESULT, txResultJson } from '../json/abci.ts';
import { evidenceFromJson, type EvidenceInput } from '../json/evidence-input.ts';
import { texts } from '../json/pieces.ts';
import { JsonText, base64, hex, int64, type JsonObject } from '../json/scalars.ts';
import { addThatHold, attackHash, doubleVotes } from '../light-attack.ts';
import { method, type Methods } from '../method.ts';
import { bytes, json, optionalInt } from '../params.ts';

export function broadcastMethods(backend: Backend): Methods {
  const { app, pool } = backend;
  return {
    broadcast_tx_sync: method({ tx: bytes() }, ({ tx }) => {
      const { code, data, log, codespace } = addToPool(backend, tx);
      return { code, data: hex(data), log, codespace, hash: txName(tx) };
    }),
    broadcast_tx_async: method({ tx: bytes() }, ({ tx }) => {
      addToPool(backend, tx);
      return { code: 0, data: '', log: '', codespace: '', hash: txName(tx) };
    }),
    broadcast_tx_commit: method({ tx: bytes() }, ({ tx }) => broadcastCommit(backend, tx)),
    check_tx: method({ tx: bytes() }, ({ tx }) => txResultJson(app.checkTx(tx, 'new'))),
    broadcast_evidence: method({ evidence: json() }, (args) => {
      return { hash: hex(addEvidence(backend, evidenceFromJson(args.evidence))) };
    }),
    unconfirmed_txs: method({ limit: optionalInt() }, async ({ limit }) => {
      const shown = pool.txs(perPageOf(limit));
      const counts = JSON.stringify(poolCounts(backend, shown.length));
      // A hundred of the largest are 35 MB.
      const txs = await texts(shown, base64);
      return new JsonText(`${counts.slice(0, -1)},"txs":[${txs.join(',')}]}`);
    }),
    num_unconfirmed_txs: method({}, () => {
      return { ...poolCounts(backend, pool.size()), txs: null };
    }),
  };
}

/** The hash of what was handed in. Throws when none of it holds. */
function addEvidence({ blocks, evidence }: Backend, input: EvidenceInput): Bytes {
  if ('votes' in input) return evidence.add(input.votes);
  addThatHold(doubleVotes(input.attack, blocks), (votes) => evidence.add(votes));
  return attackHash(input.attack);
}

function poolCounts({ pool }: Backend, shown: number): JsonObject {
  return {
    n_txs: int64(shown),
    total: int64(pool.size()),
    total_bytes: int64(pool.sizeBytes()),
  };
}

/** The mempool's own refusals get CometBFT's words, which clients match on, after the reason if there is one. */
function addToPool({ pool }: Backend, tx: Bytes): CheckTxResult {
  try {
    return pool.add(tx);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    switch (error.kind) {
      case TX_IN_MEMPOOL:
        throw refused('tx already exists in cache');
      case MEMPOOL_FULL:
        throw refused(error.message);
      case TX_TOO_LARGE:
        throw refused(`Tx too large. Max size is ${MAX_TX_BYTES}, but got ${tx.length}`);
      default:
        throw error;
    }
  }
}

async function broadcastCommit(backend: Backend, tx: Bytes): Promise<JsonObject> {
  const hash = txHash(tx);
  const inclusion = awaitInclusion(backend, hash);
  try {
    const checked = addToPool(backend, tx);
    if (checked.code !== 0) return commitAnswer(hash, checked, undefined);
    const committed = await inclusion.promise;
    if (!committed) throw refused('timed out waiting for tx to be included in a block');
    return commitAnswer(hash, checked, committed);
  } finally {
    inclusion.giveUp();
  }
}

/** Starts to listen before the transaction is handed in, so that no block can slip through. */
function awaitInclusion(
  { bus, commitTimeoutMs }: Backend,
  hash: Bytes,
): { promise: Promise<CommittedTx | undefined>; giveUp: () => void } {
  let resolve: (committed: CommittedTx | undefined) => void = () => undefined;
  const promise = new Promise<CommittedTx | undefined>((settle) => {
    resolve = settle;
  });
  const stop = bus.awaitTx(hash, resolve);
  const timer = setTimeout(() => resolve(undefined), commitTimeoutMs);
  const giveUp = (): void => {
    clearTimeout(timer);
    stop();
  };
  return { promise, giveUp };
}

function commitAnswer(
  hash: Bytes,
  checked: CheckTxResult,
  committed: CommittedTx | undefined,
): JsonObject {
  return {
    check_tx: txResultJson(checked),
    tx_result: txResultJson(committed?.result ?? EMPTY_TX_RESULT),
    hash: hex(hash),
    height: int64(committed?.height ?? 0),
  };
}
