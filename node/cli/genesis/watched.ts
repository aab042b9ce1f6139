/** Parsed JSON that remembers which part of it was read last. */

export interface Watched<T> {
  readonly value: T;
  /** Such as "app_state.auth.accounts[3].address"; undefined before anything was read. */
  lastPlace(): string | undefined;
}

export function watched<T extends object>(json: T, name: string): Watched<T> {
  let last: string | undefined;
  const wrap = (target: object, place: string): object =>
    new Proxy(target, {
      get(inner, key, receiver): unknown {
        const value: unknown = Reflect.get(inner, key, receiver);
        if (typeof key === 'symbol' || isOwnOfLists(inner, key)) return value;
        const here = Array.isArray(inner) ? `${place}[${key}]` : `${place}.${key}`;
        last = here;
        return typeof value === 'object' && value !== null ? wrap(value, here) : value;
      },
    });
  return { value: wrap(json, name) as T, lastPlace: () => last };
}

/** `length`, `map` and the like say nothing of what is in a list. */
function isOwnOfLists(inner: object, key: string): boolean {
  return Array.isArray(inner) && !/^\d+$/.test(key);
}
