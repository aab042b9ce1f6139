/**
 * A validator's voice about L1: reports the facts its own L1 node shows as final, and signs the batches of
 * committed blocks for L1. One transaction at a time, so sequences never race.
 */
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Any } from 'cosmjs-types/google/protobuf/any';
import type { Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_L1_FACTS_PER_MESSAGE } from '../base/limits.ts';
import { secp256k1PublicKey, signSecp256k1 } from '../base/secp256k1.ts';
import type { Logger } from '../base/service.ts';
import type {
  BatchHeader,
  L1Deposit,
  L1Proven,
  Params,
} from '../../proto/gen/bitscale/settlement/v1/types.ts';
import { MsgAttestBatch, MsgAttestL1 } from '../../proto/gen/bitscale/settlement/v1/tx.ts';
import type { ChainQuery } from './chain.ts';
import type { AttestationSigner, OperatorAccount, TxPool } from './expected.ts';
import type { L1Watcher } from './l1-watcher.ts';
import { BATCH, PARAMS, STATUS } from './queries.ts';

/** Measured: a fact costs 10,000 and, when it is decided, 1,600 for each of up to 100 validators. */
const GAS_BASE = 200_000n;
const GAS_PER_FACT = 200_000n;
/** Of each batch that a report makes final. */
const GAS_PER_FINAL_BATCH = 20_000n;
const GAS_PER_SIGNATURE = 200_000n;
/** Heights after which a transaction that was not seen in a block is given up. */
const PATIENCE_BLOCKS = 20;
/** Batches looked at in one round. */
const MAX_BATCHES_PER_ROUND = 256n;
const MAX_SIGNATURES_PER_TX = 8;

export interface AttestorOptions {
  readonly chainId: string;
  /** Bech32 account of the validator's operator. */
  readonly address: string;
  readonly accountSecret: Bytes;
  /** Fee per unit of gas, scaled by 10^6, in the fee denom. */
  readonly gasPriceMicro: bigint;
  readonly feeDenom: string;
}

/** Messages and the gas that they may need. */
interface Report {
  readonly messages: Any[];
  readonly gas: bigint;
}

const NOTHING: Report = { messages: [], gas: 0n };

interface Parts {
  readonly chain: ChainQuery;
  readonly watcher: Pick<L1Watcher, 'deposits' | 'finalRuns'>;
  readonly pool: TxPool;
  readonly account: OperatorAccount;
  readonly signer: AttestationSigner;
  readonly logger: Logger;
}

export class Attestor {
  readonly #options: AttestorOptions;
  readonly #parts: Parts;
  /** Newest batch this validator has looked at, and when it last signed one. */
  #seen = 0n;
  #signed = 0;
  /** Facts reported so far, by kind and number, and when. */
  readonly #reported = new Map<string, number>();
  /** The transaction under way: its sequence and the height at which it was sent. */
  #sent: { sequence: bigint; height: number } | undefined;

