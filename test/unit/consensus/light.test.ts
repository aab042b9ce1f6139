/** The verdicts that tendermint-rs recorded, and what they do not cover: each check alone. */
import assert from 'node:assert/strict';
import { EMPTY } from '../../../node/base/bytes.ts';
import { BitscaleError, type ErrorKind } from '../../../node/base/errors.ts';
import { MAX_LIGHT_STEPS, MAX_TOTAL_POWER, MAX_VALIDATORS } from '../../../node/base/limits.ts';
import { addNanos, parseTime } from '../../../node/base/time.ts';
import {
  bisect,
  ErrLightProvider,
  ErrLightTooFar,
  requireSameHeader,
  type LightPath,
} from '../../../node/consensus/light-bisection.ts';
import {
  BLOCK_PROTOCOL,
  ErrLightExpired,
  ErrLightInvalid,
  ErrLightNotEnoughTrust,
  ONE_THIRD,
  untrustedSet,
  verifyLight,
  type LightBlock,
  type LightOptions,
} from '../../../node/consensus/light.ts';
import {
  lightBlockOfJson,
  renewedLightBlocks,
  setOfJson,
  signedHeaderOfJson,
} from './light-vectors.ts';
import type { RankedValidator } from '../../../node/consensus/validator-set.ts';
import { chainOfBlocks, NOW_OPTIONS, setOfMembers } from './light-chain.ts';
import { readVector, vectorNames, type Json } from './vectors.ts';

const DRIFT = 1_000_000_000n;

function optionsOf(period: string, now: string): LightOptions {
  return {
    now: parseTime(now),
    trustingPeriodNanos: BigInt(period),
    maxClockDriftNanos: DRIFT,
    trustLevel: ONE_THIRD,
    blockVersion: BLOCK_PROTOCOL,
  };
}

/** The kind of the error, undefined when nothing is thrown. */
function kindOf(work: () => unknown): ErrorKind | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof BitscaleError, String(error));
    return error.kind;
  }
}

function verdictOf(work: () => unknown): string {
  const kind = kindOf(work);
  if (kind === undefined) return 'SUCCESS';
  return kind === ErrLightNotEnoughTrust ? 'NOT_ENOUGH_TRUST' : 'INVALID';
}

describe('light verification gives the verdicts recorded by tendermint-rs', () => {
  for (const name of vectorNames('light-client', /^MC.*\.json$/)) {
    it(name, () => {
      const { initial, input } = readVector(`light-client/${name}`);
      let trusted = signedHeaderOfJson(initial.signed_header).header;
      let next = setOfJson(initial.next_validator_set);
      input.forEach(({ block, now, verdict }: Json, index: number) => {
        const options = optionsOf(initial.trusting_period, now);
        const found = verdictOf(() => {
          verifyLight(trusted, next, lightBlockOfJson(block), options);
        });
        assert.equal(found, verdict, `step ${index}`);
        if (found !== 'SUCCESS') return;
        trusted = signedHeaderOfJson(block.signed_header).header;
        next = setOfJson(block.next_validator_set);
      });
    });
  }
});

/** Runs the bisection over blocks by height; counts what it asks for. */
function run(
  blocks: ReadonlyMap<number, LightBlock>,
  [from, to]: readonly [number, number],
  options: LightOptions,
): LightPath & { readonly asked: number[] } {
  const asked: number[] = [];
  const search = bisect(blocks.get(from)!, to, options);
  let turn = search.next();
  while (turn.done !== true) {
    asked.push(turn.value);
    turn = search.next(blocks.get(turn.value)!);
  }
  return { ...turn.value, asked };
}

