/** RFC 3339 times with nanoseconds. */

export function millisOfTime(text: string): number {
  const millis = Date.parse(text);
  if (Number.isNaN(millis)) throw new Error(`"${text}" is not a time`);
  return millis;
}

/** Nanoseconds since the epoch, for an order that milliseconds do not show. */
export function nanosOfTime(text: string): bigint {
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? '';
  const seconds = Date.parse(text.replace(/\.\d+Z$/, 'Z'));
  if (Number.isNaN(seconds)) throw new Error(`"${text}" is not a time`);
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