  constructor(options: AttestorOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** To be called after each committed block, or on a timer; never overlapping. */
  async round(height: number): Promise<void> {
    const account = await this.#parts.account.read(this.#options.address);
    if (!account) return;
    if (this.#sent && account.sequence <= this.#sent.sequence) {
      if (height - this.#sent.height < PATIENCE_BLOCKS) return;
      this.#startOver();
    }
    this.#sent = undefined;
    const facts = await this.#factReport(height);
    const batches = await this.#batchReport(height);
    const messages = [...facts.messages, ...batches.messages];
    if (messages.length === 0) return;
    const tx = this.#sign({ messages, gas: GAS_BASE + facts.gas + batches.gas }, account);
    try {
      const { code, log } = this.#parts.pool.add(tx);
      if (code !== 0) throw new Error(log);
      this.#sent = { sequence: account.sequence, height };
    } catch (error) {
      this.#startOver();
      this.#parts.logger.warn('attestation not accepted by the own mempool', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #startOver(): void {
    this.#seen = 0n;
    this.#reported.clear();
  }

  async #factReport(height: number): Promise<Report> {
    const { chain, watcher } = this.#parts;
    const status = await chain.query(STATUS, {});
    const isNews = (fact: string): boolean => {
      const reported = this.#reported.get(fact);
      if (reported !== undefined && height - reported < PATIENCE_BLOCKS) return false;
      this.#reported.set(fact, height);
      return true;
    };
    for (const [fact, at] of this.#reported) {
      if (height - at >= PATIENCE_BLOCKS) this.#reported.delete(fact);
    }
    const deposits: L1Deposit[] = watcher
      .deposits(status.nextDeposit, MAX_L1_FACTS_PER_MESSAGE / 2)
      .filter(({ index }) => isNews(`deposit ${index}`));
    const proven: L1Proven[] = [];
    for (const run of watcher.finalRuns(status.final)) {
      if (run.last > status.sealed) break;
      if (proven.length >= MAX_L1_FACTS_PER_MESSAGE / 2) break;
      if (!isNews(`run ${run.last}`)) continue;
      const { last: batch, rolling: rollingHash, txHash, l1Block } = run;
      proven.push({ batch, rollingHash, txHash, l1Block });
    }
    const count = deposits.length + proven.length;
    if (count === 0) return NOTHING;
    const message = { validator: this.#options.address, deposits, proven };
    const value = MsgAttestL1.encode(message).finish();
    const typeUrl = '/bitscale.settlement.v1.MsgAttestL1';
    const batches = (proven.at(-1)?.batch ?? status.final) - status.final;
    const gas = GAS_PER_FACT * BigInt(count) + GAS_PER_FINAL_BATCH * batches;
    return { messages: [Any.fromPartial({ typeUrl, value })], gas };
  }

  /** Signatures for the last batch of each block: its rolling hash covers the ones before. */
  async #batchReport(height: number): Promise<Report> {
    const { chain } = this.#parts;
    const status = await chain.query(STATUS, {});
    const { params } = await chain.query(PARAMS, {});
    const lost = height - this.#signed >= PATIENCE_BLOCKS;
    const from = this.#seen > status.attested && !lost ? this.#seen : status.attested;
    const messages: Any[] = [];
    let header: BatchHeader | undefined;
    for (let number = from + 1n; params && number <= status.sealed; number++) {
      if (number > from + MAX_BATCHES_PER_ROUND || messages.length >= MAX_SIGNATURES_PER_TX) break;
      const current = header ?? (await chain.query(BATCH, { number })).header;
      const next = number + 1n;
      header =
        next <= status.sealed ? (await chain.query(BATCH, { number: next })).header : undefined;
      this.#seen = number;
      if (!current || (header && header.height === current.height)) continue;
      messages.push(this.#attestation(params, current));
      this.#signed = height;
    }
    return { messages, gas: GAS_PER_SIGNATURE * BigInt(messages.length) };
  }

  #attestation(params: Params, { number: batch, rollingHash }: BatchHeader): Any {
    const l1 = { chainId: params.l1ChainId, rollup: params.rollup };
    const signature = this.#parts.signer.sign(l1, batch, rollingHash);
    const message = { validator: this.#options.address, batch, rollingHash, signature };
    const value = MsgAttestBatch.encode(message).finish();
    return Any.fromPartial({ typeUrl: '/bitscale.settlement.v1.MsgAttestBatch', value });
  }

  #sign(
    { messages, gas: gasLimit }: Report,
    account: { accountNumber: bigint; sequence: bigint },
  ): Bytes {
    const { chainId, accountSecret, gasPriceMicro, feeDenom } = this.#options;
    const fee = (gasLimit * gasPriceMicro + 999_999n) / 1_000_000n;
    const amount = fee > 0n ? [{ denom: feeDenom, amount: String(fee) }] : [];
    const key = PubKey.encode({ key: secp256k1PublicKey(accountSecret) }).finish();
    const authInfoBytes = AuthInfo.encode(
      AuthInfo.fromPartial({
        signerInfos: [
          {
            publicKey: { typeUrl: '/cosmos.crypto.secp256k1.PubKey', value: key },
            modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
            sequence: account.sequence,
          },
        ],
        fee: { amount, gasLimit },
      }),
    ).finish();
    const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages })).finish();
    const { accountNumber } = account;
    const doc = SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
    const signatures = [signSecp256k1(accountSecret, sha256(doc))];
    return TxRaw.encode({ bodyBytes, authInfoBytes, signatures }).finish();
  }
}
