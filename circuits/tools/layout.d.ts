/** Names of the generated files whose committed text is not what the tables say. */
export function staleFiles(): string[];
