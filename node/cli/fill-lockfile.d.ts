interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function missingEntries(
  packages: Readonly<Record<string, LockEntry>>,
): [name: string, version: string, parent: LockEntry][];
export function platformEntry(path: string, version: string, parent: LockEntry): object;
export function fillLockfile(path: string): number;
