/**
 * The transaction by which a validator asks for its place in the first block: MsgCreateValidator as stock tools
 * write it, signed for the chain with account number and sequence 0.
 */
import { PubKey as ConsensusKey } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import { PubKey as AccountKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgCreateValidator } from 'cosmjs-types/cosmos/staking/v1beta1/tx';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, Tx, TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Validator as AttestationKey } from '../../../proto/gen/bitscale/settlement/v1/types.ts';
import { accountAddress, valoperText } from '../../base/address.ts';
import { fromHex, type Bytes } from '../../base/bytes.ts';
import { coinToText } from '../../base/coin.ts';
import { Dec } from '../../base/dec.ts';
import { sha256 } from '../../base/hash.ts';
import { signSecp256k1 } from '../../base/secp256k1.ts';
import type { JsonCodec } from '../../gateway/expected.ts';
import { toJson, type Json } from '../../gateway/json/to-json.ts';
import type { SigningKey } from './keys.ts';

export const ATTESTATION_URL = '/bitscale.settlement.v1.Validator';
const GAS = 200_000n;

export interface GentxTerms {
  readonly chainId: string;
  readonly pubKey: Bytes;
  readonly stake: { readonly denom: string; readonly amount: bigint };
  readonly description: MsgCreateValidator['description'];
  /** Decimals, such as "0.1". */
  readonly rate: string;
  readonly maxRate: string;
  readonly maxChangeRate: string;
  readonly minSelfDelegation: bigint;
  /** `<peer id>@<host>:<port>`. */
  readonly memo: string;
  /** L1 address of the attestation key, 0x and 40 digits. */
  readonly attestation?: string;
}

/** The types that stand in an Any of a gentx. */
const TYPES: ReadonlyMap<string, JsonCodec> = new Map(
  Object.entries({
    [MsgCreateValidator.typeUrl]: MsgCreateValidator,
    [ConsensusKey.typeUrl]: ConsensusKey,
    [AccountKey.typeUrl]: AccountKey,
    [ATTESTATION_URL]: AttestationKey,
  }) as unknown as [string, JsonCodec][],
);

/** As JSON, in the form that simd writes. */
export function makeGentx(terms: GentxTerms, key: SigningKey): Json {
  const operator = valoperText(accountAddress(key.publicKey));
  const message = MsgCreateValidator.fromPartial({
    description: terms.description,
    commission: {
      rate: Dec.parse(terms.rate).toWire(),
      maxRate: Dec.parse(terms.maxRate).toWire(),
      maxChangeRate: Dec.parse(terms.maxChangeRate).toWire(),
    },
    minSelfDelegation: terms.minSelfDelegation.toString(),
    validatorAddress: operator,
    pubkey: any(ConsensusKey.typeUrl, ConsensusKey.encode({ key: terms.pubKey }).finish()),
    value: coinToText(terms.stake),
  });
  const body = TxBody.fromPartial({
    messages: [any(MsgCreateValidator.typeUrl, MsgCreateValidator.encode(message).finish())],
    memo: terms.memo,
    nonCriticalExtensionOptions:
      terms.attestation === undefined ? [] : [attestationOption(operator, terms.attestation)],
  });
  const publicKey = any(AccountKey.typeUrl, AccountKey.encode({ key: key.publicKey }).finish());
  const modeInfo = { single: { mode: SignMode.SIGN_MODE_DIRECT } };
  const authInfo = AuthInfo.fromPartial({
    signerInfos: [{ publicKey, modeInfo, sequence: 0n }],
    fee: { gasLimit: GAS },
  });
  const signature = signSecp256k1(key.privateKey, signedHash(body, authInfo, terms.chainId));
  return gentxJson(Tx.fromPartial({ body, authInfo, signatures: [signature] }));
}

const any = (typeUrl: string, value: Bytes) => ({ typeUrl, value });

function attestationOption(operator: string, address: string) {
  const key = { operator, attestationAddress: fromHex(address.slice(2)) };
  return any(ATTESTATION_URL, AttestationKey.encode(key).finish());
}

/** The account has no number before the chain begins. */
export function signedHash(body: TxBody, authInfo: AuthInfo, chainId: string): Bytes {
  const bodyBytes = TxBody.encode(body).finish();
  const authInfoBytes = AuthInfo.encode(authInfo).finish();
  return sha256(SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber: 0n }).finish());
}

function gentxJson(tx: Tx): Json {
  return toJson(Tx as unknown as JsonCodec, tx, (typeUrl) => TYPES.get(typeUrl));
}