describe('bisection', () => {
  for (const name of vectorNames('light-client', /^bisection.*\.json$/)) {
    it(`ends as recorded: ${name}`, () => {
      const vector = readVector(`light-client/${name}`);
      const { trust_options: trust, primary, witnesses, height_to_verify: to, now } = vector;
      const range = [Number(trust.height), Number(to)] as const;
      const options = optionsOf(trust.period, now);
      const keys = new Map<string, number>();
      let failure: unknown;
      try {
        const path = run(renewedLightBlocks(primary.lite_blocks, keys), range, options);
        for (const witness of witnesses) {
          const other = renewedLightBlocks(witness.value.lite_blocks, keys).get(range[1])!;
          requireSameHeader(path.block, other);
        }
      } catch (error) {
        if (!(error instanceof BitscaleError)) throw error;
        failure = error;
      }
      const expected = vector.expected_output === 'error';
      assert.equal(failure !== undefined, expected, String(failure));
    });
  }

  it('with a constant validator set one step is enough', () => {
    const blocks = chainOfBlocks(100, () => [0, 1, 2, 3]);
    const { asked, trace } = run(blocks, [1, 100], NOW_OPTIONS);
    assert.deepEqual(asked, [100]);
    assert.equal(trace.length, 1);
  });

  it('with a set that moves on it finds headers in between, each verified from the one before', () => {
    const blocks = chainOfBlocks(64, (height) => [0, 1, 2, 3].map((at) => at + (height >> 2)));
    const { block, trace, asked } = run(blocks, [1, 64], NOW_OPTIONS);
    assert.equal(block.header.height, 64);
    const heights = trace.map(({ header }) => header.height);
    assert.deepEqual(
      heights,
      heights.toSorted((a, b) => a - b),
    );
    assert.ok(trace.length > 4 && new Set(asked).size === asked.length && asked.length < 64);
  });

  it('with a set replaced at every height every header is needed, and that works too', () => {
    const blocks = chainOfBlocks(9, (height) => [2 * height, 2 * height + 1]);
    const { trace } = run(blocks, [1, 9], NOW_OPTIONS);
    assert.equal(trace.length, 8);
  });

  it('a provider that gives another height is refused', () => {
    const search = bisect(chainOfBlocks(3, () => [0]).get(1)!, 3, NOW_OPTIONS);
    search.next();
    const other = chainOfBlocks(3, () => [0]).get(2)!;
    assert.equal(
      kindOf(() => search.next(other)),
      ErrLightProvider,
    );
  });

  it('an endless way is given up', () => {
    const length = MAX_LIGHT_STEPS + 2;
    const blocks = chainOfBlocks(length, (height) => [height]);
    assert.equal(
      kindOf(() => run(blocks, [1, length], NOW_OPTIONS)),
      ErrLightTooFar,
    );
  }).timeout(120_000);
});

describe('a validator set of somebody else', () => {
  const [first, second] = setOfMembers([
    { key: 1, power: 2n },
    { key: 2, power: 1n },
  ]).validators;
  const good = [first!, second!];

  it('is taken when it could be one', () => {
    assert.deepEqual(untrustedSet(good, first).validators, good);
  });

  const BAD: [string, RankedValidator[], RankedValidator?][] = [
    ['is empty', []],
    ['has a validator twice', [first!, first!]],
    ['has one without power', [first!, { ...second!, power: 0n }]],
    ['has one with negative power', [first!, { ...second!, power: -1n }]],
    ['has more power than there may be', [first!, { ...second!, power: MAX_TOTAL_POWER }]],
    ["has an address that is not the key's", [first!, { ...second!, address: first!.address }]],
    ['has a key that is too short', [{ ...first!, pubKey: first!.pubKey.slice(1) }]],
    ['has a priority out of all proportion', [first!, { ...second!, priority: 1n << 62n }]],
    ['has more validators than there may be', tooMany()],
  ];
  for (const [what, validators, proposer] of BAD) {
    it(`is refused when it ${what}`, () => {
      assert.equal(
        kindOf(() => untrustedSet(validators, proposer)),
        ErrLightInvalid,
      );
    });
  }

  function tooMany(): RankedValidator[] {
    return Array.from({ length: MAX_VALIDATORS + 1 }, () => first!);
  }
});

