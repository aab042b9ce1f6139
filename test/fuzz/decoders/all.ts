/** Everything that reads bytes from outside, one entry each. */
import type { NamedDecoder } from '../decoder.ts';
import { CONSENSUS } from './consensus.ts';
import { SNAPSHOTS } from './snapshots.ts';
import { RECORDS } from './records.ts';
import { APPLICATION } from './application.ts';
import { COMMAND_LINE } from './command-line.ts';
import { FILES } from './files.ts';
import { RPC } from './rpc.ts';
import { GATEWAY } from './gateway.ts';
import { PEERS } from './peers.ts';

export const DECODERS: readonly NamedDecoder[] = [
  ...CONSENSUS,
  ...PEERS,
  ...RECORDS,
  ...FILES,
  ...COMMAND_LINE,
  ...SNAPSHOTS,
  ...APPLICATION,
  ...RPC,
  ...GATEWAY,
];
