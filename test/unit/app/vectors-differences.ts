/** Where our answers differ from the recorded ones, by the note of the case, and why. */
export interface Difference {
  readonly reason: string;
  /** [codespace, code] we answer instead; absent: as recorded. */
  readonly check?: readonly [string, number];
  readonly result?: readonly [string, number];
}

type Answer = readonly [string, number];

function everywhere(reason: string, answer: Answer): Difference {
  return { reason, check: answer, result: answer };
}

const NOT_CANONICAL = everywhere('one transaction must have one hash: only canonical bytes', [
  'sdk',
  2,
]);

/** CheckTx refuses what is certain to fail in the block; the reference lets it in and takes the fee. */
const early = (code: number, codespace = 'sdk'): Difference => ({
  reason: 'refused in CheckTx already, because it is certain to fail in the block',
  check: [codespace, code],
});

export const DIFFERENT: ReadonlyMap<string, Difference> = new Map([
  [
    "public key left out of the signer info, though the account's key is known",
    everywhere('a proper error in place of a panic', ['sdk', 8]),
  ],
  ['empty auth info', everywhere('a proper error in place of a panic', ['sdk', 18])],
  ['timeout height passed', early(30)],
  ['amount zero', early(10)],
  ['no amount', early(10)],
  ['negative amount', early(10)],
  ['amount coins twice the same denom', early(10)],
  ['invalid denom', early(10)],
  ['recipient address with a bad checksum', early(7)],
  ['recipient address with another prefix', early(7)],
  ['multi-send whose sums differ', early(4, 'bank')],
  ['TxRaw body twice', NOT_CANONICAL],
  ['body with unknown field 1500 (bit 10 of the number set: not critical)', NOT_CANONICAL],
  ['message with unknown field 1500', NOT_CANONICAL],
  ['body fields in another order (memo before message): decoded as it is', NOT_CANONICAL],
  ['default value written out (timeout_height 0): decoded as it is', NOT_CANONICAL],
  ['message with a singular field twice: the last one counts', NOT_CANONICAL],
  ['memo that is not UTF-8', NOT_CANONICAL],
]);

/**
 * Logs without what may differ: why bytes do not decode, the library's words on a bad address, raw address
 * bytes (we write the text), and the gas at which a transaction ran out.
 */
export function looseLog(log: string): string {
  return log
    .replace(/^[^]*: tx parse error$/, 'tx parse error')
    .replace(/(invalid to address): .*: invalid address$/, '$1: invalid address')
    .replace(/fee payer address: .* does not exist/s, 'fee payer address: X does not exist')
    .replace(/^.* does not allow to pay fees for [^]*?: /, 'A does not allow to pay fees for B: ')
    .replace(/failed to delete grant [^]*: auth/, 'failed to delete grant: auth')
    .replace('index: 0: : invalid coins', 'index: 0: invalid coins')
    .replace(/gasUsed: \d+: out of gas/, 'gasUsed: X: out of gas');
}
