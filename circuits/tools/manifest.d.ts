export interface ProfileEntry {
  readonly depth: number;
  readonly slots: number;
  readonly quotes: number;
  readonly feeTokens: number;
  readonly constraints: number;
  /** SHA-256 in hexadecimal, of the sources together and of the single files. */
  readonly sources: string;
  readonly r1cs: string;
  readonly wasm: string;
  readonly zkey: string;
  readonly vkey: string;
  /** 'dev' for a key from the public seed. */
  readonly key: string;
}
export function readManifest(): { readonly profiles: Readonly<Record<string, ProfileEntry>> };
/** Names of the entries in which a built profile differs from the manifest. */
export function differences(profile: string, measured: ProfileEntry): string[];
/** What the manifest should say about a built profile. */
export function measure(profile: string, constraints: number): ProfileEntry;
