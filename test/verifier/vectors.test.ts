/** The verifier against what CometBFT itself recorded, before it may judge anybody. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { verifyChain, type StoredBlock } from './chain.ts';
import { commitProblems, votesOfCommit } from './commit.ts';
import { evidenceProblems } from './evidence.ts';
import * as formats from './formats.ts';
import {
  readGenesis,
  readOutcome,
  readTimestamp,
  readValidators,
  resultLeaf,
  type Json,
} from './genesis.ts';
import * as hashes from './hashes.ts';
import { blockIdOfJson, blockOfJson, commitOfJson, headerOfJson, outcomeOfJson } from './json.ts';
import { GENESIS } from './made-chain.ts';
import * as p from './proto.ts';
import { hex, unhex, type Bytes } from './proto.ts';

const ROOT = new URL('../vectors/', import.meta.url);
const read = (path: string): Json => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));
const merkle = (name: string): Json => read(`simple-merkle/${name}.json`);
const comet = (name: string): Json => read(`comet-rpc-v0_38/incoming/${name}.json`).result;
const fromBase64 = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'base64'));
const named = (text: string): Bytes => hashes.sha256(new Uint8Array(Buffer.from(text)));

/** Byte i of the big items is (i * i + 7 * i + k) mod 251. */
function patterned(length: number, k: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => {
    const at = BigInt(i);
    return Number((at * at + 7n * at + BigInt(k)) % 251n);
  });
}

describe('verifier: golden values of the CometBFT test suites', () => {
  it('header hash', () => {
    const header = {
      blockVersion: 1n,
      appVersion: 2n,
      chainId: 'chainId',
      height: 3n,
      time: readTimestamp('2019-10-13T16:14:44Z'),
      lastBlockId: { hash: new Uint8Array(32), total: 6, partsHash: new Uint8Array(32) },
      lastCommitHash: named('last_commit_hash'),
      dataHash: named('data_hash'),
      validatorsHash: named('validators_hash'),
      nextValidatorsHash: named('next_validators_hash'),
      consensusHash: named('consensus_hash'),
      appHash: named('app_hash'),
      lastResultsHash: named('last_results_hash'),
      evidenceHash: named('evidence_hash'),
      proposer: named('proposer_address').slice(0, 20),
    };
    assert.equal(
      hex(hashes.headerHash(header)).toUpperCase(),
      'F740121F553B5418C3EFBD343C2DBFE9E007BB67B0D020A0741374BAB65242A4',
    );
  });

  it('sign bytes of votes', () => {
    const zero = { type: 0, height: 0n, round: 0, blockId: formats.NO_BLOCK };
    const empty = { ...zero, time: formats.NO_TIME };
    const one = { ...empty, height: 1n, round: 1 };
    const tail = '1101000000000000001901000000000000002a0b088092b8c398feffffff01';
    const cases = [
      ['', empty, '0d2a0b088092b8c398feffffff01'],
      ['', { ...one, type: 2 }, `210802${tail}`],
      ['', { ...one, type: 1 }, `210801${tail}`],
      ['test_chain_id', one, `2e${tail}320d746573745f636861696e5f6964`],
    ] as const;
    for (const [chain, vote, expected] of cases) {
      assert.equal(hex(hashes.voteSignBytes(chain, vote)), expected);
    }
  });

  it('RFC 6962 trees', () => {
    const root = (...items: number[][]) =>
      hex(hashes.merkleRoot(items.map((item) => Uint8Array.from(item)))).slice(0, 16);
    assert.equal(root(), 'e3b0c44298fc1c14');
    assert.equal(root([1, 2, 3]), '054edec1d0211f62');
    assert.equal(root([1, 2, 3], [4, 5, 6]), '82e6cfce00453804');
    assert.equal(root([1, 2], [3, 4], [5, 6], [7, 8], [9, 10]), 'f326493eceab4f2d');
  });

  it('default consensus parameters', () => {
    assert.equal(hex(hashes.consensusHash(22_020_096n, -1n)).slice(0, 16), '048091bc7ddc283f');
  });
});

