/**
 * Gives every message that cosmjs-types encodes an array of its own size. The library means to cut small
 * messages from a shared slab but makes a new slab of 8 KiB for each of them, which costs more time than the
 * encoding and keeps the slab in memory for as long as anybody holds the message.
 */
import { BinaryWriter } from 'cosmjs-types/binary';

BinaryWriter.alloc = (size: number): Uint8Array => new Uint8Array(size);
