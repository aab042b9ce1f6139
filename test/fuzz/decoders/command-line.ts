/** Files that go from hand to hand before a transaction is sent. */
import { toBase64, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { singleKey } from '../../../node/app/public-key.ts';
import { readKeyJson } from '../../../node/cli/keyring/entry.ts';
import { decodeParts, encodeParts, partsJson, readPartsJson } from '../../../node/cli/tx/parts.ts';
import { readSignaturesJson, signaturesJson } from '../../../node/cli/tx/signature-json.ts';
import { typesOf } from '../../../node/ask-application.ts';
import { bendMessage } from '../bend-proto.ts';
import { bendJson, textOf } from '../bend-text.ts';
import { codec, verdictOf, type NamedDecoder } from '../decoder.ts';
import { recordedTxs } from '../tx-inputs.ts';
import { ALICE_KEY, startedChain } from './chain.ts';

const TXS = recordedTxs().slice(0, 60);

/** What was recorded as bad is no seed. */
const PARTS = TXS.flatMap((tx) => {
  try {
    return [decodeParts(tx)];
  } catch (error) {
    if (error instanceof ExitError) return [];
    throw error;
  }
});

const types = typesOf(await startedChain());
const json = (value: unknown): Bytes => utf8(JSON.stringify(value));
const SIGNATURE = { publicKey: singleKey(ALICE_KEY), mode: 1, signature: ALICE_KEY, sequence: 7n };
const PUBLIC_KEY = { '@type': '/cosmos.crypto.secp256k1.PubKey', key: toBase64(ALICE_KEY) };

const text = (
  name: string,
  seeds: readonly Bytes[],
  read: (value: unknown) => unknown,
): NamedDecoder => ({
  name,
  make: () => ({
    name,
    seeds,
    bend: bendJson,
    isLocal: true,
    judge: (input) =>
      verdictOf(() => void read(JSON.parse(textOf(input))), ExitError, BitscaleError, SyntaxError),
  }),
});

export const COMMAND_LINE: readonly NamedDecoder[] = [
  text(
    'transaction file',
    PARTS.map((parts) => json(partsJson(parts, types))),
    readPartsJson,
  ),
  text('signature file', [json(signaturesJson([SIGNATURE], types))], readSignaturesJson),
  text('public key', [json(PUBLIC_KEY)], readKeyJson),
  {
    name: 'transaction in base64',
    make: () => ({
      name: 'transaction in base64',
      seeds: TXS,
      bend: bendMessage,
      judge: codec(decodeParts, encodeParts, ExitError),
    }),
  },
];
