/**
 * IBC's 07-tendermint client as other chains run it against this one: its own rules (states by height,
 * expiry, misbehaviour) around the node's light verifier.
 */
import { equal, toHex, type Bytes } from '../../node/base/bytes.ts';
import { addNanos, compareTime, type Time } from '../../node/base/time.ts';
import { decodeCommit, decodeHeader } from '../../node/consensus/decoding.ts';
import {
  BLOCK_PROTOCOL,
  checkCommitted,
  checkLightBlock,
  checkOverlap,
  untrustedSet,
  verifyLight,
  type LightBlock,
} from '../../node/consensus/light.ts';
import type { ValidatorSet } from '../../node/consensus/validator-set.ts';
import {
  ClientState,
  ConsensusState,
  Header as HeaderMessage,
  Misbehaviour,
} from 'cosmjs-types/ibc/lightclients/tendermint/v1/tendermint';
import { Commit as ProtoCommit, Header as ProtoHeader } from 'cosmjs-types/tendermint/types/types';
import type { Duration } from 'cosmjs-types/google/protobuf/duration';
import type {
  Validator as ProtoValidator,
  ValidatorSet as ProtoSet,
} from 'cosmjs-types/tendermint/types/validator';

export type Message =
  | { readonly type: 'header'; readonly header: ClientHeader }
  | { readonly type: 'misbehaviour'; readonly one: ClientHeader; readonly two: ClientHeader };

/** A header with its height in IBC's form: the revision is in the chain id. */
export interface ClientHeader {
  readonly block: LightBlock;
  readonly revision: bigint;
  readonly trustedRevision: bigint;
  readonly trustedHeight: number;
  readonly trustedValidators: ValidatorSet | undefined;
}

const HEADER = '/ibc.lightclients.tendermint.v1.Header';
const nanosOf = ({ seconds, nanos }: Duration): bigint => seconds * 1_000_000_000n + BigInt(nanos);

export function revisionOf(chainId: string): bigint {
  const digits = /^.*[^\n-]-([1-9][0-9]*)$/.exec(chainId)?.[1];
  return digits === undefined ? 0n : BigInt(digits);
}

function readSet(set: ProtoSet | undefined): ValidatorSet | undefined {
  if (set === undefined) return undefined;
  const one = ({ address, pubKey, votingPower, proposerPriority }: ProtoValidator) => ({
    address,
    pubKey: pubKey?.ed25519 ?? new Uint8Array(0),
    power: votingPower,
    priority: proposerPriority,
  });
  return untrustedSet(set.validators.map(one), set.proposer && one(set.proposer));
}

function readHeader(message: HeaderMessage): ClientHeader {
  const { signedHeader, validatorSet, trustedHeight, trustedValidators } = message;
  const header = decodeHeader(ProtoHeader.encode(signedHeader!.header!).finish());
  const commit = decodeCommit(ProtoCommit.encode(signedHeader!.commit!).finish());
  return {
    block: { header, commit, validators: readSet(validatorSet)! },
    revision: revisionOf(header.chainId),
    trustedRevision: trustedHeight.revisionNumber,
    trustedHeight: Number(trustedHeight.revisionHeight),
    trustedValidators: readSet(trustedValidators),
  };
}

export function readMessage(type: string, bytes: Bytes): Message {
  if (type === HEADER) return { type: 'header', header: readHeader(HeaderMessage.decode(bytes)) };
  const { header1, header2 } = Misbehaviour.decode(bytes);
  return { type: 'misbehaviour', one: readHeader(header1!), two: readHeader(header2!) };
}

/** The stateless check. Throws. */
export function validateBasic(message: Message): void {
  if (message.type === 'header') return validateHeader(message.header);
  const { one, two } = message;
  for (const header of [one, two]) {
    validateHeader(header);
    if (header.trustedHeight === 0) throw new Error('trusted height 0');
    if (header.trustedValidators === undefined) throw new Error('no trusted validators');
  }
  if (one.block.header.chainId !== two.block.header.chainId) throw new Error('two chains');
  if (one.block.header.height < two.block.header.height) throw new Error('first below second');
  for (const { block } of [one, two]) checkCommitted(block);
}

function validateHeader({ block, revision, trustedRevision, trustedHeight }: ClientHeader): void {
  checkLightBlock(block, block.header.chainId, BLOCK_PROTOCOL);
  const isAbove =
    revision > trustedRevision ||
    (revision === trustedRevision && block.header.height > trustedHeight);
  if (!isAbove) throw new Error('not above the trusted height');
}

interface KnownState {
  readonly height: number;
  readonly bytes: Bytes;
  readonly state: ConsensusState;
}

export class TendermintClient {
  readonly #client: ClientState;
  readonly #revision: bigint;
  readonly #states = new Map<number, KnownState>();
  latestHeight: number;
  isFrozen = false;

