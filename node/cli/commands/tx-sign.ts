/** bitscale tx sign, sign-batch, multisign, validate-signatures: transactions that go from hand to hand. */
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { findKey, openKeyring } from '../keyring/options.ts';
import { outputOption, printResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { chainTypes } from '../tx/chain-types.ts';
import {
  DOCUMENT_OPTION,
  parseJson,
  readAnyTx,
  readJson,
  readText,
  readTx,
  writeDocument,
  writeJsonDocument,
} from '../tx/files.ts';
import { combine } from '../tx/multisig.ts';
import { chosenMode, FROM_OPTION, SIGN_OPTIONS } from '../tx/options.ts';
import { partsJson, readPartsJson, type TxParts } from '../tx/parts.ts';
import { accountFacts, chainIdOf } from '../tx/send.ts';
import { checkSignatures, readTxParts, signAsMember, signParts, type Signer } from '../tx/sign.ts';
import { readSignaturesJson, signaturesJson, type LooseSignature } from '../tx/signature-json.ts';
import { findSender, openSigner, type Sender } from '../tx/signer.ts';

const OVERWRITE = 'overwrite';

async function signerOf(call: Call, terminal: Terminal): Promise<[Sender, Signer]> {
  const sender = findSender(call, terminal, call.text('from'));
  if (sender.key !== undefined) return [sender, await openSigner(call, terminal, sender.key)];
  throw new ExitError(EXIT_DATA, `there is no key of ${sender.address}`);
}

function withoutSignatures(parts: TxParts): TxParts {
  return { ...parts, authInfo: { ...parts.authInfo, signerInfos: [] }, signatures: [] };
}

/** The signatures of a transaction, without it. */
function looseSignatures({ authInfo, signatures }: TxParts, signer: Signer): LooseSignature[] {
  return authInfo.signerInfos.flatMap((info, index) => {
    const mode = info.modeInfo?.single?.mode;
    const isOurs = info.publicKey?.value.toString() === signer.publicKey.any.value.toString();
    if (mode === undefined || !isOurs) return [];
    const signature = signatures[index]!;
    return [{ publicKey: signer.publicKey, mode, signature, sequence: info.sequence }];
  });
}

async function signForGroup(call: Call, terminal: Terminal, parts: TxParts): Promise<void> {
  const group = findSender(call, terminal, call.text('multisig'));
  const [, signer] = await signerOf(call, terminal);
  const facts = { chainId: await chainIdOf(call), ...(await accountFacts(call, group.address)) };
  const one = await signAsMember(parts, signer, facts, chainTypes());
  writeJsonDocument(call, terminal, signaturesJson([one], chainTypes().types));
}

const sign: Command = {
  name: 'tx sign',
  summary: 'Sign a transaction that --generate-only made; alone, or as a member of a multisig',
  arguments: ['<file>'],
  options: {
    ...FROM_OPTION,
    multisig: { value: '<name_or_address>', help: 'sign as a member of this multisig' },
    'signature-only': { help: 'print the signature without the transaction' },
    [OVERWRITE]: { help: 'drop the signatures that are there' },
    ...SIGN_OPTIONS,
    ...DOCUMENT_OPTION,
  },
  examples: [
    'bitscale tx sign unsigned.json --from alice > signed.json',
    'bitscale tx sign unsigned.json --from alice --offline --chain-id bitscale-1 -a 7 -s 3',
    'bitscale tx sign unsigned.json --from alice --multisig board > alice.json',
  ],
  async run(call, terminal) {
    const given = await readTx(terminal, call.argument(0));
    const parts = call.flag(OVERWRITE) ? withoutSignatures(given) : given;
    if (call.optional('multisig') !== undefined) return signForGroup(call, terminal, parts);
    const [sender, signer] = await signerOf(call, terminal);
    const facts = { chainId: await chainIdOf(call), ...(await accountFacts(call, sender.address)) };
    const choice = { ...facts, mode: chosenMode(call) };
    const signed = await signParts(parts, signer, choice, chainTypes());
    const { types } = chainTypes();
    const json = call.flag('signature-only')
      ? signaturesJson(looseSignatures(signed, signer), types)
      : partsJson(signed, types);
    writeJsonDocument(call, terminal, json);
  },
};

const signBatch: Command = {
  name: 'tx sign-batch',
  summary:
    'Sign the transactions of a file, one in each line, with sequences that follow each other',
  arguments: ['<file>'],
  options: { ...FROM_OPTION, ...SIGN_OPTIONS, ...DOCUMENT_OPTION },
  examples: ['bitscale tx sign-batch unsigned.jsonl --from alice > signed.jsonl'],
  async run(call, terminal) {
    const file = call.argument(0);
    const lines = (await readText(terminal, file)).split('\n').filter((line) => line.trim() !== '');
    const [sender, signer] = await signerOf(call, terminal);
    const chainId = await chainIdOf(call);
    const { accountNumber, sequence } = await accountFacts(call, sender.address);
    const signed: string[] = [];
    for (const [index, line] of lines.entries()) {
      const parts = withoutSignatures(readPartsJson(parseJson(line, file)));
      const next = sequence + BigInt(index);
      const choice = { chainId, accountNumber, sequence: next, mode: chosenMode(call) };
      const done = await signParts(parts, signer, choice, chainTypes());
      signed.push(JSON.stringify(partsJson(done, chainTypes().types)));
    }
    writeDocument(call, terminal, signed.join('\n'));
  },
};

const multisign: Command = {
  name: 'tx multisign',
  aliases: ['tx multi-sign'],
  summary: 'Put the signatures of members together, each made by tx sign --multisig',
  arguments: ['<file>', '<multisig>', '<signature_file>', '[signature_file...]'],
  options: { ...SIGN_OPTIONS, ...DOCUMENT_OPTION },
  examples: ['bitscale tx multisign unsigned.json board alice.json bob.json > signed.json'],
  async run(call, terminal) {
    const parts = withoutSignatures(await readTx(terminal, call.argument(0)));
    const { publicKey: group, name } = findKey(openKeyring(call, terminal), call.argument(1));
    if (!group.multi) throw usageError(`${name} is no multisig`);
    const signatures: LooseSignature[] = [];
    for (const file of call.rest(2)) {
      signatures.push(...readSignaturesJson(await readJson(terminal, file)));
    }
    const { address } = findSender(call, terminal, call.argument(1));
    const facts = { chainId: await chainIdOf(call), ...(await accountFacts(call, address)) };
    const signed = combine(parts, { group, signatures }, facts, chainTypes());
    writeJsonDocument(call, terminal, partsJson(signed, chainTypes().types));
  },
};

const validate: Command = {
  name: 'tx validate-signatures',
  summary: 'Say for every signer of a transaction whether its signature holds',
  arguments: ['<file>'],
  options: { ...SIGN_OPTIONS, ...outputOption('text') },
  examples: ['bitscale tx validate-signatures signed.json'],
  async run(call, terminal) {
    const tx = readTxParts(await readAnyTx(terminal, call.argument(0)), chainTypes());
    const chainId = await chainIdOf(call);
    const reports = await checkSignatures(tx, async (address) => {
      return { chainId, accountNumber: (await accountFacts(call, address)).accountNumber };
    });
    printResult(call, terminal, { hash: tx.hash, signers: reports });
    if (reports.some(({ valid }) => !valid)) {
      throw new ExitError(EXIT_DATA, 'not every signature holds');
    }
  },
};

export const signCommands: readonly Command[] = [sign, signBatch, multisign, validate];
