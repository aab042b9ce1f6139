/** Follows a chain of stored blocks from its genesis and notes everything that is not as it must be. */
import { commitProblems, isSignedBy, type Verify } from './commit.ts';
import { evidenceProblems } from './evidence.ts';
import {
  NO_BLOCK,
  nanosOf,
  readBlock,
  readBlockId,
  readCommit,
  sameBlockId,
  writeCommit,
  type Block,
  type BlockId,
  type Commit,
  type Header,
} from './formats.ts';
import { readOutcome, readValidators, type Genesis, type Outcome } from './genesis.ts';
import type { Params } from './genesis.ts';
import * as hashes from './hashes.ts';
import type { Validator } from './hashes.ts';
import { Fields, hex, same, type Bytes } from './proto.ts';

/** One block as a node has it. */
export interface StoredBlock {
  /** Under which it is stored. */
  readonly height: number;
  /** tendermint.types.Block */
  readonly block: Bytes;
  /** tendermint.types.BlockID: what the node says it is. */
  readonly blockId?: Bytes | undefined;
  /** tendermint.types.Commit: the precommits the node decided by. Needed at the tip. */
  readonly seenCommit?: Bytes | undefined;
  /** tendermint.abci.ResponseFinalizeBlock. Without it fewer hashes can be checked. */
  readonly outcome?: Outcome | Bytes | undefined;
  /** tendermint.types.ValidatorSet of this height. Needed where history does not tell. */
  readonly validators?: readonly Validator[] | Bytes | undefined;
  /** What could not be read at all. */
  readonly unreadable?: readonly string[];
}

export interface Violation {
  readonly height: number;
  readonly rule: string;
  readonly detail: string;
}

export interface VerifierOptions {
  /** Instead of real ed25519, for chains with make-believe signatures. */
  readonly verify?: Verify;
}

interface Previous {
  readonly height: number;
  readonly id: BlockId | undefined;
  readonly header: Header | undefined;
  readonly outcome: Outcome | undefined;
}

const BLOCK_VERSION = 11n;
const EMPTY_COMMIT = writeCommit({ height: 0n, round: 0, blockId: NO_BLOCK, signatures: [] });

export class ChainVerifier {
  readonly violations: Violation[] = [];
  readonly #genesis: Genesis;
  readonly #verify: Verify;
  readonly #sets = new Map<number, readonly Validator[]>();
  readonly #times = new Map<number, bigint>();
  readonly #committedEvidence = new Set<string>();
  #params: Params | undefined;
  #previous: Previous | undefined;
  #tipCommit = false;

  constructor(genesis: Genesis, { verify = hashes.verifySignature }: VerifierOptions = {}) {
    this.#genesis = genesis;
    this.#verify = verify;
    const { initialHeight, validators } = genesis;
    this.#sets.set(initialHeight, validators).set(initialHeight + 1, validators);
  }

  /** The next block; heights without a gap. */
  add(stored: StoredBlock): void {
    const { height } = stored;
    const { initialHeight, params } = this.#genesis;
    const expected = this.#previous && this.#previous.height + 1;
    if (expected !== undefined && height !== expected) this.#note(height, 'order', 'a gap');
    if (height < initialHeight) this.#note(height, 'order', 'before the first height');
    if (height === initialHeight) this.#params = params;
    for (const what of stored.unreadable ?? []) this.#note(height, 'encoding', what);
    const block = this.#read(height, 'block', () => readBlock(stored.block));
    const id = block && {
      hash: hashes.headerHash(block.header),
      ...hashes.partsOf(stored.block),
    };
    if (block && id) {
      this.#learnSets(stored, block.header);
      this.#checkHeader(stored, block, id);
      this.#checkContent(height, block);
      this.#checkLastCommit(height, block);
      this.#checkEvidence(height, block);
      this.#times.set(height, nanosOf(block.header.time));
    }
    this.#checkSeenCommit(stored, id);
    const outcome = this.#outcomeOf(stored);
    this.#follow(height, outcome);
    this.#previous = { height, id, header: block?.header, outcome };
  }

  /** After the last block. */
  finish(): readonly Violation[] {
    if (this.#previous !== undefined && !this.#tipCommit) {
      this.#note(this.#previous.height, 'commit', 'nothing proves the last block');
    }
    return this.violations;
  }

