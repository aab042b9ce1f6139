/** Reading the parsed genesis file: each function names the place when the shape is wrong. */
import { BitscaleError, defineError } from '../base/errors.ts';

export const ErrGenesisShape = defineError('app', 2, 'invalid genesis file');

function wrong(place: string, expected: string): BitscaleError {
  return new BitscaleError(ErrGenesisShape, `${place} must be ${expected}`);
}

export function object(json: unknown, place: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong(place, 'an object');
  }
  return json as Record<string, unknown>;
}

export function list(json: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(json)) throw wrong(place, 'a list');
  return json;
}

export function text(json: unknown, place: string): string {
  if (typeof json !== 'string') throw wrong(place, 'a text');
  return json;
}

export function flag(json: unknown, place: string): boolean {
  if (typeof json !== 'boolean') throw wrong(place, 'true or false');
  return json;
}

/** A member that must be there. */
export function field(json: Record<string, unknown>, name: string): unknown {
  if (json[name] === undefined) throw wrong(name, 'given');
  return json[name];
}
