/** What happened, as subscribers see it: kind, tags to match queries against, and CometBFT's JSON. */
import type { Event, ValidatorUpdate } from '../app/abci.ts';
import { toUpperHex } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import type { BlockId, Vote } from '../consensus/types.ts';
import type { CommittedBlock, RankedValidator } from './expected.ts';
import { eventJson, finalizeBlockJson, sparseTxResultJson } from './json/abci.ts';
import { blockIdJson, blockJson, evidenceJson, headerJson } from './json/block.ts';
import { pubKeyJson, voteJson } from './json/block.ts';
import { base64, hex, int64, withoutZeros, type Json, type JsonObject } from './json/scalars.ts';
import type { Tags } from './query/query.ts';

export interface RpcEvent {
  /** The value of tm.event. */
  readonly kind: string;
  readonly tags: Tags;
  /** The end of the message: members `data` and `events` and all that follows; made once for all subscribers. */
  tail(): Buffer;
}

/** An event that is only built when somebody listens to its kind. */
export interface PendingEvent {
  readonly kind: string;
  build(): RpcEvent;
}

type TagEntry = readonly [key: string, value: string];

function rpcEvent(kind: string, type: string, value: Json, extra: readonly TagEntry[]): RpcEvent {
  const tags = new Map<string, string[]>();
  for (const [key, text] of [...extra, ['tm.event', kind] as const]) {
    const known = tags.get(key);
    if (known) known.push(text);
    else tags.set(key, [text]);
  }
  let made: Buffer | undefined;
  const tail = (): Buffer => {
    made ??= Buffer.from(
      `"data":${JSON.stringify({ type: `tendermint/event/${type}`, value })},` +
        `"events":${JSON.stringify(Object.fromEntries(tags))}}}`,
    );
    return made;
  };
  return { kind, tags, tail };
}

function tagsOf(events: readonly Event[]): TagEntry[] {
  return events
    .filter(({ type }) => type !== '')
    .flatMap(({ type, attributes }) =>
      attributes
        .filter(({ key }) => key !== '')
        .map(({ key, value }): TagEntry => [`${type}.${key}`, value]),
    );
}

/** The events of a committed block, in CometBFT's order. */
export function* blockEvents(committed: CommittedBlock): Generator<PendingEvent> {
  const { block, blockId, results, validatorUpdates } = committed;
  const { header } = block;
  const event = (
    kind: string,
    value: () => Json,
    tags: () => readonly TagEntry[] = () => [],
  ): PendingEvent => ({ kind, build: () => rpcEvent(kind, kind, value(), tags()) });

  const newBlock = (): JsonObject => ({
    block: blockJson(block),
    block_id: blockIdJson(blockId),
    result_finalize_block: finalizeBlockJson(results),
  });
  yield event('NewBlock', newBlock, () => tagsOf(results.events));
  yield event('NewBlockHeader', () => ({ header: headerJson(header) }));
  const newBlockEvents = (): JsonObject => ({
    height: int64(header.height),
    events: results.events.map(eventJson),
    num_txs: int64(block.txs.length),
  });
  const height: TagEntry = ['block.height', int64(header.height)];
  yield event('NewBlockEvents', newBlockEvents, () => [...tagsOf(results.events), height]);
  for (const evidence of block.evidence) {
    const value = { height: int64(header.height), evidence: evidenceJson(evidence) };
    yield event('NewEvidence', () => value);
  }
  for (const position of block.txs.keys()) {
    const { value, tags } = txEvent(committed, position);
    yield event('Tx', value, tags);
  }
  if (validatorUpdates.length > 0) {
    yield event('ValidatorSetUpdates', () => ({
      validator_updates: validatorUpdates.map(updateJson),
    }));
  }
}

function txEvent(
  { block, results }: CommittedBlock,
  position: number,
): { value: () => Json; tags: () => readonly TagEntry[] } {
  const tx = block.txs[position] ?? new Uint8Array(0);
  const result = results.txResults[position];
  const height = int64(block.header.height);
  const value = (): JsonObject => ({
    TxResult: {
      height,
      ...withoutZeros({ index: position }),
      tx: base64(tx),
      result: result ? sparseTxResultJson(result) : {},
    },
  });
  const tags = (): TagEntry[] => [
    ...tagsOf(result?.events ?? []),
    ['tx.hash', toUpperHex(sha256(tx))],
    ['tx.height', height],
  ];
  return { value, tags };
}

/** A validator as events show it: without a place in the rotation. */
function updateJson({ pubKey, power }: ValidatorUpdate): JsonObject {
  return {
    address: hex(sha256(pubKey).subarray(0, 20)),
    pub_key: pubKeyJson(pubKey),
    voting_power: int64(power),
    proposer_priority: '0',
  };
}

/** How consensus moves: published by the engine as it happens. */
export type RoundEvent =
  | {
      readonly kind:
        'NewRoundStep' | 'Polka' | 'Lock' | 'Relock' | 'TimeoutPropose' | 'TimeoutWait';
      readonly at: RoundPlace;
    }
  | {
      readonly kind: 'NewRound';
      readonly at: RoundPlace;
      readonly proposer: Pick<RankedValidator, 'address'>;
      readonly index: number;
    }
  | { readonly kind: 'CompleteProposal'; readonly at: RoundPlace; readonly blockId: BlockId }
  | { readonly kind: 'Vote'; readonly vote: Vote };

export interface RoundPlace {
  readonly height: number;
  readonly round: number;
  /** For example "RoundStepPropose". */
  readonly step: string;
}

export function roundEvent(event: RoundEvent): PendingEvent {
  const build = (type: string, value: Json): RpcEvent => rpcEvent(event.kind, type, value, []);
  const place = (at: RoundPlace): JsonObject => ({ ...at, height: int64(at.height) });
  const made = (): RpcEvent => {
    switch (event.kind) {
      case 'NewRound': {
        const proposer = { address: hex(event.proposer.address), index: event.index };
        return build('NewRound', { ...place(event.at), proposer });
      }
      case 'CompleteProposal':
        return build(event.kind, { ...place(event.at), block_id: blockIdJson(event.blockId) });
      case 'Vote':
        return build('Vote', { Vote: voteJson(event.vote) });
      default:
        return build('RoundState', place(event.at));
    }
  };
  return { kind: event.kind, build: made };
}