  #note(height: number, rule: string, detail: string): void {
    this.violations.push({ height, rule, detail });
  }

  #read<T>(height: number, what: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#note(height, 'encoding', `${what}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #mustBe(height: number, rule: string, actual: Bytes, wanted: Bytes | undefined): void {
    if (wanted === undefined || same(actual, wanted)) return;
    this.#note(height, rule, `${hex(actual)} instead of ${hex(wanted)}`);
  }

  #outcomeOf({ height, outcome }: StoredBlock): Outcome | undefined {
    if (!(outcome instanceof Uint8Array)) return outcome;
    return this.#read(height, 'results', () => readOutcome(outcome));
  }

  #validatorsOf({ height, validators }: StoredBlock): readonly Validator[] | undefined {
    if (!(validators instanceof Uint8Array)) return validators;
    return this.#read(height, 'validators', () => readValidators(validators));
  }

  /** Where history does not tell the validators, the node's word counts if it has the header's hash. */
  #learnSets(stored: StoredBlock, header: Header): void {
    const { height } = stored;
    const current = this.#sets.get(height);
    const validators = this.#validatorsOf(stored);
    this.#checkStoredSet(height, current, validators);
    if (current === undefined) {
      const known = validators && same(hashes.validatorsHash(validators), header.validatorsHash);
      if (known) this.#sets.set(height, validators);
      else this.#note(height, 'validators', 'nobody knows who validates this height');
    }
    const set = this.#sets.get(height);
    const unchanged = set && same(hashes.validatorsHash(set), header.nextValidatorsHash);
    if (!this.#sets.has(height + 1) && unchanged) this.#sets.set(height + 1, set);
  }

  #checkStoredSet(
    height: number,
    known: readonly Validator[] | undefined,
    stored: readonly Validator[] | undefined,
  ): void {
    const wrongAddress = stored?.some((one) => !same(one.address, hashes.addressOf(one.pubKey)));
    if (wrongAddress) this.#note(height, 'validators', 'an address is not that of its key');
    if (!known || !stored) return;
    if (same(hashes.validatorsHash(known), hashes.validatorsHash(stored))) return;
    this.#note(height, 'validators', 'the stored set is not the one in force');
  }

  #checkHeader(stored: StoredBlock, block: Block, id: BlockId): void {
    const { header } = block;
    const { height } = stored;
    const note = (rule: string, detail: string) => this.#note(height, rule, detail);
    if (stored.blockId !== undefined) {
      const said = this.#read(height, 'block id', () => readBlockId(new Fields(stored.blockId!)));
      if (said && !sameBlockId(said, id)) note('block id', 'not that of the stored bytes');
    }
    if (header.blockVersion !== BLOCK_VERSION) note('version', String(header.blockVersion));
    if (header.chainId !== this.#genesis.chainId) note('chain id', header.chainId);
    if (header.height !== BigInt(height)) note('height', String(header.height));
    this.#checkLinks(height, header);
    const set = this.#sets.get(height);
    const next = this.#sets.get(height + 1);
    this.#mustBe(
      height,
      'validators hash',
      header.validatorsHash,
      set && hashes.validatorsHash(set),
    );
    const nextHash = next && hashes.validatorsHash(next);
    this.#mustBe(height, 'next validators hash', header.nextValidatorsHash, nextHash);
    if (header.nextValidatorsHash.length !== 32) note('next validators hash', 'not 32 bytes');
    if (set && !set.some(({ address }) => same(address, header.proposer))) {
      note('proposer', `${hex(header.proposer)} is no validator`);
    }
    const params = this.#params;
    const wanted = params && hashes.consensusHash(params.maxBytes, params.maxGas);
    this.#mustBe(height, 'consensus hash', header.consensusHash, wanted);
    const limit = params?.maxBytes ?? -1n;
    if (limit > 0n && BigInt(stored.block.length) > limit) note('size', `${stored.block.length}`);
  }

  #checkLinks(height: number, header: Header): void {
    const previous = this.#previous;
    const isFirst = height === this.#genesis.initialHeight;
    const { lastBlockId, time } = header;
    if (isFirst && !sameBlockId(lastBlockId, NO_BLOCK)) {
      this.#note(height, 'last block id', 'the first block follows none');
    }
    if (previous?.id && !sameBlockId(lastBlockId, previous.id)) {
      this.#note(height, 'last block id', 'not the block before');
    }
    const before = previous?.header?.time;
    if (before !== undefined && nanosOf(time) <= nanosOf(before)) {
      this.#note(height, 'time', 'not after the block before');
    }
    if (isFirst && nanosOf(time) < nanosOf(this.#genesis.time)) {
      this.#note(height, 'time', 'before genesis');
    }
    const outcome = previous?.outcome;
    this.#mustBe(height, 'app hash', header.appHash, outcome?.appHash);
    const results = isFirst ? [] : outcome?.results;
    const resultsHash = results && hashes.merkleRoot(results);
    this.#mustBe(height, 'last results hash', header.lastResultsHash, resultsHash);
  }

  #checkContent(height: number, block: Block): void {
    const { header, txs, evidence, lastCommit } = block;
    this.#mustBe(height, 'data hash', header.dataHash, hashes.dataHash(txs));
    this.#mustBe(height, 'evidence hash', header.evidenceHash, hashes.evidenceHash(evidence));
    this.#mustBe(height, 'last commit hash', header.lastCommitHash, hashes.commitHash(lastCommit));
  }

  #checkLastCommit(height: number, { header, lastCommit }: Block): void {
    if (height === this.#genesis.initialHeight) {
      const bytes = writeCommit(lastCommit);
      if (!same(bytes, EMPTY_COMMIT)) this.#note(height, 'last commit', 'not empty');
      return;
    }
    const id = this.#previous?.id ?? header.lastBlockId;
    this.#checkCommit('last commit', lastCommit, { height: height - 1, id, at: height });
  }

  #checkCommit(
    rule: string,
    commit: Commit,
    { height, id, at }: { height: number; id: BlockId; at: number },
  ): boolean {
    const set = this.#sets.get(height);
    const { chainId } = this.#genesis;
    const problems = commitProblems(commit, { chainId, height, id, set, verify: this.#verify });
    for (const problem of problems) this.#note(at, rule, problem);
    return problems.length === 0;
  }

  #checkSeenCommit({ height, seenCommit }: StoredBlock, id: BlockId | undefined): void {
    this.#tipCommit = false;
    if (seenCommit === undefined) return;
    const commit = this.#read(height, 'commit', () => readCommit(seenCommit));
    if (!commit || !id) return;
    this.#checkCommit('commit', commit, { height, id, at: height });
    this.#tipCommit = true;
  }

  #checkEvidence(height: number, { evidence, header }: Block): void {
    const { chainId } = this.#genesis;
    for (const one of evidence) {
      const problems = evidenceProblems(one, {
        height,
        timeBefore: nanosOf(this.#previous?.header?.time ?? header.time),
        timeOf: (at) => this.#times.get(at),
        setAt: (at) => this.#sets.get(at),
        params: this.#params,
        isSigned: (pubKey, vote) => isSignedBy(pubKey, vote, { chainId, verify: this.#verify }),
      });
      const name = hex(hashes.evidenceHash([one]));
      if (this.#committedEvidence.has(name)) problems.push('committed before');
      this.#committedEvidence.add(name);
      for (const problem of problems) this.#note(height, 'evidence', problem);
    }
  }

  /** What the block changes: validators two heights later, parameters at the next. */
  #follow(height: number, outcome: Outcome | undefined): void {
    const next = this.#sets.get(height + 1);
    if (outcome === undefined) this.#params = undefined;
    if (outcome?.params) this.#params = outcome.params;
    if (outcome && next) this.#sets.set(height + 2, hashes.updated(next, outcome.updates));
  }
}

/** Everything that is wrong with a chain, from its oldest stored block to its tip. */
export function verifyChain(
  genesis: Genesis,
  blocks: Iterable<StoredBlock>,
  options: VerifierOptions = {},
): readonly Violation[] {
  const verifier = new ChainVerifier(genesis, options);
  for (const block of blocks) verifier.add(block);
  return verifier.finish();
}
