/** Reads a gentx of somebody else: what cannot be is refused, what it says is covered by its signature. */
import { PubKey as ConsensusKey } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import { PubKey as AccountKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgCreateValidator } from 'cosmjs-types/cosmos/staking/v1beta1/tx';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { integer, object, objects, text, type JsonObject } from '../../../genesis/read.ts';
import type { StakedValidator } from '../../../genesis/stake-records.ts';
import { Validator as AttestationKey } from '../../../proto/gen/bitscale/settlement/v1/types.ts';
import { accountAddress, accountText, parseValoper, valoperText } from '../../base/address.ts';
import { equal, fromBase64, toHex, type Bytes } from '../../base/bytes.ts';
import { coinFromText } from '../../base/coin.ts';
import { Dec } from '../../base/dec.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { verifySecp256k1 } from '../../base/secp256k1.ts';
import { ATTESTATION_URL, signedHash } from './gentx.ts';
import { checkTerms } from './validator-terms.ts';

export interface Gentx extends StakedValidator {
  readonly denom: string;
  readonly memo: string;
  /** L1 address of the attestation key. */
  readonly attestation: string | undefined;
}

/** Throws ExitError 65 that names the file. */
export function readGentx(content: string, name: string, chainId: string): Gentx {
  try {
    return read(object(JSON.parse(content), 'it'), chainId);
  } catch (cause) {
    const why = (cause as Error).message.replace(/^genesis file: /, '');
    throw new ExitError(EXIT_DATA, `${name}: ${why}`, { cause });
  }
}

function read(json: JsonObject, chainId: string): Gentx {
  const bodyJson = object(json['body'], 'body');
  const [messageJson, ...more] = objects(bodyJson['messages'], 'body.messages');
  if (!messageJson || more.length > 0 || messageJson['@type'] !== MsgCreateValidator.typeUrl) {
    throw new RangeError(`must hold one message, ${MsgCreateValidator.typeUrl}`);
  }
  const message = readMessage(messageJson);
  const options = objects(bodyJson['non_critical_extension_options'], 'options').map(readOption);
  const body = TxBody.fromPartial({
    messages: [
      { typeUrl: MsgCreateValidator.typeUrl, value: MsgCreateValidator.encode(message).finish() },
    ],
    memo: text(bodyJson['memo'] ?? '', 'body.memo'),
    nonCriticalExtensionOptions: options.map((option) => ({
      typeUrl: ATTESTATION_URL,
      value: AttestationKey.encode(option).finish(),
    })),
  });
  const operator = parseValoper(message.validatorAddress);
  const { authInfo, signer } = readAuth(object(json['auth_info'], 'auth_info'));
  if (!equal(accountAddress(signer), operator)) {
    throw new RangeError(`is not signed by the operator, ${accountText(operator)}`);
  }
  checkSignature(json, { hash: signedHash(body, authInfo, chainId), signer, chainId });
  return {
    ...staked(message, operator),
    memo: body.memo,
    attestation: attestationOf(options, operator),
  };
}

interface Signed {
  readonly hash: Bytes;
  readonly signer: Bytes;
  readonly chainId: string;
}

function checkSignature(json: JsonObject, { hash, signer, chainId }: Signed): void {
  const { signatures } = json;
  const isOne = Array.isArray(signatures) && signatures.length === 1;
  if (isOne && verifySecp256k1(signer, hash, fromBase64(text(signatures[0], 'signatures')))) return;
  throw new RangeError(`the signature does not fit: it was changed, or is not for ${chainId}`);
}

