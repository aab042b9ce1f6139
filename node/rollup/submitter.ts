/** Brings a run of proven batches to the Rollup contract, with the validators' certificate for its end. */
import { Contract, isError, type Interface, type Signer, type TransactionReceipt } from 'ethers';
import { toHex, type Bytes } from '../base/bytes.ts';
import type { SealedBatch } from '../../modules/ledger/index.ts';
import type { QueryAttestationsResponse } from '../../proto/gen/bitscale/settlement/v1/query.ts';
import type { Proof } from './groth16.ts';

export interface ProvenBatch {
  readonly batch: SealedBatch;
  readonly proof: Proof;
}

const hex = (bytes: Bytes): string => `0x${toHex(bytes)}`;
/** First version of the circuit in the registry. */
const KEY_VERSION = 1;
/** Room above the estimate: the pairing precompile fails closed when gas runs out inside it. */
const GAS_MARGIN_PERCENT = 120n;
/** An L1 that restarts or reorganises may forget a transaction it has taken: then it is sent again. */
const RECEIPT_TIMEOUT_MS = 60_000;

/** The proof as the precompile wants it: the imaginary part of G2 coordinates first. */
export function proofWords({ pi_a: a, pi_b: b, pi_c: c }: Proof): bigint[] {
  const [bx = [], by = []] = b;
  return [a[0], a[1], bx[1], bx[0], by[1], by[0], c[0], c[1]].map((word) => BigInt(word ?? 0));
}

/** All validators in the order L1 stored them, and the signatures of those that attested. */
export function certificate({ validators }: QueryAttestationsResponse) {
  const members = validators.map(({ address, power }) => ({ key: hex(address), power }));
  const seals = validators.flatMap(({ signature }, index) => {
    if (signature.length === 0) return [];
    const r = hex(signature.slice(0, 32));
    return [{ index, v: signature[64], r, s: hex(signature.slice(32, 64)) }];
  });
  return { members, seals };
}

export class Submitter {
  readonly #rollup: Contract;
  readonly #prover: string;

  constructor(rollup: Contract, signer: Signer, prover: string) {
    this.#rollup = rollup.connect(signer) as Contract;
    this.#prover = prover;
  }

  /** Sends the run and waits until it is in a block. Rejects with the contract's error by name. */
  async submit(
    run: readonly ProvenBatch[],
    attestations: QueryAttestationsResponse,
  ): Promise<TransactionReceipt> {
    const argument = {
      prover: this.#prover,
      keyVersion: KEY_VERSION,
      oldRoot: run[0]?.batch.oldRoot,
      batches: run.map(({ batch, proof }) => ({
        newRoot: batch.newRoot,
        commitment: batch.commitment,
        proof: proofWords(proof),
        words: batch.publicWords,
      })),
    };
    const submit = this.#rollup.getFunction('submit');
    const seals = certificate(attestations);
    try {
      const gas = await submit.estimateGas(argument, seals);
      const gasLimit = (gas * GAS_MARGIN_PERCENT) / 100n;
      const sent = await submit.send(argument, seals, { gasLimit });
      const receipt = await sent.wait(1, RECEIPT_TIMEOUT_MS);
      if (receipt?.status !== 1) throw new Error('the submission was reverted');
      return receipt;
    } catch (error) {
      throw new Error(reasonOf(error, this.#rollup.interface), { cause: error });
    }
  }
}

/** The custom error a call was refused with, for example "StaleRoot"; ethers names it for calls only. */
function reasonOf(error: unknown, contract: Interface): string {
  if (!isError(error, 'CALL_EXCEPTION'))
    return error instanceof Error ? error.message : String(error);
  const known = error.data ? contract.parseError(error.data)?.name : undefined;
  return known ?? error.reason ?? error.shortMessage;
}
