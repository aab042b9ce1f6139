/**
 * Our chain as light clients see it: blocks that the engine makes, commits and stores, over changes of the
 * validator set so large that nobody of the first set is left.
 */
import assert from 'node:assert/strict';
import { toHex, utf8, type Bytes } from '../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../node/base/ed25519.ts';
import { addNanos } from '../../node/base/time.ts';
import { encodeCommit, encodeHeader } from '../../node/consensus/encoding.ts';
import { bisect } from '../../node/consensus/light-bisection.ts';
import {
  BLOCK_PROTOCOL,
  ONE_THIRD,
  verifyAdjacent,
  verifyLight,
  type LightBlock,
  type LightOptions,
} from '../../node/consensus/light.ts';
import type { ValidatorSet } from '../../node/consensus/validator-set.ts';
import {
  ClientState,
  ConsensusState,
  Header as HeaderMessage,
  Misbehaviour,
} from 'cosmjs-types/ibc/lightclients/tendermint/v1/tendermint';
import { Commit as ProtoCommit, Header as ProtoHeader } from 'cosmjs-types/tendermint/types/types';
import {
  CHAIN_ID,
  MORE_SEEDS,
  SEEDS,
  testChain,
  type TestChain,
} from '../unit/engine/chain-fixture.ts';
import { readMessage, TendermintClient, validateBasic } from './tendermint-client.ts';

const SECOND = 1_000_000_000n;
/** Heights from one exchange of a validator to the next. */
const EVERY = 3;

const change = (seed: Bytes, power: number): Bytes =>
  utf8(`val${toHex(ed25519PublicKey(seed))}=${power}`);

/** One leaves and another comes, until nobody of the first set is left, and then everybody again. */
async function rotatingChain(): Promise<TestChain> {
  const chain = await testChain();
  const line = [...SEEDS, ...MORE_SEEDS];
  for (let i = 0; i < MORE_SEEDS.length; i += 1) {
    chain.txs = [change(line[i]!, 0), change(line[i + SEEDS.length]!, 10 + i)];
    await chain.grow(EVERY);
  }
  await chain.grow(2);
  return chain;
}

function lightBlock({ store }: TestChain, height: number): LightBlock {
  const [commit, validators] = [store.commit(height), store.validators(height)];
  assert.ok(commit && validators, `no height ${height}`);
  return { header: commit.header, commit: commit.commit, validators };
}

function optionsAt({ header }: LightBlock): LightOptions {
  return {
    now: addNanos(header.time, SECOND),
    trustingPeriodNanos: 24n * 3_600n * SECOND,
    maxClockDriftNanos: 10n * SECOND,
    trustLevel: ONE_THIRD,
    blockVersion: BLOCK_PROTOCOL,
  };
}

function protoSet(set: ValidatorSet) {
  const one = ({ address, pubKey, power, priority }: ValidatorSet['proposer']) => ({
    address,
    pubKey: { ed25519: pubKey },
    votingPower: power,
    proposerPriority: priority,
  });
  return {
    validators: set.validators.map(one),
    proposer: one(set.proposer),
    totalVotingPower: set.totalPower,
  };
}

/** What a relayer would send to update a client from `trusted` to `block`. */
function headerMessage(block: LightBlock, trusted: number, trustedValidators: ValidatorSet) {
  return HeaderMessage.fromPartial({
    signedHeader: {
      header: ProtoHeader.decode(encodeHeader(block.header)),
      commit: ProtoCommit.decode(encodeCommit(block.commit)),
    },
    validatorSet: protoSet(block.validators),
    trustedHeight: { revisionNumber: 1n, revisionHeight: BigInt(trusted) },
    trustedValidators: protoSet(trustedValidators),
  });
}

function clientAt(block: LightBlock): TendermintClient {
  const { height, time, appHash, nextValidatorsHash } = block.header;
  const client = ClientState.fromPartial({
    chainId: CHAIN_ID,
    trustLevel: { numerator: 1n, denominator: 3n },
    trustingPeriod: { seconds: 86_400n },
    unbondingPeriod: { seconds: 172_800n },
    maxClockDrift: { seconds: 10n },
    latestHeight: { revisionNumber: 1n, revisionHeight: BigInt(height) },
  });
  const state = ConsensusState.fromPartial({
    timestamp: time,
    root: { hash: appHash },
    nextValidatorsHash,
  });
  const bytes = ConsensusState.encode(state).finish();
  return new TendermintClient(ClientState.encode(client).finish(), [[`1-${height}`, bytes]]);
}

