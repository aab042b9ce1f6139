/** Reading parsed JSON of a genesis file: each function names the place when the shape is wrong. */
import { EXIT_DATA, ExitError } from '../node/base/exit.ts';
import { parseSigned } from '../node/base/int.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function fault(place: string, what: string): ExitError {
  return new ExitError(EXIT_DATA, `genesis file: ${place} ${what}`);
}

export function object(json: unknown, place: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw fault(place, 'must be an object');
  }
  return json as JsonObject;
}

/** A list of objects; absent counts as empty. */
export function objects(json: unknown, place: string): JsonObject[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) throw fault(place, 'must be a list');
  return json.map((item, i) => object(item, `${place}[${i}]`));
}

export function text(json: unknown, place: string): string {
  if (typeof json !== 'string') throw fault(place, 'must be a text');
  return json;
}

/** A number, or a text with a number as CometBFT writes 64-bit integers. */
export function integer(json: unknown, place: string): bigint {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json);
  try {
    return parseSigned(text(json, place));
  } catch {
    throw fault(place, 'must be an integer');
  }
}

/** Runs `read`, which may throw anything, and says where it failed. */
export function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ExitError) throw cause;
    throw fault(place, `is wrong: ${(cause as Error).message}`);
  }
}

/** Refuses what it was given before. */
export function unique(place: string): (value: string) => void {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) throw fault(place, `names ${value} twice`);
    seen.add(value);
  };
}
