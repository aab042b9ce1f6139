/** Puts the validators of gentx files into a genesis file, all or none. */
import { object, text } from '../../../genesis/read.ts';
import { valoperText } from '../../base/address.ts';
import { toBase64, toHex } from '../../base/bytes.ts';
import { Dec } from '../../base/dec.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { GenesisDocument } from './document.ts';
import { readGentx, type Gentx } from './gentx-file.ts';
import { trackStake } from './new-account.ts';

export interface GentxFile {
  readonly name: string;
  readonly content: string;
}

export interface Collected {
  readonly operator: string;
  readonly moniker: string;
  readonly memo: string;
  /** False when the genesis file had it already. */
  readonly isNew: boolean;
}

const refuse = (sentence: string): ExitError => new ExitError(EXIT_DATA, sentence);

/** The order of the files makes no difference. Throws ExitError 65 that names the file; nothing is written. */
export function collect(document: GenesisDocument, files: readonly GentxFile[]): Collected[] {
  const read = files.map(({ name, content }) => {
    const gentx = readGentx(content, name, document.chainId);
    if (gentx.denom !== document.bondDenom) {
      throw refuse(`${name}: stakes ${gentx.denom}; this chain stakes ${document.bondDenom}`);
    }
    return { name, gentx };
  });
  refuseDoubles(read);
  const known = new Map(
    document.validators.map((json) => {
      const key = object(json['consensus_pubkey'], 'consensus_pubkey')['key'];
      return [text(json['operator_address'], 'operator_address'), { key, tokens: json['tokens'] }];
    }),
  );
  const byOperator = (one: Named, other: Named): number =>
    toHex(one.gentx.operator) < toHex(other.gentx.operator) ? -1 : 1;
  return read.sort(byOperator).map(({ name, gentx }) => {
    const operator = valoperText(gentx.operator);
    const there = known.get(operator);
    if (there) requireSame(name, gentx, there);
    else add(document, name, gentx);
    const { memo, description } = gentx;
    return { operator, moniker: description.moniker, memo, isNew: !there };
  });
}

interface Named {
  readonly name: string;
  readonly gentx: Gentx;
}

function refuseDoubles(read: readonly Named[]): void {
  const seen = new Map<string, string>();
  for (const { name, gentx } of read) {
    const claims = [
      `the operator ${valoperText(gentx.operator)}`,
      `the consensus key ${toBase64(gentx.pubKey)}`,
      ...(gentx.attestation === undefined ? [] : [`the attestation key ${gentx.attestation}`]),
    ];
    for (const claim of claims) {
      const other = seen.get(claim);
      if (other !== undefined) throw refuse(`${name}: ${claim} is also in ${other}`);
      seen.set(claim, name);
    }
  }
}

function requireSame(name: string, { pubKey, tokens }: Gentx, there: object): void {
  const { key, tokens: staked } = there as { key: unknown; tokens: unknown };
  if (key === toBase64(pubKey) && staked === tokens.toString()) return;
  throw refuse(`${name}: the genesis file has this operator already, with another key or stake`);
}

function add(document: GenesisDocument, name: string, gentx: Gentx): void {
  const { operator, tokens, attestation, rates } = gentx;
  try {
    document.requireStake(operator, tokens);
    const least = document.leastCommission;
    if (Dec.parse(rates.rate).lt(least)) throw refuse(`the commission is below ${String(least)}`);
    trackStake(document, operator, tokens);
    document.addValidator(gentx, attestation);
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `${name}: ${(cause as Error).message}`, { cause });
  }
}
