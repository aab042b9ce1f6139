/** A block of a real CometBFT 0.38 node, recomputed from its JSON: if this holds, the formats are right. */
import assert from 'node:assert/strict';
import { consensusAddress } from '../../../node/base/address.ts';
import { fromBase64, fromHex, toBase64, toHex, toUpperHex } from '../../../node/base/bytes.ts';
import { verifyEd25519 } from '../../../node/base/ed25519.ts';
import { parseTime } from '../../../node/base/time.ts';
import { decodeBlock } from '../../../node/consensus/decoding.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import {
  blockIdOf,
  commitHash,
  consensusHash,
  dataHash,
  evidenceHash,
  headerHash,
  resultsHash,
} from '../../../node/consensus/hashing.ts';
import { voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { PRECOMMIT, type Block, type Header } from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { verifyCommit } from '../../../node/consensus/verify-commit.ts';
import { blockIdOfJson, headerOfJson, readVector, type Json } from './vectors.ts';

const FOLDER = 'comet-rpc-v0_38/incoming';

describe('block 10 of a real CometBFT 0.38 chain', () => {
  const { block: json, block_id: idJson } = readVector(`${FOLDER}/block_at_height_10.json`).result;
  const { genesis } = readVector(`${FOLDER}/genesis.json`).result;
  const header: Header = headerOfJson(json.header);
  const lastCommit = {
    height: Number(json.last_commit.height),
    round: json.last_commit.round,
    blockId: blockIdOfJson(json.last_commit.block_id),
    signatures: json.last_commit.signatures.map((sig: Json) => ({
      flag: sig.block_id_flag,
      address: fromHex(sig.validator_address),
      time: parseTime(sig.timestamp),
      signature: fromBase64(sig.signature),
    })),
  };
  const block: Block = { header, txs: [], evidence: [], lastCommit };
  const pubKey = fromBase64(genesis.validators[0].pub_key.value);
  const address = consensusAddress(pubKey);
  const set = ValidatorSet.create([{ address, pubKey, power: 10n }]);

  it('has the header hash the node reports', () => {
    assert.equal(
      toUpperHex(headerHash(header)),
      '00ECDAC463C201ECD4BDBBAAE4A53A4C80291D4051FD69ED97F6420CE1388BFE',
    );
  });

  it('has the part set the node reports, of 569 bytes', () => {
    assert.equal(encodeBlock(block).length, 569);
    assert.deepEqual(blockIdOf(block), blockIdOfJson(idJson));
  });

  it('has the commit, data, evidence, results and consensus hashes of its header', () => {
    assert.deepEqual(commitHash(lastCommit), header.lastCommitHash);
    assert.deepEqual(dataHash([]), header.dataHash);
    assert.deepEqual(evidenceHash([]), header.evidenceHash);
    assert.deepEqual(resultsHash([]), header.lastResultsHash);
    assert.deepEqual(
      consensusHash({ block: { maxBytes: 22_020_096n, maxGas: -1n } }),
      header.consensusHash,
    );
  });

  it('has the validator set hash and address made from the genesis key', () => {
    assert.deepEqual(set.hash(), header.validatorsHash);
    assert.deepEqual(address, header.proposerAddress);
    assert.equal(toBase64(pubKey), 'bNNlGls5R25wC3Sd8720F/3+7IZBhXcD22MNFtPk/v0=');
  });

  it('has a last commit whose real signature verifies over our sign bytes', () => {
    const [sig] = lastCommit.signatures;
    const { height, round, blockId } = lastCommit;
    const vote = { type: PRECOMMIT, height, round, blockId, time: sig.time } as const;
    const message = voteSignBytes('dockerchain', vote);
    assert.equal(
      toHex(message),
      '6f080211090000000000000022480a20678a83fb0422d053a3792154703122861dd68abb8247a4ff2945df83' +
        '2db18fc812240801122029fe32f6b57d8439c9e9f6240b436dd560646fda8c8c105e2c261b6f4746e89c2a' +
        '0b08e5c193a30610f4c0b02a320b646f636b6572636861696e',
    );
    assert.ok(verifyEd25519(pubKey, message, sig.signature));
    verifyCommit({
      chainId: 'dockerchain',
      validators: set,
      height: 9,
      blockId: header.lastBlockId,
      commit: lastCommit,
    });
  });

  it('decodes to the same block, and with one byte changed to none or another one', () => {
    const bytes = encodeBlock(block);
    assert.deepEqual(decodeBlock(bytes), block);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      let decoded: Block | undefined;
      try {
        decoded = decodeBlock(changed);
      } catch {
        continue;
      }
      assert.deepEqual(encodeBlock(decoded), changed);
    }
  });
});
