/** What LevelDB's MANIFEST says is there: the log from which to recover, and every table with its size. */
import type { Bytes } from '../../base/bytes.ts';
import { FieldReader } from './varint.ts';

export interface LiveFiles {
  /** The oldest log that still counts; 0 before the first. */
  readonly logNumber: number;
  /** Size of each table by its number. */
  readonly tables: ReadonlyMap<number, number>;
}

/** Fields of a record of the MANIFEST; 8 was used once and is not written any more. */
const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE = 3;
const LAST_SEQUENCE = 4;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG = 9;

/** Throws RangeError when a record is not one of a MANIFEST. */
export function liveFiles(records: readonly Bytes[]): LiveFiles {
  const tables = new Map<number, number>();
  let logNumber = 0;
  for (const record of records) {
    const reader = new FieldReader(record);
    while (!reader.isAtEnd) {
      const field = reader.varint();
      if (field === LOG_NUMBER) logNumber = reader.varint();
      else readEdit(reader, field, tables);
    }
  }
  return { logNumber, tables };
}

function readEdit(reader: FieldReader, field: number, tables: Map<number, number>): void {
  switch (field) {
    case COMPARATOR:
      reader.text();
      return;
    case NEXT_FILE:
    case LAST_SEQUENCE:
    case PREVIOUS_LOG:
      reader.varint();
      return;
    case COMPACT_POINTER:
      reader.varint();
      reader.text();
      return;
    case DELETED_FILE:
      reader.varint();
      tables.delete(reader.varint());
      return;
    case NEW_FILE: {
      reader.varint();
      const number = reader.varint();
      tables.set(number, reader.varint());
      reader.text();
      reader.text();
      return;
    }
    default:
      throw new RangeError(`unknown field ${field}`);
  }
}
