/**
 * What a restored state is checked against and goes on from: the headers of its height and the two after it,
 * verified by light client, and what headers do not cover, from several peers: whose turn it is to propose
 * (a wrong rotation would leave the node outside of consensus) and the other parameters.
 */
import { equal, toHex } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_STATE_WITNESSES } from '../base/limits.ts';
import type { Logger } from '../base/service.ts';
import { requireSameHeader } from '../consensus/light-bisection.ts';
import type { LightBlock, LightOptions } from '../consensus/light.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import type { StateChain, TrustedState } from './expected.ts';
import type { GivenRecord, LightSource } from './light-source.ts';

export interface TrustedStateDeps {
  readonly source: LightSource;
  readonly chain: StateChain;
  readonly logger: Logger;
}

/** Rounds of a height among whose leaders the proposer is looked for. */
const MAX_LEADER_ROUNDS = 100;

/** Undefined when peers do not give what it takes (yet). */
export async function trustedState(
  deps: TrustedStateDeps,
  trusted: LightBlock,
  height: number,
  options: LightOptions,
): Promise<TrustedState | undefined> {
  const { source } = deps;
  const at = await source.verified(trusted, height, options);
  const next = at && (await source.following(at, options));
  const afterNext = next && (await source.following(next, options));
  if (at === undefined || next === undefined || afterNext === undefined) return undefined;
  const words = await testimonies(deps, [next, afterNext], options);
  const believed = mostAgreed(words);
  if (believed === undefined) return undefined;
  if (words.some(({ key }) => key !== believed.key)) {
    deps.logger.warn(
      'peers differ on whose turn it is or on parameters; the most common is taken',
      {
        height,
        peers: words.length,
        agree: words.filter(({ key }) => key === believed.key).length,
      },
    );
  } else if (words.length === 1) {
    deps.logger.warn('only one peer told whose turn it is: nobody could confirm it', { height });
  }
  return {
    at,
    next: { ...next, validators: believed.next.block.validators },
    afterNext: { ...afterNext, validators: believed.afterNext.block.validators },
    params: believed.next.params,
  };
}

/** What one peer says of the two heights after the state. */
interface Testimony {
  readonly next: GivenRecord;
  readonly afterNext: GivenRecord;
  /** Equal for those who say the same. */
  readonly key: string;
}

async function testimonies(
  deps: TrustedStateDeps,
  [next, afterNext]: readonly [LightBlock, LightBlock],
  options: LightOptions,
): Promise<Testimony[]> {
  const { source } = deps;
  const asked = source.peers().slice(0, MAX_STATE_WITNESSES);
  const words = asked.map(async (peerId): Promise<Testimony | undefined> => {
    const first = await confirmed(source, peerId, next, options);
    const second = first && (await confirmed(source, peerId, afterNext, options));
    if (first === undefined || second === undefined) return undefined;
    const why = implausible(deps.chain, first) ?? implausible(deps.chain, second);
    if (why === undefined) return { next: first, afterNext: second, key: keyOf(first, second) };
    source.lie(peerId, why);
    return undefined;
  });
  return (await Promise.all(words)).filter((one) => one !== undefined);
}

/** This peer's record of a header that is known already. Throws light/6 when it has another, signed as well. */
async function confirmed(
  source: LightSource,
  peerId: string,
  known: LightBlock,
  options: LightOptions,
): Promise<GivenRecord | undefined> {
  const record = await source.from(peerId, known.header.height, options.blockVersion);
  if (record === undefined) return undefined;
  if (!equal(record.block.header.validatorsHash, known.header.validatorsHash)) {
    source.lie(peerId, 'a header of other validators');
    return undefined;
  }
  // The very same validators have committed it, which was checked: two of them are a fork of the chain.
  requireSameHeader(known, record.block);
  return record;
}

/** What cannot be, of the things headers do not cover; undefined when it can. */
function implausible(chain: StateChain, { block, params }: GivenRecord): string | undefined {
  const { header, commit, validators } = block;
  const rounds = Math.min(commit.round, MAX_LEADER_ROUNDS);
  const isLeader = (round: number): boolean =>
    equal(validators.leader(round).address, header.proposerAddress);
  const turns = Array.from({ length: rounds + 1 }, (_, round) => round);
  if (!turns.some(isLeader)) return 'a rotation in which the proposer had no turn';
  try {
    const matches = equal(chain.paramsHash(params), header.consensusHash);
    return matches ? undefined : 'parameters that are not those of the header';
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    return error.message;
  }
}

function keyOf(next: GivenRecord, afterNext: GivenRecord): string {
  const rotation = ({ validators, proposer }: ValidatorSet): string =>
    [...validators, proposer].map(({ priority }) => priority).join();
  const rotations = [next, afterNext].map(({ block }) => rotation(block.validators));
  return [...rotations, toHex(next.params)].join('/');
}

function mostAgreed(words: readonly Testimony[]): Testimony | undefined {
  const votes = ({ key }: Testimony): number => words.filter((one) => one.key === key).length;
  return words.toSorted((a, b) => votes(b) - votes(a))[0];
}