describe('our chain before light clients', () => {
  let chain: TestChain;
  before(async () => {
    chain = await rotatingChain();
  });

  it('every header follows from the one before', () => {
    const head = lightBlock(chain, chain.store.height());
    const options = optionsAt(head);
    for (let height = 2; height <= head.header.height; height += 1) {
      const trusted = lightBlock(chain, height - 1);
      verifyAdjacent(trusted.header, lightBlock(chain, height), options);
    }
  });

  it('the head cannot be reached in one step from the first header, but by bisection', () => {
    const [first, head] = [lightBlock(chain, 1), lightBlock(chain, chain.store.height())];
    const options = optionsAt(head);
    assert.throws(
      () => verifyLight(first.header, first.validators, head, options),
      /trusted power/,
    );
    const asked: number[] = [];
    const search = bisect(first, head.header.height, options);
    let step = search.next();
    while (step.done !== true) {
      asked.push(step.value);
      step = search.next(lightBlock(chain, step.value));
    }
    const heights = step.value.trace.map(({ header }) => header.height);
    assert.equal(heights.at(-1), head.header.height);
    assert.ok(heights.length > 1 && heights.length < head.header.height - 1, heights.join(' '));
    assert.deepEqual(
      heights,
      [...new Set(heights)].sort((a, b) => a - b),
    );
    assert.ok(asked.length < head.header.height);
  });

  it('any height is reached by skipping while one third is still there', () => {
    const head = lightBlock(chain, chain.store.height());
    const options = optionsAt(head);
    for (let height = 1; height + 2 * EVERY <= head.header.height; height += EVERY) {
      const trusted = lightBlock(chain, height);
      const later = lightBlock(chain, height + 2 * EVERY);
      verifyLight(trusted.header, trusted.validators, later, options);
    }
  });

  it("IBC's client follows by the headers that bisection finds", () => {
    const [first, head] = [lightBlock(chain, 1), lightBlock(chain, chain.store.height())];
    const { now } = optionsAt(head);
    const client = clientAt(first);
    const search = bisect(first, head.header.height, optionsAt(head));
    let step = search.next();
    while (step.done !== true) step = search.next(lightBlock(chain, step.value));
    let trusted = 1;
    for (const block of step.value.trace) {
      const next = chain.store.validators(trusted + 1);
      assert.ok(next);
      const bytes = HeaderMessage.encode(headerMessage(block, trusted, next)).finish();
      const message = readMessage('/ibc.lightclients.tendermint.v1.Header', bytes);
      validateBasic(message);
      client.verify(message, now);
      client.update(message);
      trusted = block.header.height;
    }
    assert.equal(client.latestHeight, head.header.height);
    assert.equal(client.status(now), 'Active');
  });

  it('two headers of one height, both committed, freeze it', async () => {
    const [fork, twin] = [await testChain(), await testChain()];
    for (const one of [fork, twin]) await one.grow(1);
    // Validators who sign two blocks at height 2: only their transactions differ.
    fork.txs = [utf8('a=1')];
    twin.txs = [utf8('a=2')];
    for (const one of [fork, twin]) await one.grow(1);
    const [one, two] = [lightBlock(fork, 2), lightBlock(twin, 2)];
    assert.notEqual(toHex(one.commit.blockId.hash), toHex(two.commit.blockId.hash));
    const trusted = lightBlock(fork, 1);
    const client = clientAt(trusted);
    const next = fork.store.validators(2);
    assert.ok(next);
    const proof = Misbehaviour.fromPartial({
      header1: headerMessage(one, 1, next),
      header2: headerMessage(two, 1, next),
    });
    const type = '/ibc.lightclients.tendermint.v1.Misbehaviour';
    const message = readMessage(type, Misbehaviour.encode(proof).finish());
    validateBasic(message);
    client.verify(message, optionsAt(one).now);
    client.update(message);
    assert.equal(client.isFrozen, true);
  });
});