describe('verifier: recorded hashes and bytes', () => {
  it('Merkle roots and data hashes', () => {
    const { cases, data_hashes: lists } = merkle('merkle');
    for (const one of cases) assert.equal(hex(hashes.merkleRoot(one.items.map(unhex))), one.root);
    for (const one of lists) assert.equal(hex(hashes.dataHash(one.txs.map(unhex))), one.data_hash);
  });

  it('headers', () => {
    for (const one of merkle('headers').headers as Json[]) {
      if (one.hash === '') continue;
      assert.equal(hex(hashes.headerHash(headerOfJson(one.header))), one.hash);
    }
  });

  it('part sets', () => {
    for (const one of merkle('part-sets').cases as Json[]) {
      const { total, partsHash } = hashes.partsOf(patterned(one.length, one.k));
      assert.deepEqual([total, hex(partsHash)], [one.total, one.hash]);
    }
  });

  it('validator sets, put in order', () => {
    for (const one of merkle('validator-sets').sets as Json[]) {
      if (one.key_type) continue;
      const set = (one.validators as string[][]).map(([address, pubKey, power]) => ({
        address: unhex(address!),
        pubKey: unhex(pubKey!),
        power: BigInt(power!),
      }));
      const { validator_set_proto: proto } = one;
      if (proto) assert.deepEqual(readValidators(unhex(proto)), set);
      for (const { address, pubKey } of set) assert.deepEqual(hashes.addressOf(pubKey), address);
      assert.equal(hex(hashes.validatorsHash(hashes.inOrder(set.toReversed()))), one.hash);
      assert.equal(String(hashes.powerOf(set)), one.total_power);
    }
  });

  it('consensus parameters and results', () => {
    for (const one of merkle('consensus-params').params as Json[]) {
      const hash = hashes.consensusHash(BigInt(one.block_max_bytes), BigInt(one.block_max_gas));
      assert.equal(hex(hash), one.hash);
    }
    for (const { results, leaves, last_results_hash: hash } of merkle('results').lists as Json[]) {
      const own = results.map((one: Json) =>
        resultLeaf(one.code, unhex(one.data), BigInt(one.gas_wanted), BigInt(one.gas_used)),
      );
      assert.deepEqual(own.map(hex), leaves);
      assert.equal(hex(hashes.merkleRoot(own)), hash);
    }
  });

  it('sign bytes and signatures of votes', () => {
    const { votes, public_key: key } = merkle('sign-bytes');
    for (const one of votes as Json[]) {
      const vote = formats.readVote(unhex(one.vote_proto));
      const message = hashes.voteSignBytes(one.chain_id, vote);
      assert.equal(hex(message), one.sign_bytes);
      assert.ok(hashes.verifySignature(unhex(key), message, unhex(one.signature)));
    }
  });

  it('whole blocks: every hash and the parts', () => {
    for (const one of merkle('blocks').blocks as Json[]) {
      let bytes = fromBase64(one.block_base64 ?? one.block_without_txs_base64);
      if (!one.block_base64) {
        const txs = [...one.txs_before_the_last.map(unhex), patterned(70_000, 4)];
        bytes = formats.writeBlock({ ...formats.readBlock(bytes), txs });
      }
      const { header, txs, lastCommit, evidence } = formats.readBlock(bytes);
      const { total, partsHash } = hashes.partsOf(bytes);
      const own = [hashes.headerHash(header), hashes.dataHash(txs), hashes.commitHash(lastCommit)];
      assert.deepEqual(own.map(hex), [one.hash, one.data_hash, one.last_commit_hash]);
      assert.equal(hex(hashes.evidenceHash(evidence)), one.evidence_hash);
      assert.deepEqual([total, hex(partsHash)], [one.part_set_total, one.part_set_hash]);
      assert.equal(bytes.length, Number(one.size));
    }
  });
});

