/**
 * Messages of modules that the chain does not have yet, as far as signing goes: they are recorded in the vectors, so
 * the decoder and the sign bytes can be judged by them already. A type that a module brings is left out here.
 */
import * as distribution from 'cosmjs-types/cosmos/distribution/v1beta1/tx';
import * as gov from 'cosmjs-types/cosmos/gov/v1/tx';
import * as slashing from 'cosmjs-types/cosmos/slashing/v1beta1/tx';
import * as staking from 'cosmjs-types/cosmos/staking/v1beta1/tx';
import { PubKey } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import * as transfer from 'cosmjs-types/ibc/applications/transfer/v1/tx';
import { addressText } from '../../node/app/address-text.ts';
import type { AnyMessageHandler, MessageRouter, Module } from '../../node/app/module.ts';
import { toBase64, type Bytes } from '../../node/base/bytes.ts';
import { Dec } from '../../node/base/dec.ts';
import type { Json } from '../../node/base/json.ts';
import type { Codec } from '../../node/base/strict-decode.ts';
import { snakeCase } from '../../node/gateway/json/to-json.ts';

type Fields = Record<string, unknown>;
type Special = (value: never, router: MessageRouter) => Json | undefined;

interface Coming {
  readonly codec: Codec<never> & { readonly typeUrl: string };
  /** Amino's name. */
  readonly type: string;
  /** Field of the address that signs. */
  readonly signer: string;
  /** Fields that do not look in amino as they do everywhere. */
  readonly special?: Readonly<Record<string, Special>>;
  readonly renamed?: Readonly<Record<string, string>>;
}

const decimal: Special = (value: string) => Dec.fromWire(value).toString();
const innerMessages: Special = (messages: { typeUrl: string; value: Bytes }[], router) =>
  messages.map(({ typeUrl, value }) => {
    const { amino, codec } = router.message(typeUrl)!;
    return { type: amino!.type, value: amino!.toJson(codec.decode(value)) };
  });
const consensusKey: Special = ({ value }: { value: Bytes }) => ({
  type: 'tendermint/PubKeyEd25519',
  value: toBase64(PubKey.decode(value).key),
});
const rates: Special = (value: Record<'rate' | 'maxRate' | 'maxChangeRate', string>) => ({
  rate: decimal(value.rate as never, none)!,
  max_rate: decimal(value.maxRate as never, none)!,
  max_change_rate: decimal(value.maxChangeRate as never, none)!,
});
const none: MessageRouter = { message: () => undefined };
/** The only member that is there although it is empty. */
const timeoutHeight: Special = (value: Fields) => plain(value) ?? {};

const sdk = (name: string): string => `cosmos-sdk/${name}`;
const DELEGATOR = { signer: 'delegatorAddress' };

const COMING: readonly Coming[] = [
  { codec: staking.MsgDelegate, type: sdk('MsgDelegate'), ...DELEGATOR },
  { codec: staking.MsgUndelegate, type: sdk('MsgUndelegate'), ...DELEGATOR },
  { codec: staking.MsgBeginRedelegate, type: sdk('MsgBeginRedelegate'), ...DELEGATOR },
  {
    codec: staking.MsgCancelUnbondingDelegation,
    type: sdk('MsgCancelUnbondingDelegation'),
    ...DELEGATOR,
  },
  {
    codec: staking.MsgCreateValidator,
    type: sdk('MsgCreateValidator'),
    signer: 'validatorAddress',
    special: { commission: rates, pubkey: consensusKey },
  },
  {
    codec: staking.MsgEditValidator,
    type: sdk('MsgEditValidator'),
    signer: 'validatorAddress',
    special: { commissionRate: decimal },
  },
  {
    codec: distribution.MsgWithdrawDelegatorReward,
    type: sdk('MsgWithdrawDelegationReward'),
    ...DELEGATOR,
  },
  {
    codec: distribution.MsgWithdrawValidatorCommission,
    type: sdk('MsgWithdrawValCommission'),
    signer: 'validatorAddress',
  },
  {
    codec: distribution.MsgSetWithdrawAddress,
    type: sdk('MsgModifyWithdrawAddress'),
    ...DELEGATOR,
  },
  {
    codec: distribution.MsgFundCommunityPool,
    type: sdk('MsgFundCommunityPool'),
    signer: 'depositor',
  },
  {
    codec: slashing.MsgUnjail,
    type: sdk('MsgUnjail'),
    signer: 'validatorAddr',
    renamed: { validatorAddr: 'address' },
  },
  {
    codec: gov.MsgSubmitProposal,
    type: sdk('v1/MsgSubmitProposal'),
    signer: 'proposer',
    special: { messages: innerMessages },
  },
  { codec: gov.MsgVote, type: sdk('v1/MsgVote'), signer: 'voter' },
  { codec: gov.MsgDeposit, type: sdk('v1/MsgDeposit'), signer: 'depositor' },
  {
    codec: transfer.MsgTransfer,
    type: sdk('MsgTransfer'),
    signer: 'sender',
    special: { timeoutHeight },
  },
] as never;

/** Snake case, 64-bit integers as text, and nothing that is empty. */
function plain(value: unknown): Json | undefined {
  if (typeof value === 'bigint') return value === 0n ? undefined : value.toString();
  if (typeof value !== 'object' || value === null) return (value || undefined) as Json | undefined;
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => plain(item)!);
  const members = Object.entries(value).map(([name, inner]) => [snakeCase(name), plain(inner)]);
  const present = members.filter(([, inner]) => inner !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

function aminoJson(message: Fields, { special = {}, renamed = {} }: Coming, router: MessageRouter) {
  const members = Object.entries(message).map(([name, value]) => {
    const form = special[name];
    const json = form && value !== undefined ? form(value as never, router) : plain(value);
    return [renamed[name] ?? snakeCase(name), json];
  });
  return Object.fromEntries(members) as Json;
}

/** A module of nothing but messages that cannot be run. */
export function comingMessages(prefix: string, existing: ReadonlySet<string>): Module {
  const [accounts, operators] = [addressText(prefix), addressText(`${prefix}valoper`)];
  let router: MessageRouter = none;
  const handlers = COMING.filter(({ codec }) => !existing.has(codec.typeUrl)).map((coming) => ({
    typeUrl: coming.codec.typeUrl,
    codec: coming.codec,
    amino: {
      type: coming.type,
      toJson: (message: Fields) => aminoJson(message, coming, router),
    },
    signers: (message: Fields) => {
      const text = String(message[coming.signer]);
      return [(text.startsWith(operators.prefix) ? operators : accounts).read(text)];
    },
    validate: () => undefined,
    execute: () => assertNever(),
  }));
  return {
    name: 'coming',
    stores: [],
    messages: handlers as unknown as readonly AnyMessageHandler[],
    queries: [],
    connect: (given) => {
      router = given;
    },
    initGenesis: () => undefined,
    exportGenesis: () => undefined,
  };
}

function assertNever(): never {
  throw new Error('signing only');
}
