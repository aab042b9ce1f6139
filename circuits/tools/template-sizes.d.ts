/** Constraints of single templates, each compiled alone. */
export function templateSizes(names?: readonly string[]): Promise<Record<string, number>>;
