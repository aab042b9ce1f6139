/** What every benchmark is: a name, and a run that ends in rows of the table. */
import type { Row } from './report.ts';

export interface BenchOptions {
  /** Also from a project without caches: circuit and key are made anew. */
  readonly cold: boolean;
  readonly soakMinutes: number;
  readonly accounts: number;
  /** Bank sends per account. */
  readonly sends: number;
  /** Samples of soft finality. */
  readonly samples: number;
  /** Transactions to search among. */
  readonly txs: number;
  /** Keys, and accounts, of a large state. */
  readonly keys: number;
  /** Folder for processor profiles of the nodes. */
  readonly profiles?: string;
  /** Words of the proving program; undefined for snarkjs. */
  readonly proverCommand?: readonly string[];
  readonly say: (text: string) => void;
}

export interface Benchmark {
  /** What `--only` calls it. */
  readonly name: string;
  readonly summary: string;
  run(options: BenchOptions): Promise<Row[]>;
}
