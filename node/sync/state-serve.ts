/** Answers the questions of those who join by state sync. */
import type { Bytes } from '../base/bytes.ts';
import { MAX_LIGHT_RECORD_BYTES, MAX_OFFERED_SNAPSHOTS } from '../base/limits.ts';
import type { StateSupply } from './expected.ts';
import { decodeStateRequest, encodeLightRecord, encodeSnapshot } from './state-messages.ts';

/** The parts of the answer; throws BitscaleError when the question is malformed. */
export async function answerState(supply: StateSupply, question: Bytes): Promise<Bytes[]> {
  const request = decodeStateRequest(question);
  if (request.type === 'snapshots') {
    return supply.snapshots().slice(0, MAX_OFFERED_SNAPSHOTS).map(encodeSnapshot);
  }
  if (request.type === 'chunk') {
    const chunk = await supply.chunk(request);
    return chunk === undefined || chunk.length === 0 ? [] : [chunk];
  }
  const record = supply.light(request.height);
  const bytes = record && encodeLightRecord(record);
  return bytes === undefined || bytes.length > MAX_LIGHT_RECORD_BYTES ? [] : [bytes];
}