describe('verifier: recorded verdicts', () => {
  (merkle('commits').commits as Json[]).forEach((one, index) => {
    it(`commit ${index}: ${String(one.verify_commit).slice(0, 50)}`, () => {
      const commit = formats.readCommit(unhex(one.commit_proto));
      assert.equal(hex(hashes.commitHash(commit)), one.commit_hash);
      const set = readValidators(unhex(one.validator_set_proto));
      const context = {
        chainId: one.chain_id,
        height: Number(one.height),
        id: blockIdOfJson(one.block_id),
        set,
        verify: hashes.verifySignature,
      };
      assert.equal(commitProblems(commit, context).length === 0, one.verify_commit === 'ok');
      assert.ok(commitProblems(commit, { ...context, chainId: 'another-chain' }).length > 0);
      const signed = one.signatures.filter((sig: Json) => sig.flag !== 'absent');
      const own = votesOfCommit(commit).map((vote) => hashes.voteSignBytes(one.chain_id, vote));
      assert.deepEqual(
        own.map(hex),
        signed.map((sig: Json) => sig.sign_bytes),
      );
    });
  });

  const { evidence, lists } = merkle('evidence');
  const bytesOf = (one: Json): formats.DuplicateVotes => {
    // In a block of its own, as this is how evidence is stored.
    const block = fromBase64(merkle('blocks').blocks[0].block_base64);
    const [voteA, voteB] = [one.vote_1, one.vote_2].map((vote) => formats.readVote(unhex(vote)));
    const [first, second] = one.first_vote_in_evidence === 1 ? [voteA, voteB] : [voteB, voteA];
    const made: formats.DuplicateVotes = {
      voteA: first!,
      voteB: second!,
      totalPower: BigInt(one.total_voting_power),
      validatorPower: BigInt(one.validator_power),
      time: readTimestamp(one.block_time),
    };
    const stored = formats.writeBlock({ ...formats.readBlock(block), evidence: [made] });
    return formats.readBlock(stored).evidence[0]!;
  };
  (evidence as Json[]).forEach((one, index) => {
    it(`evidence ${index}: ${one.note}`, () => {
      const made = bytesOf(one);
      assert.equal(hex(formats.writeDuplicateVotes(made)), one.duplicate_vote_evidence);
      const set = readValidators(unhex(one.validator_set_proto));
      const height = Number(made.voteA.height);
      const context = {
        height: height + 1,
        timeBefore: formats.nanosOf(made.time),
        timeOf: () => formats.nanosOf(made.time),
        setAt: () => set,
        params: undefined,
        isSigned: (pubKey: Bytes, vote: formats.Vote) =>
          hashes.verifySignature(pubKey, hashes.voteSignBytes(one.chain_id, vote), vote.signature),
      };
      assert.deepEqual(evidenceProblems(made, context), []);
      const swapped = { ...made, voteA: made.voteB, voteB: made.voteA };
      assert.deepEqual(evidenceProblems(swapped, context), ['votes out of order']);
    });
  });

  it('evidence lists', () => {
    const all = (evidence as Json[]).map(bytesOf);
    for (const { first_n: count, hash } of lists as Json[]) {
      assert.equal(hex(hashes.evidenceHash(all.slice(0, count))), hash);
    }
  });
});