  constructor(client: Bytes, states: readonly (readonly [height: string, bytes: Bytes])[]) {
    this.#client = ClientState.decode(client);
    this.#revision = this.#client.latestHeight.revisionNumber;
    this.latestHeight = Number(this.#client.latestHeight.revisionHeight);
    for (const [text, bytes] of states) this.#keep(Number(text.split('-')[1]), bytes);
  }

  #keep(height: number, bytes: Bytes): void {
    this.#states.set(height, { height, bytes, state: ConsensusState.decode(bytes) });
  }

  /** Encoded; undefined when there is none at this height. */
  stateAt(height: number): Bytes | undefined {
    return this.#states.get(height)?.bytes;
  }

  status(now: Time): 'Active' | 'Expired' | 'Frozen' {
    if (this.isFrozen) return 'Frozen';
    const latest = this.#states.get(this.latestHeight)?.state;
    return latest && !this.#isExpired(latest.timestamp, now) ? 'Active' : 'Expired';
  }

  #isExpired(time: Time, now: Time): boolean {
    const until = addNanos(time, nanosOf(this.#client.trustingPeriod));
    return compareTime(until, now) <= 0;
  }

  /** Throws when the message proves nothing. */
  verify(message: Message, now: Time): void {
    if (message.type === 'header') return this.#verifyHeader(message.header, now);
    for (const header of [message.one, message.two]) this.#verifyForked(header, now);
  }

  #verifyHeader(header: ClientHeader, now: Time): void {
    const { block, revision, trustedRevision, trustedHeight } = header;
    const { state, validators } = this.#trusted(header);
    if (revision !== trustedRevision) throw new Error('another revision');
    if (block.header.height <= trustedHeight) throw new Error('not above the trusted height');
    const trusted = {
      chainId: this.#chainId(),
      height: trustedHeight,
      time: state.timestamp,
      nextValidatorsHash: state.nextValidatorsHash,
    };
    verifyLight(trusted, validators, block, this.#options(now));
  }

  #options(now: Time) {
    const { trustingPeriod, maxClockDrift, trustLevel } = this.#client;
    return {
      now,
      trustingPeriodNanos: nanosOf(trustingPeriod),
      maxClockDriftNanos: nanosOf(maxClockDrift),
      trustLevel,
      blockVersion: BLOCK_PROTOCOL,
    };
  }

  #chainId(): string {
    return this.#client.chainId;
  }

  /** A fork may come from the future and need not be above what is trusted. */
  #verifyForked(header: ClientHeader, now: Time): void {
    const { state, validators } = this.#trusted(header);
    if (this.#isExpired(state.timestamp, now)) throw new Error('the trusted state has expired');
    if (header.block.header.chainId !== this.#chainId()) throw new Error('another chain');
    checkOverlap(validators, header.block, this.#client.trustLevel);
  }

  #trusted({ trustedHeight, trustedValidators }: ClientHeader) {
    const known = this.#states.get(trustedHeight);
    if (known === undefined) throw new Error(`no state at ${trustedHeight}`);
    if (trustedValidators === undefined) throw new Error('no trusted validators');
    if (!equal(trustedValidators.hash(), known.state.nextValidatorsHash)) {
      throw new Error('not the validators of the trusted state');
    }
    return { state: known.state, validators: trustedValidators };
  }

  /** Does a verified message show that validators forked or turned back time? */
  isMisbehaviour(message: Message): boolean {
    if (message.type === 'header') return this.#conflicts(message.header.block);
    const [one, two] = [message.one.block, message.two.block];
    if (one.header.height === two.header.height) {
      return !equal(one.commit.blockId.hash, two.commit.blockId.hash);
    }
    return compareTime(one.header.time, two.header.time) <= 0;
  }

  #conflicts({ header }: LightBlock): boolean {
    const same = this.#states.get(header.height);
    if (same !== undefined) return toHex(same.bytes) !== toHex(stateOf(header));
    const heights = [...this.#states.keys()].sort((a, b) => a - b);
    const before = this.#states.get(heights.filter((h) => h < header.height).at(-1) ?? -1);
    const after = this.#states.get(heights.find((h) => h > header.height) ?? -1);
    return (
      (before !== undefined && compareTime(before.state.timestamp, header.time) >= 0) ||
      (after !== undefined && compareTime(after.state.timestamp, header.time) <= 0)
    );
  }

  /** After `verify`: takes the header in, or freezes. The heights that are known now because of it. */
  update(message: Message): string[] {
    if (this.isMisbehaviour(message)) {
      this.isFrozen = true;
      return [];
    }
    if (message.type !== 'header') return [];
    const { header } = message.header.block;
    this.#keep(header.height, stateOf(header));
    this.latestHeight = Math.max(this.latestHeight, header.height);
    return [`${this.#revision}-${header.height}`];
  }
}

function stateOf({ time, appHash, nextValidatorsHash }: LightBlock['header']): Bytes {
  const state = { timestamp: time, root: { hash: appHash }, nextValidatorsHash };
  return ConsensusState.encode(ConsensusState.fromPartial(state)).finish();
}