function readMessage(json: JsonObject): MsgCreateValidator {
  const word = (from: JsonObject, name: string): string => text(from[name] ?? '', name);
  const [description, commission] = [
    object(json['description'], 'description'),
    object(json['commission'], 'commission'),
  ];
  const [pubkey, value] = [object(json['pubkey'], 'pubkey'), object(json['value'], 'value')];
  if (pubkey['@type'] !== ConsensusKey.typeUrl) throw new RangeError('pubkey must be ed25519');
  const rate = (name: string): string => Dec.parse(word(commission, name)).toWire();
  const key = fromBase64(word(pubkey, 'key'));
  return MsgCreateValidator.fromPartial({
    description: {
      moniker: word(description, 'moniker'),
      identity: word(description, 'identity'),
      website: word(description, 'website'),
      securityContact: word(description, 'security_contact'),
      details: word(description, 'details'),
    },
    commission: {
      rate: rate('rate'),
      maxRate: rate('max_rate'),
      maxChangeRate: rate('max_change_rate'),
    },
    minSelfDelegation: integer(json['min_self_delegation'], 'min_self_delegation').toString(),
    delegatorAddress: word(json, 'delegator_address'),
    validatorAddress: word(json, 'validator_address'),
    pubkey: { typeUrl: ConsensusKey.typeUrl, value: ConsensusKey.encode({ key }).finish() },
    value: { denom: word(value, 'denom'), amount: word(value, 'amount') },
  });
}

function readOption(json: JsonObject): AttestationKey {
  if (json['@type'] !== ATTESTATION_URL) {
    throw new RangeError(`holds an option that is not known, ${String(json['@type'])}`);
  }
  const address = fromBase64(text(json['attestation_address'], 'attestation_address'));
  if (address.length !== 20) throw new RangeError('attestation_address must have 20 bytes');
  return { operator: text(json['operator'], 'operator'), attestationAddress: address };
}

function readAuth(json: JsonObject): { authInfo: AuthInfo; signer: Bytes } {
  const [info, ...more] = objects(json['signer_infos'], 'auth_info.signer_infos');
  if (!info || more.length > 0) throw new RangeError('must have one signer');
  const publicKey = object(info['public_key'], 'public_key');
  const { mode } = object(object(info['mode_info'], 'mode_info')['single'], 'mode_info.single');
  if (publicKey['@type'] !== AccountKey.typeUrl || mode !== 'SIGN_MODE_DIRECT') {
    throw new RangeError('must be signed DIRECT with a secp256k1 key');
  }
  if (integer(info['sequence'] ?? 0, 'sequence') !== 0n) throw new RangeError('sequence must be 0');
  const fee = object(json['fee'], 'auth_info.fee');
  if (objects(fee['amount'], 'fee.amount').length > 0) {
    throw new RangeError('must pay no fee: there is nobody yet to take it');
  }
  const signer = fromBase64(text(publicKey['key'], 'public_key.key'));
  const authInfo = AuthInfo.fromPartial({
    signerInfos: [
      {
        publicKey: {
          typeUrl: AccountKey.typeUrl,
          value: AccountKey.encode({ key: signer }).finish(),
        },
        modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
        sequence: 0n,
      },
    ],
    fee: { gasLimit: integer(fee['gas_limit'], 'fee.gas_limit') },
  });
  return { authInfo, signer };
}

function attestationOf(options: readonly AttestationKey[], operator: Bytes): string | undefined {
  const [option, ...more] = options;
  if (!option) return undefined;
  if (more.length > 0 || option.operator !== valoperText(operator)) {
    throw new RangeError('names the attestation key of somebody else, or two');
  }
  return `0x${toHex(option.attestationAddress)}`;
}

function staked(message: MsgCreateValidator, operator: Bytes): StakedValidator & { denom: string } {
  const { description, commission, value, delegatorAddress } = message;
  if (delegatorAddress !== '' && delegatorAddress !== accountText(operator)) {
    throw new RangeError('delegator_address is not the account of the operator');
  }
  const { denom, amount } = coinFromText(value);
  const pubKey = ConsensusKey.decode(message.pubkey?.value ?? new Uint8Array(0)).key;
  const rates = {
    rate: Dec.fromWire(commission.rate).toString(),
    max_rate: Dec.fromWire(commission.maxRate).toString(),
    max_change_rate: Dec.fromWire(commission.maxChangeRate).toString(),
  };
  const { securityContact: security_contact, ...words } = description;
  const read = {
    operator,
    pubKey,
    denom,
    tokens: amount,
    description: { ...words, security_contact },
    rates,
    minSelfDelegation: BigInt(message.minSelfDelegation),
  };
  checkTerms(read);
  return read;
}
