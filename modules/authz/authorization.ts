/** Authorizations: which messages a grantee may run in the name of a granter. Those with a limit have files of their own. */
import type { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { BitscaleError } from '../../node/base/errors.ts';
import type { Json } from '../../node/base/json.ts';
import { TX_DECODE } from '../../node/base/sdk-errors.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { ErrGenesisShape, object, text } from '../../node/app/genesis-json.ts';
import * as send from './send-authorization.ts';
import * as stake from './stake-authorization.ts';

/** Any message of one type, without limit. */
interface Generic {
  readonly kind: 'generic';
  readonly msg: string;
}

export type Authorization = Generic | send.Send | stake.Stake;

const GENERIC_TYPE = '/cosmos.authz.v1beta1.GenericAuthorization';

/** Body, message, grant and Any are around an authorization. */
const DEPTH = 5;

/** Throws authz/4 when it is for no known type. */
export function typeOf(authorization: Authorization): string {
  switch (authorization.kind) {
    case 'generic':
      return authorization.msg;
    case 'send':
      return send.MSG_SEND;
    case 'stake':
      return stake.messageOf(authorization);
  }
}

/** The authorization afterwards; undefined when it is used up. `message` is of its type and has been checked. */
export function accept(
  authorization: Authorization,
  message: unknown,
  step: () => void,
): Authorization | undefined {
  switch (authorization.kind) {
    case 'generic':
      return authorization;
    case 'send':
      return send.acceptSend(authorization, message as MsgSend, step);
    case 'stake':
      return stake.acceptStake(authorization, message as stake.StakeMessage, step);
  }
}

/** Throws what the Cosmos SDK answers to an authorization that makes no sense. */
export function checkAuthorization(authorization: Authorization): void {
  if (authorization.kind === 'send') send.checkSend(authorization);
  if (authorization.kind === 'stake') stake.checkStake(authorization);
}

/** Throws sdk/2 on an unknown kind and on bytes that are not canonical. */
export function decodeAuthorization({ typeUrl, value }: Any): Authorization {
  switch (typeUrl) {
    case GENERIC_TYPE:
      return { kind: 'generic', msg: strictDecode(GenericAuthorization, value, DEPTH).msg };
    case send.SEND_TYPE:
      return send.decodeSend(value, DEPTH);
    case stake.STAKE_TYPE:
      return stake.decodeStake(value, DEPTH);
    default:
      throw new BitscaleError(TX_DECODE, `unable to resolve type URL ${typeUrl}`);
  }
}

export function encodeAuthorization(authorization: Authorization): Any {
  switch (authorization.kind) {
    case 'generic': {
      const value = GenericAuthorization.encode({ msg: authorization.msg }).finish();
      return Any.fromPartial({ typeUrl: GENERIC_TYPE, value });
    }
    case 'send':
      return send.encodeSend(authorization);
    case 'stake':
      return stake.encodeStake(authorization);
  }
}

/** As hardware wallets sign it, if they can. */
export function aminoAuthorization(authorization: Authorization): Json | undefined {
  switch (authorization.kind) {
    case 'generic':
      return { type: 'cosmos-sdk/GenericAuthorization', value: { msg: authorization.msg } };
    case 'send':
      return send.aminoSend(authorization);
    case 'stake':
      return stake.aminoStake(authorization);
  }
}

/** As the genesis file has it. */
export function writeAuthorization(authorization: Authorization): Json {
  switch (authorization.kind) {
    case 'generic':
      return { '@type': GENERIC_TYPE, msg: authorization.msg };
    case 'send':
      return send.writeSend(authorization);
    case 'stake':
      return stake.writeStake(authorization);
  }
}

/** Throws app/2, sdk/10 or authz/4 on what makes no sense. */
export function readAuthorization(json: unknown): Authorization {
  const authorization = object(json, 'authorization');
  switch (authorization['@type']) {
    case GENERIC_TYPE:
      return { kind: 'generic', msg: text(authorization['msg'], 'msg') };
    case send.SEND_TYPE:
      return send.readSend(authorization);
    case stake.STAKE_TYPE:
      return stake.readStake(authorization);
    default:
      throw new BitscaleError(ErrGenesisShape, 'an authorization of unknown type');
  }
}
