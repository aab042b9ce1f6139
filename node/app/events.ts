/** Events of a transaction or block, in the order they are emitted. */
import type { Event, EventAttribute } from './abci.ts';

export type Attribute = readonly [key: string, value: string];

export class EventLog {
  /** False: nobody will ask for the events, so they are thrown away at once and need not be made. */
  readonly isKept: boolean;
  readonly #events: Event[] = [];
  #mark: EventAttribute | undefined;

  constructor(isKept = true) {
    this.isKept = isKept;
  }

  emit(type: string, ...attributes: readonly Attribute[]): void {
    if (!this.isKept) return;
    this.add({ type, attributes: attributes.map(([key, value]) => attribute(key, value)) });
  }

  /** The event belongs to the log from now on. */
  add(event: Event): void {
    if (!this.isKept) return;
    this.#events.push(this.#mark ? marked(event, this.#mark) : event);
  }

  append(events: readonly Event[]): void {
    for (const event of events) this.add(event);
  }

  /** Every event from now on ends with this attribute. */
  markWith(key: string, value: string): void {
    this.#mark = attribute(key, value);
  }

  get length(): number {
    return this.#events.length;
  }

  /** Forgets all but the first events. */
  cutTo(length: number): void {
    this.#events.length = length;
  }

  list(): readonly Event[] {
    return this.#events;
  }
}

export function attribute(key: string, value: string): EventAttribute {
  return { key, value, index: true };
}

function marked({ type, attributes }: Event, mark: EventAttribute): Event {
  // Unlike a list that is spread into, this one has no room for more.
  return { type, attributes: attributes.concat([mark]) };
}

/** The same events with one attribute added to each. */
export function withAttribute(events: readonly Event[], key: string, value: string): Event[] {
  const extra = attribute(key, value);
  return events.map((event) => marked(event, extra));
}
