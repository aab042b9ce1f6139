/** Long lists as JSON, made so that other work has its turns in between. */
import { Stretch } from '../stretch.ts';

/** Each item as JSON; what has none is left out. */
export async function texts<T>(
  items: readonly T[],
  toJson: (item: T) => unknown,
): Promise<string[]> {
  const stretch = new Stretch();
  const made: string[] = [];
  for (const item of items) {
    if (stretch.isOver) await stretch.rest();
    const json = toJson(item);
    if (json !== undefined) made.push(JSON.stringify(json));
  }
  return made;
}
