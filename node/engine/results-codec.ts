/**
 * Block results as stored: tendermint.abci.ResponseFinalizeBlock in protobuf, with three fields of our own: how many
 * portions follow, and the events of transactions in a short form, with their texts. Older versions wrote those as the
 * events of the block itself are written; they are read, too.
 */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type {
  Event,
  EventAttribute,
  FinalizeBlockResponse,
  TxResult,
  ValidatorUpdate,
} from '../app/abci.ts';
import { encodePublicKey } from '../consensus/encoding.ts';
import { encodeParams, readParams } from './params-codec.ts';
import { readShortEvents, ShortEventsWriter, ShortTexts } from './short-events.ts';

const ALWAYS = { always: true } as const;
/** Of our own: in the response, then in a result. */
export const PORTIONS_FIELD = 6;
const TEXTS_FIELD = 7;
const SHORT_EVENTS_FIELD = 9;
export const EVENT_OPTIONS = { repeated: [2] } as const;
export const TX_RESULT_OPTIONS = { repeated: [7] } as const;
const RESPONSE_OPTIONS = { repeated: [1, 2, 3] } as const;
const NO_TEXTS = new ShortTexts(EMPTY);
const shortEvents = new ShortEventsWriter();

function writeEvent(writer: ProtoWriter, event: Event): void {
  writer.string(1, event.type);
  for (const { key, value, index } of event.attributes) {
    writer.nested(2, (attribute) => attribute.string(1, key).string(2, value).bool(3, index));
  }
}

function writeTxResult(writer: ProtoWriter, result: TxResult): void {
  writer
    .uint64(1, result.code)
    .bytes(2, result.data)
    .string(3, result.log)
    .string(4, result.info)
    .int64(5, result.gasWanted)
    .int64(6, result.gasUsed);
  writer.string(8, result.codespace);
  writer.bytes(SHORT_EVENTS_FIELD, shortEvents.events(result.events));
}

function encodeValidatorUpdate({ pubKey, power }: ValidatorUpdate): Bytes {
  return new ProtoWriter().message(1, encodePublicKey(pubKey)).int64(2, power).finish();
}

/** `portions` says how many records with further results of transactions follow this one. */
export function encodeResults(response: FinalizeBlockResponse, portions = 0): Bytes {
  const writer = new ProtoWriter();
  for (const event of response.events) writer.nested(1, writeEvent, event);
  for (const result of response.txResults) writer.nested(2, writeTxResult, result);
  for (const update of response.validatorUpdates) {
    writer.message(3, encodeValidatorUpdate(update), ALWAYS);
  }
  const params = response.consensusParamUpdates;
  return writer
    .message(4, params && encodeParams(params))
    .bytes(5, response.appHash)
    .uint64(PORTIONS_FIELD, portions)
    .bytes(TEXTS_FIELD, shortEvents.takeTexts())
    .finish();
}

function readAttribute(reader: ProtoReader): EventAttribute {
  let [key, value, index] = ['', '', false];
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.string();
    else if (reader.field === 3) index = reader.bool();
    else reader.unknown();
  }
  return { key, value, index };
}

export function readEvent(reader: ProtoReader): Event {
  let type = '';
  const attributes: EventAttribute[] = [];
  while (reader.next()) {
    if (reader.field === 1) type = reader.string();
    else if (reader.field === 2) attributes.push(reader.message(readAttribute));
    else reader.unknown();
  }
  return { type, attributes };
}

/** The texts of the events in a record. */
export function readTexts(record: Bytes): ShortTexts {
  const reader = new ProtoReader(record, { ...RESPONSE_OPTIONS, allowUnknown: true });
  while (reader.next()) {
    if (reader.field === TEXTS_FIELD) return new ShortTexts(reader.bytes());
    reader.unknown();
  }
  return NO_TEXTS;
}

export function readTxResult(reader: ProtoReader, texts: ShortTexts): TxResult {
  let [code, gasWanted, gasUsed, data] = [0, 0n, 0n, EMPTY];
  let [log, info, codespace] = ['', '', ''];
  const events: Event[] = [];
  while (reader.next()) {
    if (reader.field === 1) code = reader.uint32();
    else if (reader.field === 2) data = reader.bytes();
    else if (reader.field === 3) log = reader.string();
    else if (reader.field === 4) info = reader.string();
    else if (reader.field === 5) gasWanted = reader.int64();
    else if (reader.field === 6) gasUsed = reader.int64();
    else if (reader.field === 7) events.push(reader.message(readEvent, EVENT_OPTIONS));
    else if (reader.field === 8) codespace = reader.string();
    else if (reader.field === SHORT_EVENTS_FIELD) {
      for (const event of readShortEvents(reader.bytes(), texts)) events.push(event);
    } else reader.unknown();
  }
  return { code, data, log, info, gasWanted, gasUsed, events, codespace };
}

function readPublicKey(reader: ProtoReader): Bytes {
  let key = EMPTY;
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes();
    else reader.unknown();
  }
  return key;
}

function readValidatorUpdate(reader: ProtoReader): ValidatorUpdate {
  let [pubKey, power] = [EMPTY, 0n];
  while (reader.next()) {
    if (reader.field === 1) pubKey = reader.message(readPublicKey);
    else if (reader.field === 2) power = reader.int64();
    else reader.unknown();
  }
  return { pubKey, power };
}

export function decodeResults(bytes: Bytes): FinalizeBlockResponse {
  const reader = new ProtoReader(bytes, RESPONSE_OPTIONS);
  const texts = readTexts(bytes);
  const readResult = (result: ProtoReader): TxResult => readTxResult(result, texts);
  const events: Event[] = [];
  const txResults: TxResult[] = [];
  const validatorUpdates: ValidatorUpdate[] = [];
  let consensusParamUpdates: FinalizeBlockResponse['consensusParamUpdates'];
  let appHash = EMPTY;
  while (reader.next()) {
    if (reader.field === 1) events.push(reader.message(readEvent, EVENT_OPTIONS));
    else if (reader.field === 2) txResults.push(reader.message(readResult, TX_RESULT_OPTIONS));
    else if (reader.field === 3) validatorUpdates.push(reader.message(readValidatorUpdate));
    else if (reader.field === 4) consensusParamUpdates = reader.message(readParams);
    else if (reader.field === 5) appHash = reader.bytes();
    else if (reader.field === PORTIONS_FIELD) reader.uint32();
    else if (reader.field === TEXTS_FIELD) reader.bytes();
    else reader.unknown();
  }
  return {
    events,
    txResults,
    validatorUpdates,
    appHash,
    ...(consensusParamUpdates && { consensusParamUpdates }),
  };
}
