/** What the program knows of the chain without a node: its messages, and how transactions are read. */
import { accountText } from '../../app/address-text.ts';
import type { Registry } from '../../app/registry.ts';
import { TxDecoder } from '../../app/tx.ts';
import { typesOf } from '../../ask-application.ts';
import type { TypeFinder } from '../../gateway/json/to-json.ts';
import { emptyApplication } from '../../method-table.ts';

export interface ChainTypes {
  readonly registry: Registry;
  readonly decoder: TxDecoder;
  /** What may stand in an Any. */
  readonly types: TypeFinder;
}

let made: ChainTypes | undefined;

export function chainTypes(): ChainTypes {
  if (made === undefined) {
    const app = emptyApplication('types-of-the-chain');
    const { registry } = app;
    made = { registry, decoder: new TxDecoder(registry, accountText), types: typesOf(app) };
  }
  return made;
}
