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
} from '../../proto/gen/bitscale/settlement/v1/types.ts';
import { MsgAttestBatch, MsgAttestL1 } from '../../proto/gen/bitscale/settlement/v1/tx.ts';
import type { ChainQuery } from './chain.ts';
import type { AttestationSigner, OperatorAccount, TxPool } from './expected.ts';
import type { L1Watcher } from './l1-watcher.ts';
import { BATCH, PARAMS, STATUS } from './queries.ts';

const GAS_BASE = 200_000n;
const GAS_PER_FACT = 150_000n;
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

interface Parts {
  readonly chain: ChainQuery;
  readonly watcher: L1Watcher;
  readonly pool: TxPool;
  readonly account: OperatorAccount;
  readonly signer: AttestationSigner;
  readonly logger: Logger;
}

export class Attestor {
  readonly #options: AttestorOptions;
  readonly #parts: Parts;
  /** Newest batch this validator has looked at. */
  #seen = 0n;
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
      this.#seen = 0n;
      this.#reported.clear();
    }
    this.#sent = undefined;
    const messages = [...(await this.#factMessages(height)), ...(await this.#batchMessages())];
    if (messages.length === 0) return;
    const tx = this.#sign(messages, account);
    try {
      const { code, log } = this.#parts.pool.add(tx);
      if (code !== 0) throw new Error(log);
      this.#sent = { sequence: account.sequence, height };
    } catch (error) {
      this.#seen = 0n;
      this.#reported.clear();
      this.#parts.logger.warn('attestation not accepted by the own mempool', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #factMessages(height: number): Promise<Any[]> {
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
    if (deposits.length + proven.length === 0) return [];
    const message = { validator: this.#options.address, deposits, proven };
    const value = MsgAttestL1.encode(message).finish();
    return [Any.fromPartial({ typeUrl: '/bitscale.settlement.v1.MsgAttestL1', value })];
  }

  /** Signatures for the last batch of each block: its rolling hash covers the ones before. */
  async #batchMessages(): Promise<Any[]> {
    const { chain, signer } = this.#parts;
    const status = await chain.query(STATUS, {});
    const from = this.#seen > status.attested ? this.#seen : status.attested;
    const { params } = await chain.query(PARAMS, {});
    const messages: Any[] = [];
    let header: BatchHeader | undefined;
    for (let number = from + 1n; number <= status.sealed; number++) {
      if (number > from + MAX_BATCHES_PER_ROUND || messages.length >= MAX_SIGNATURES_PER_TX) break;
      const current = header ?? (await chain.query(BATCH, { number })).header;
      header =
        number < status.sealed
          ? (await chain.query(BATCH, { number: number + 1n })).header
          : undefined;
      this.#seen = number;
      if (!current || !params || (header && header.height === current.height)) continue;
      const l1 = { chainId: params.l1ChainId, rollup: params.rollup };
      const signature = signer.sign(l1, number, current.rollingHash);
      const message = {
        validator: this.#options.address,
        batch: number,
        rollingHash: current.rollingHash,
        signature,
      };
      const value = MsgAttestBatch.encode(message).finish();
      messages.push(Any.fromPartial({ typeUrl: '/bitscale.settlement.v1.MsgAttestBatch', value }));
    }
    return messages;
  }

  #sign(messages: Any[], account: { accountNumber: bigint; sequence: bigint }): Bytes {
    const { chainId, accountSecret, gasPriceMicro, feeDenom } = this.#options;
    const gasLimit = GAS_BASE + GAS_PER_FACT * BigInt(messages.length) * 4n;
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