describe('verifier: a real CometBFT chain', () => {
  const genesis = readGenesis(JSON.stringify(comet('genesis').genesis));
  const stored = (json: Json): StoredBlock => ({
    height: Number(json.block.header.height),
    block: formats.writeBlock(blockOfJson(json.block)),
    blockId: formats.writeBlockId(blockIdOfJson(json.block_id)),
  });
  const blocks = [comet('block_at_height_1'), ...comet('block_search').blocks].map(stored);

  it('46 blocks from genesis hold, the last one proved by its successor', () => {
    const last = formats.readBlock(blocks.at(-1)!.block).lastCommit;
    const seenCommit = formats.writeCommit(last);
    const chain = blocks.slice(0, -1);
    assert.equal(chain.length, 45);
    const proved = [...chain.slice(0, -1), { ...chain.at(-1)!, seenCommit }];
    assert.deepEqual(verifyChain(genesis, proved), []);
  });

  it('a chain whose last block nothing proves does not hold', () => {
    const violations = verifyChain(genesis, blocks);
    assert.deepEqual(violations, [
      { height: 46, rule: 'commit', detail: 'nothing proves the last block' },
    ]);
  });

  it('one block holds with its commit and its results, for who knows its validators', () => {
    const json = comet('block_at_height_10');
    const { commit } = comet('commit_at_height_10').signed_header;
    const alone = {
      ...stored(json),
      seenCommit: formats.writeCommit(commitOfJson(commit)),
      outcome: outcomeOfJson(comet('block_results_at_height_10')),
      validators: genesis.validators,
    };
    assert.equal(alone.block.length, 569);
    assert.deepEqual(verifyChain(genesis, [alone]), []);
    const rules = verifyChain(genesis, [{ ...alone, validators: [] }]).map(({ rule }) => rule);
    assert.deepEqual(rules, ['validators']);
  });

  it('a block with real evidence has the bytes and hashes its node reports', () => {
    const [json] = comet('block_search_evidence').blocks;
    const block = blockOfJson(json.block);
    const bytes = formats.writeBlock(block);
    const own = { hash: hashes.headerHash(block.header), ...hashes.partsOf(bytes) };
    assert.deepEqual(own, blockIdOfJson(json.block_id));
    assert.deepEqual(hashes.evidenceHash(block.evidence), block.header.evidenceHash);
  });
});

describe('verifier: what an application answered', () => {
  const key = GENESIS.validators[0]!.pubKey;
  const params = { maxBytes: 1_000n, maxGas: -1n, maxAgeBlocks: 7n, maxAgeNanos: 90_000_000_005n };
  const [result, appHash] = [Uint8Array.of(1, 2), Uint8Array.of(9)];

  it('is the same from protobuf as from the JSON of the RPC', () => {
    const age = p.message(2, p.int(1, 90), p.int(2, 5));
    const bytes = p.join([
      p.message(2, p.int(1, 4), p.bytes(2, result), p.bytes(3, 'a log'), p.int(5, 8), p.int(6, 7)),
      p.message(3, p.message(1, p.bytes(1, key)), p.int(2, 12)),
      p.message(3, p.message(1, p.bytes(1, key))),
      p.message(4, p.message(1, p.int(1, 1_000), p.int(2, -1)), p.message(2, p.int(1, 7), age)),
      p.bytes(5, appHash),
    ]);
    const text = (one: Bytes): string => Buffer.from(one).toString('base64');
    const pubKey = { Sum: { value: { ed25519: text(key) } } };
    const json = {
      txs_results: [{ code: 4, data: text(result), log: 'a log', gas_wanted: '8', gas_used: '7' }],
      validator_updates: [{ pub_key: pubKey, power: '12' }, { pub_key: pubKey }],
      consensus_param_updates: {
        block: { max_bytes: '1000', max_gas: '-1' },
        evidence: { max_age_num_blocks: '7', max_age_duration: '90000000005' },
      },
      app_hash: text(appHash),
    };
    const outcome = readOutcome(bytes);
    assert.deepEqual(outcome, outcomeOfJson(json));
    assert.deepEqual(outcome.params, params);
    assert.deepEqual(
      outcome.updates.map(({ power }) => power),
      [12n, 0n],
    );
    assert.deepEqual(outcome.results, [resultLeaf(4, result, 8n, 7n)]);
  });
});
