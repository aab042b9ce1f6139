/** Transactions, each message in them, what executes them, and the queries of all modules. */
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SimulateRequest } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { addressText } from '../../../node/app/address-text.ts';
import type { Application } from '../../../node/app/application.ts';
import type { AnyMessageHandler } from '../../../node/app/module.ts';
import { Registry } from '../../../node/app/registry.ts';
import { TxDecoder } from '../../../node/app/tx.ts';
import { concat, fromUtf8, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { strictDecode } from '../../../node/base/strict-decode.ts';
import { initRequest, runBlock, testApplication } from '../../support/application.ts';
import { bendMessage, type Bend } from '../bend-proto.ts';
import { verdictOf, type Decoder, type NamedDecoder } from '../decoder.ts';
import { recordedChain, recordedTxs } from '../tx-inputs.ts';
import { judgeTx } from '../tx-judge.ts';
import { ALICE_KEY, filledBytes, isCanonical, schemaOf, startedChain } from './chain.ts';

const CHOICES = [0, 1, 2, 3];
/** What the node answers a transaction with when it has met a fault of its own. */
const PANIC = 111_222;

async function transactions(): Promise<Decoder> {
  const addresses = addressText('cosmos');
  const { chainId, state } = recordedChain();
  const { app, modules } = testApplication({ addresses, chainId, unordered: true });
  const decoder = new TxDecoder(new Registry(modules), addresses);
  app.initChain(initRequest(state, chainId));
  await runBlock(app, []);
  return {
    name: 'transaction',
    seeds: recordedTxs(),
    bend: bendMessage,
    judge: (input) => judgeTx(input, (tx) => app.tryTx(tx), decoder),
  };
}

const chain = await startedChain();
const handlerOf = (typeUrl: string): AnyMessageHandler =>
  chain.registry.message(typeUrl) as AnyMessageHandler;

/** Read strictly, checked without a state, and as JSON for hardware wallets. */
function messageDecoder(typeUrl: string): NamedDecoder {
  const { codec, amino, signers, validate } = handlerOf(typeUrl);
  const schema = schemaOf(typeUrl);
  const judge = (input: Bytes): string =>
    verdictOf(() => {
      const message: unknown = strictDecode(codec, input);
      if (schema && !isCanonical(schema, input)) throw new TypeError('not canonical');
      signers(message);
      validate(message);
      amino?.toJson(message);
    });
  const seeds = schema ? CHOICES.map((choice) => filledBytes(schema, choice)) : [];
  return {
    name: `message ${typeUrl}`,
    make: () => ({ name: typeUrl, seeds, bend: bendMessage, judge }),
  };
}

/** A name, a zero byte, and the message or request of that name. */
export const named = (name: string, body: Bytes): Bytes =>
  concat(utf8(name), Uint8Array.of(0), body);

export function split(input: Bytes): readonly [string, Bytes] {
  const end = input.indexOf(0);
  if (end < 0) return ['', input];
  try {
    return [fromUtf8(input.subarray(0, end)), input.slice(end + 1)];
  } catch {
    return ['', input];
  }
}

const bendBody: Bend = (input, random) => {
  const [name, body] = split(input);
  return named(name, bendMessage(body, random));
};

function signersOf(typeUrl: string, value: Bytes): number {
  const handler = chain.registry.message(typeUrl);
  try {
    return handler ? handler.signers(handler.codec.decode(value)).length : 1;
  } catch {
    return 1;
  }
}

/** A transaction with just this message, which only a trial run accepts. */
function trialOf(typeUrl: string, value: Bytes): Bytes {
  const publicKey = { typeUrl: PubKey.typeUrl, value: PubKey.encode({ key: ALICE_KEY }).finish() };
  const signer = { publicKey, modeInfo: { single: { mode: 1 } } };
  const count = signersOf(typeUrl, value);
  const authInfo = { signerInfos: Array.from({ length: count }, () => signer), fee: {} };
  const txBytes = TxRaw.encode({
    bodyBytes: TxBody.encode(TxBody.fromPartial({ messages: [{ typeUrl, value }] })).finish(),
    authInfoBytes: AuthInfo.encode(AuthInfo.fromPartial(authInfo)).finish(),
    signatures: Array.from({ length: count }, () => new Uint8Array(64)),
  }).finish();
  return SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
}

const SIMULATE = '/cosmos.tx.v1beta1.Service/Simulate';

function asked(app: Application, path: string, data: Bytes): string {
  const { code, codespace, log } = app.query({ path, data, height: 0, prove: false });
  if (code === PANIC || log.includes('panic') || log.includes('recovered'))
    throw new TypeError(log);
  return code === 0
    ? 'taken'
    : `${codespace}/${code} ${/code = (\w+)/.exec(log)?.[1] ?? ''}`.trim();
}

/** Whatever a message says, it runs to its end or is refused. */
const EXECUTED: NamedDecoder = {
  name: 'messages as they are run',
  make: () => ({
    name: 'messages as they are run',
    seeds: chain.registry.messageTypes().flatMap((typeUrl) => {
      const schema = schemaOf(typeUrl);
      if (schema === undefined) return [];
      return CHOICES.map((choice) => named(typeUrl, filledBytes(schema, choice)));
    }),
    bend: bendBody,
    judge: (input) => asked(chain, SIMULATE, trialOf(...split(input))),
  }),
};

function queryDecoder(path: string): NamedDecoder {
  const { request } = chain.registry.query(path) as { request: { typeUrl?: string } };
  const schema = schemaOf(request.typeUrl ?? requestName(path));
  const seeds = schema ? CHOICES.map((choice) => filledBytes(schema, choice)) : [];
  const judge = (input: Bytes): string => asked(chain, path, input);
  const all = [...seeds, new Uint8Array(0)];
  return {
    name: `query ${path}`,
    make: () => ({ name: path, seeds: all, bend: bendMessage, judge }),
  };
}

/** Of generated code that does not say its own name. */
function requestName(path: string): string {
  const [, service = '', method = ''] = path.split('/');
  return `${service.slice(0, service.lastIndexOf('.'))}.Query${method}Request`;
}

/** Keys of all lengths in all stores, with and without proof. */
const STORE_QUERY: NamedDecoder = {
  name: 'query of a store',
  make: () => ({
    name: 'query of a store',
    seeds: ['/store/bank/key', '/store/acc/subspace', '/app/version', '/store/no/key'].flatMap(
      (path) => [named(path, utf8('a')), named(path, new Uint8Array(21).fill(2))],
    ),
    bend: bendBody,
    judge: (input) => {
      const [path, data] = split(input);
      return verdictOf(() => {
        const height = data.length % 5;
        const { code, codespace } = chain.query({ path, data, height, prove: height > 1 });
        if (code !== 0) throw new BitscaleError({ codespace, code, text: '' });
      });
    },
  }),
};

export const APPLICATION: readonly NamedDecoder[] = [
  { name: 'transaction', make: transactions },
  ...chain.registry.messageTypes().map(messageDecoder),
  EXECUTED,
  ...chain.registry.queryPaths().map(queryDecoder),
  STORE_QUERY,
];
