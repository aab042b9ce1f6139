/** A validator signs a second block at a height of the past; a relayer shows it; the next block carries the proof. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromBase64, fromHex, toUpperHex } from '../../../node/base/bytes.ts';
import { signEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { parseTime } from '../../../node/base/time.ts';
import { voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import type { Block } from '../../../node/consensus/types.ts';
import { homeAt } from '../../../node/home.ts';
import { SOLO_CHAIN, startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import type { Recorded } from '../../unit/rpc/recorded.ts';

describe('clients: evidence of an attack on light clients', () => {
  let solo: SoloNode;
  before(async () => {
    solo = await startSoloNode();
  });
  after(() => solo.remove());

  const call = async (method: string, params: unknown): Promise<Recorded> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return (await fetch(solo.url, { method: 'POST', body })).json();
  };

  /** What a light client has that was shown another block 1. */
  async function attack(): Promise<Recorded> {
    const { result } = await call('commit', { height: '1' });
    const { header, commit } = structuredClone(result.signed_header) as Recorded;
    const key = JSON.parse(readFileSync(homeAt(solo.folder).validatorKeyFile, 'utf8')) as Recorded;
    const seed = fromBase64(key.priv_key.value as string).subarray(0, 32);
    const hash = sha256(Uint8Array.of(1));
    commit.block_id.hash = toUpperHex(hash);
    const parts = { total: commit.block_id.parts.total, hash: fromHex(commit.block_id.parts.hash) };
    const [entry] = commit.signatures;
    const vote = {
      type: 2,
      height: 1,
      round: commit.round as number,
      blockId: { hash, parts },
      time: parseTime(entry.timestamp as string),
    } as const;
    const signature = signEd25519(seed, voteSignBytes(SOLO_CHAIN, vote));
    entry.signature = Buffer.from(signature).toString('base64');
    const value = {
      ConflictingBlock: { signed_header: { header, commit }, validator_set: null },
      CommonHeight: '1',
      ByzantineValidators: [],
      TotalVotingPower: '1000000',
      Timestamp: header.time,
    };
    return { type: 'tendermint/LightClientAttackEvidence', value };
  }

  it('is refused when its signatures are not real', async () => {
    const evidence = await attack();
    const [entry] = evidence.value.ConflictingBlock.signed_header.commit.signatures;
    entry.signature = Buffer.alloc(64, 7).toString('base64');
    const { error } = await call('broadcast_evidence', { evidence });
    assert.equal(error.code, -32603);
    assert.match(error.data, /wrong signature/);
  });

  it('is answered with its hash, and the double vote is in a block soon after', async () => {
    const carried = new Promise<Block['evidence']>((resolve) => {
      solo.node.engine.onCommit(({ block }) => {
        if (block.evidence.length > 0) resolve(block.evidence);
      });
    });
    const evidence = await attack();
    const { result } = await call('broadcast_evidence', [evidence]);
    assert.match(result.hash, /^[0-9A-F]{64}$/);
    const [double, ...more] = await carried;
    assert.deepEqual(more, []);
    assert.deepEqual([double?.voteA.height, double?.voteB.height], [1, 1]);
    const { block_id: other } = evidence.value.ConflictingBlock.signed_header.commit;
    const hashes = [double?.voteA, double?.voteB].map((vote) => toUpperHex(vote!.blockId.hash));
    assert.ok(hashes.includes(other.hash as string));
  });
});