describe('each check of a light block', () => {
  const blocks = chainOfBlocks(5, () => [0, 1, 2, 3]);
  const trusted = blocks.get(1)!;
  const far = blocks.get(5)!;
  const check = (block: LightBlock, options = NOW_OPTIONS): ErrorKind | undefined =>
    kindOf(() => verifyLight(trusted.header, trusted.validators, block, options));
  const withHeader = (change: Partial<LightBlock['header']>): LightBlock => ({
    ...far,
    header: { ...far.header, ...change },
  });
  const withCommit = (change: Partial<LightBlock['commit']>): LightBlock => ({
    ...far,
    commit: { ...far.commit, ...change },
  });
  const signatures = far.commit.signatures;
  const other = chainOfBlocks(5, () => [4, 5, 6, 7]).get(5)!;

  it('an honest one passes', () => assert.equal(check(far), undefined));

  const BAD: [string, LightBlock][] = [
    ['another chain', withHeader({ chainId: 'other-1' })],
    ['another app hash than signed', withHeader({ appHash: new Uint8Array(32) })],
    ['another block protocol', withHeader({ version: { block: 10n, app: 0n } })],
    ['a hash of 31 bytes', withHeader({ dataHash: new Uint8Array(31) })],
    ['a proposer address of 19 bytes', withHeader({ proposerAddress: new Uint8Array(19) })],
    ['a commit for another height', withCommit({ height: 4 })],
    ['a negative round', withCommit({ round: -1 })],
    ['no signatures', withCommit({ signatures: [] })],
    ['one signature too few', withCommit({ signatures: signatures.slice(1) })],
    [
      'the signature of one twice',
      withCommit({ signatures: [0, 0, 1, 2].map((i) => signatures[i]!) }),
    ],
    [
      'a forged signature',
      withCommit({
        signatures: signatures.map((one) => ({ ...one, signature: new Uint8Array(64) })),
      }),
    ],
    [
      'an absent entry with a signature',
      withCommit({ signatures: signatures.map((one) => ({ ...one, flag: 1 as const })) }),
    ],
    ['other validators', { ...far, validators: other.validators }],
    ['the trusted height', trusted],
  ];
  for (const [what, block] of BAD) {
    it(`refuses ${what}`, () => assert.equal(check(block), ErrLightInvalid));
  }

  it('a set of strangers is not refuted, there is only not enough trust', () => {
    assert.equal(check(other), ErrLightNotEnoughTrust);
  });

  it('exactly one third is not enough, and exactly two thirds are no commit', () => {
    const three = chainOfBlocks(5, () => [0, 1, 2]);
    const absent = {
      flag: 1,
      address: EMPTY,
      time: { seconds: -62_135_596_800n, nanos: 0 },
      signature: EMPTY,
    } as const;
    const keep = (count: number): LightBlock => {
      const block = three.get(5)!;
      const kept = block.commit.signatures.map((one, index) => (index < count ? one : absent));
      return { ...block, commit: { ...block.commit, signatures: kept } };
    };
    const verdict = (count: number): ErrorKind | undefined =>
      kindOf(() =>
        verifyLight(three.get(1)!.header, three.get(1)!.validators, keep(count), NOW_OPTIONS),
      );
    assert.equal(verdict(1), ErrLightNotEnoughTrust);
    assert.equal(verdict(2), ErrLightInvalid);
    assert.equal(verdict(3), undefined);
  });

  it('trust ends exactly with the trusting period', () => {
    const end = addNanos(trusted.header.time, NOW_OPTIONS.trustingPeriodNanos);
    assert.equal(check(far, { ...NOW_OPTIONS, now: end }), ErrLightExpired);
    assert.equal(check(far, { ...NOW_OPTIONS, now: addNanos(end, -1n) }), undefined);
  });

  it('a header may be ahead of the clock by less than the drift', () => {
    const { maxClockDriftNanos: drift } = NOW_OPTIONS;
    const at = (ahead: bigint): LightOptions => ({
      ...NOW_OPTIONS,
      now: addNanos(far.header.time, -ahead),
    });
    assert.equal(check(far, at(drift)), ErrLightInvalid);
    assert.equal(check(far, at(drift - 1n)), undefined);
  });
});
