/** Transactions that a Cosmos SDK application wrote and signed, made again from their JSON, bit by bit. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressText } from '../../../../node/app/address-text.ts';
import { multiKey, singleKey } from '../../../../node/app/public-key.ts';
import { TxDecoder } from '../../../../node/app/tx.ts';
import { fromBase64, fromHex, toBase64, toHex } from '../../../../node/base/bytes.ts';
import { ExitError } from '../../../../node/base/exit.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { signSecp256k1 } from '../../../../node/base/secp256k1.ts';
import { combine } from '../../../../node/cli/tx/multisig.ts';
import {
  decodeParts,
  encodeParts,
  partsJson,
  readPartsJson,
  type TxParts,
} from '../../../../node/cli/tx/parts.ts';
import {
  AMINO,
  checkSignatures,
  DIRECT,
  signAsMember,
  signParts,
  type Signer,
} from '../../../../node/cli/tx/sign.ts';
import { readSignaturesJson, signaturesJson } from '../../../../node/cli/tx/signature-json.ts';
import { typesOf } from '../../../../node/ask-application.ts';
import { testApplication } from '../../../support/application.ts';
import { run } from '../fake-terminal.ts';

interface RecordedSigner {
  readonly address: string;
  readonly account_number: string;
  readonly sequence: string;
  readonly chain_id: string;
  readonly mode: string;
  readonly multisig_of?: readonly string[];
  readonly signed_by?: readonly string[];
  readonly threshold?: number;
}
interface RecordedTx {
  readonly name: string;
  readonly signers: readonly RecordedSigner[];
  readonly tx_json: { body: { messages: { '@type': string }[] } };
  readonly tx_raw: string;
  readonly tx_hash: string;
}
interface Account {
  readonly name: string;
  readonly private_key: string;
  readonly public_key: string;
  readonly address: string;
}

const file = new URL('../../../vectors/tx/signed.json', import.meta.url);
const { accounts, txs } = JSON.parse(readFileSync(file, 'utf8')) as {
  accounts: readonly Account[];
  txs: readonly RecordedTx[];
};

const addresses = addressText('cosmos');
const { app } = testApplication({ addresses });
const chain = { decoder: new TxDecoder(app.registry, addresses) };
const types = typesOf(app);

const known = txs.filter(({ tx_json: json }) =>
  json.body.messages.every((message) => app.registry.message(message['@type'])),
);
const single = known.filter(({ signers }) => signers.every((one) => !one.multisig_of));
const together = known.filter(({ signers }) => signers.some((one) => one.multisig_of));

function signerOf(account: Account): Signer {
  const privateKey = fromHex(account.private_key);
  return {
    publicKey: singleKey(fromHex(account.public_key)),
    aminoOnly: false,
    sign: (doc) => Promise.resolve(signSecp256k1(privateKey, sha256(doc))),
  };
}

const named = (name: string): Account => accounts.find((account) => account.name === name)!;

const factsOf = (one: RecordedSigner) => ({
  chainId: one.chain_id,
  accountNumber: BigInt(one.account_number),
  sequence: BigInt(one.sequence),
});

const unsigned = (parts: TxParts): TxParts => ({
  ...parts,
  authInfo: { ...parts.authInfo, signerInfos: [] },
  signatures: [],
});

describe('cli: recorded transactions', () => {
  it('covers every recorded transaction whose messages this chain has', () => {
    assert.ok(single.length >= 30 && together.length === 2, `${single.length}, ${together.length}`);
  });

  for (const recorded of known) {
    const modes = recorded.signers.map(({ mode }) => mode).join();
    it(`reads and writes ${recorded.name} (${modes}) as JSON and as bytes`, () => {
      const parts = readPartsJson(recorded.tx_json);
      assert.equal(toHex(encodeParts(parts)), recorded.tx_raw);
      const decoded = decodeParts(fromHex(recorded.tx_raw));
      assert.deepEqual(partsJson(decoded, types), recorded.tx_json);
    });
  }

  for (const recorded of single.filter(({ signers }) => signers.length === 1 || isAmino(signers))) {
    const modes = recorded.signers.map(({ mode }) => mode).join();
    it(`signs ${recorded.name} (${modes}) to the same bytes`, async () => {
      let parts = unsigned(readPartsJson(recorded.tx_json));
      // Whoever signs last, signatures stand in the order of the signers.
      for (const one of [...recorded.signers].reverse()) {
        const account = accounts.find(({ address }) => address === one.address)!;
        const mode = one.mode === 'SIGN_MODE_DIRECT' ? DIRECT : AMINO;
        parts = await signParts(parts, signerOf(account), { ...factsOf(one), mode }, chain);
      }
      assert.equal(toHex(encodeParts(parts)), recorded.tx_raw);
    });
  }

  for (const recorded of together) {
    it(`puts ${recorded.name} together from signatures that went through files`, async () => {
      const parts = unsigned(readPartsJson(recorded.tx_json));
      const [one] = recorded.signers as [RecordedSigner];
      const group = multiKey(
        one.multisig_of!.map((name) => fromHex(named(name).public_key)),
        one.threshold!,
      );
      const facts = factsOf(one);
      const loose = await Promise.all(
        one.signed_by!.map((name) => signAsMember(parts, signerOf(named(name)), facts, chain)),
      );
      const files = loose.map((signature) => JSON.stringify(signaturesJson([signature], types)));
      const signatures = files.flatMap((text) => readSignaturesJson(JSON.parse(text)));
      const signed = combine(parts, { group, signatures: signatures.reverse() }, facts, chain);
      assert.equal(toHex(encodeParts(signed)), recorded.tx_raw);

      const refused = (change: Partial<typeof facts>, given = signatures): void => {
        const isData = (error: unknown): boolean =>
          error instanceof ExitError && error.exitCode === 65;
        const all = { ...facts, ...change };
        assert.throws(() => combine(parts, { group, signatures: given }, all, chain), isData);
      };
      refused({ sequence: facts.sequence + 1n });
      refused({ accountNumber: facts.accountNumber + 1n });
      refused({ chainId: 'other' });
      refused({}, signatures.slice(1));
      refused({}, [signatures[0]!, signatures[0]!]);
      const stranger = accounts.find(({ name }) => !one.multisig_of!.includes(name))!;
      const theirs = await signAsMember(parts, signerOf(stranger), facts, chain);
      refused({}, [...signatures, theirs]);
    });
  }

  it('writes a signature as MarshalSignatureJSON of Cosmos SDK 0.50.15 does, to the letter', () => {
    const key = 'A5mXpJfZZPwaYohbBaURZqZakN8ASSyNfPYdasz1SAO+';
    const recorded = [
      '{"signatures":[{"public_key":{"@type":"/cosmos.crypto.secp256k1.PubKey",',
      `"key":"${key}"},"data":{"single":{"mode":"SIGN_MODE_LEGACY_AMINO_JSON",`,
      `"signature":"${'Bwc'.padEnd(84, 'HBwc')}Bw=="}},"sequence":"0"}]}`,
    ].join('');
    const publicKey = singleKey(fromBase64(key));
    const signature = new Uint8Array(64).fill(7);
    const json = signaturesJson([{ publicKey, mode: AMINO, signature, sequence: 0n }], types);
    assert.equal(JSON.stringify(json), recorded);
  });

  it('says which signatures hold, and that none does for another chain or account number', async () => {
    for (const recorded of known) {
      const tx = chain.decoder.decode(fromHex(recorded.tx_raw));
      const byAddress = new Map(recorded.signers.map((one) => [one.address, factsOf(one)]));
      let index = 0;
      const facts = () => Promise.resolve([...byAddress.values()][index++]!);
      const reports = await checkSignatures(tx, facts);
      assert.ok(reports.length > 0 && reports.every(({ valid }) => valid), recorded.name);
      index = 0;
      const other = await checkSignatures(tx, async () => {
        const { chainId, accountNumber } = await facts();
        return { chainId, accountNumber: accountNumber ^ 1n };
      });
      assert.ok(
        other.every(({ valid }) => !valid),
        recorded.name,
      );
    }
  });

  it('refuses to sign what cannot be signed so', async () => {
    const two = known.find(({ name }) => name === 'two-signers')!;
    const parts = unsigned(readPartsJson(two.tx_json));
    const [one] = two.signers as [RecordedSigner];
    const signer = signerOf(accounts.find(({ address }) => address === one.address)!);
    const facts = factsOf(one);
    await assert.rejects(signParts(parts, signer, { ...facts, mode: DIRECT }, chain), /amino-json/);
    const stranger = accounts.find(({ address }) =>
      two.signers.every((each) => each.address !== address),
    )!;
    const choice = { ...facts, mode: AMINO };
    await assert.rejects(
      signParts(parts, signerOf(stranger), choice, chain),
      /needs the signature of/,
    );
    const device = { ...signer, aminoOnly: true };
    await assert.rejects(signParts(parts, device, { ...facts, mode: DIRECT }, chain), /amino/);
    const liar = { ...signer, sign: () => Promise.resolve(new Uint8Array(64).fill(1)) };
    await assert.rejects(signParts(parts, liar, choice, chain), /not of this key/);
  });

  describe('by command', () => {
    let home: string;
    beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bitscale-tx-'))));
    afterEach(() => rmSync(home, { recursive: true }));
    const write = (name: string, content: unknown): string => {
      const path = join(home, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };

    it('tx encode and tx decode are the inverse of each other', async () => {
      for (const recorded of known) {
        const path = write('tx.json', recorded.tx_json);
        const encoded = await run(['tx', 'encode', path]);
        assert.equal(encoded.output, toBase64(fromHex(recorded.tx_raw)), recorded.name);
        const decoded = await run(['tx', 'decode', encoded.output]);
        assert.deepEqual(JSON.parse(decoded.output), recorded.tx_json);
        assert.equal((await run(['tx', 'decode', '-x', recorded.tx_raw])).output, decoded.output);
      }
      const piped = await run(['tx', 'encode', '-'], [JSON.stringify(known[0]!.tx_json)]);
      assert.equal(piped.output, toBase64(fromHex(known[0]!.tx_raw)));
    });

    const good = known[0]!.tx_json as unknown as Record<string, Record<string, unknown>>;
    const message = known[0]!.tx_json.body.messages[0]!;
    const bad: [string, unknown][] = [
      ['no JSON', '{'],
      ['no object', '[]'],
      ['no transaction', {}],
      ['no auth info', { body: good['body'] }],
      ['an unknown field', { ...good, more: 1 }],
      ['an unknown field of the body', { ...good, body: { ...good['body'], more: 1 } }],
      [
        'an unknown field of a message',
        { ...good, body: { ...good['body'], messages: [{ ...message, to: 'x' }] } },
      ],
      [
        'an unknown type of message',
        { ...good, body: { ...good['body'], messages: [{ '@type': '/a.B' }] } },
      ],
      ['a number that is none', { ...good, body: { ...good['body'], timeout_height: 'x' } }],
      ['a signature that is no base64', { ...good, signatures: ['!'] }],
    ];
    for (const [name, content] of bad) {
      it(`ends with code 65 for ${name}`, async () => {
        const { code, output, errors } = await run(['tx', 'encode', write('tx.json', content)]);
        assert.deepEqual([code, output], [65, ''], errors);
      });
    }

    it('ends with code 65 for bytes that are no transaction, 74 for a file that is not there', async () => {
      for (const bytes of ['!', 'AAAA', '']) {
        assert.equal((await run(['tx', 'decode', bytes])).code, 65, bytes);
      }
      assert.equal((await run(['tx', 'decode', '-x', 'zz'])).code, 65);
      assert.equal((await run(['tx', 'encode', join(home, 'none')])).code, 74);
    });
  });
});

function isAmino(signers: readonly RecordedSigner[]): boolean {
  return signers.every(({ mode }) => mode === 'SIGN_MODE_LEGACY_AMINO_JSON');
}
