/** Everything that reads bytes from outside, one entry each. */
import type { NamedDecoder } from '../decoder.ts';
import { CONSENSUS } from './consensus.ts';
import { RECORDS } from './records.ts';
import { APPLICATION } from './application.ts';
import { FILES } from './files.ts';
import { RPC } from './rpc.ts';
import { GATEWAY } from './gateway.ts';
import { PEERS } from './peers.ts';

export const DECODERS: readonly NamedDecoder[] = [
  ...CONSENSUS,
  ...PEERS,
  ...RECORDS,
  ...FILES,
  ...APPLICATION,
  ...RPC,
  ...GATEWAY,
];
