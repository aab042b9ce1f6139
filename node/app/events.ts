/** Events of a transaction or block, in the order they are emitted. */
import type { Event } from './abci.ts';

export type Attribute = readonly [key: string, value: string];

export class EventLog {
  #events: Event[] = [];
  readonly #kept: boolean;

  /** `kept` false: nobody will ask for the events, so they are thrown away at once. */
  constructor(kept = true) {
    this.#kept = kept;
  }

  emit(type: string, ...attributes: readonly Attribute[]): void {
    if (!this.#kept) return;
    this.#events.push({
      type,
      attributes: attributes.map(([key, value]) => ({ key, value, index: true })),
    });
  }

  append(events: readonly Event[]): void {
    this.#events.push(...events);
  }

  list(): readonly Event[] {
    return this.#events;
  }
}

/** The same events with one attribute added to each. */
export function withAttribute(events: readonly Event[], key: string, value: string): Event[] {
  const extra = { key, value, index: true };
  return events.map(({ type, attributes }) => ({ type, attributes: [...attributes, extra] }));
}
