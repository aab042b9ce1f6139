/** Methods that read committed blocks, commits, results, validators and parameters. */
import { MAX_BLOCK_METAS } from '../../base/limits.ts';
import { heightOrLatest, isSettled, perPageOf, skipOf, tipOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import type { StoredBlock } from '../expected.ts';
import { blockResultsJson, consensusParamsJson } from '../json/abci.ts';
import { blockMetaJson, commitJson, headerJson, storedBlockJson } from '../json/block.ts';
import { validatorsJson } from '../json/block.ts';
import { int64, type JsonObject } from '../json/scalars.ts';
import { method, type Methods } from '../method.ts';
import { hash, hexHash, optionalInt } from '../params.ts';
import type { Bytes } from '../../base/bytes.ts';

/** What CometBFT answers for a block hash that it does not know. */
const NO_BLOCK_ID = { hash: '', parts: { total: 0, hash: '' } };
const NO_BLOCK: JsonObject = { block_id: NO_BLOCK_ID, block: null };

export function blockMethods(backend: Backend): Methods {
  const { blocks } = backend;
  const height = optionalInt();
  const stored = (wanted: number | undefined): StoredBlock | undefined =>
    blocks.block(heightOrLatest(backend, wanted));
  const byHash = (wanted: Bytes): StoredBlock | undefined => {
    const found = blocks.heightByHash(wanted);
    return found === undefined || found > tipOf(backend) ? undefined : blocks.block(found);
  };
  const settled = (args: { readonly height: number | undefined }): boolean =>
    isSettled(backend, args.height);
  const known = (args: { readonly hash: Bytes }): boolean => byHash(args.hash) !== undefined;
  const block = (found: StoredBlock | undefined): JsonObject =>
    found ? storedBlockJson(found) : NO_BLOCK;
  const results = (wanted: number | undefined): JsonObject => {
    const at = heightOrLatest(backend, wanted);
    const found = blocks.results(at);
    if (!found) throw refused(`could not find results for height #${at}`);
    return blockResultsJson(at, found);
  };
  return {
    block: method({ height }, (args) => block(stored(args.height)), settled),
    block_by_hash: method({ hash: hash() }, (args) => block(byHash(args.hash)), known),
    header: method({ height }, (args) => headerAnswer(stored(args.height)), settled),
    header_by_hash: method({ hash: hexHash() }, (args) => headerAnswer(byHash(args.hash)), known),
    block_results: method({ height }, (args) => results(args.height), settled),
    commit: method({ height }, (args) => commitAnswer(backend, args.height), settled),
    blockchain: blockchain(backend),
    ...setMethods(backend),
  };
}

function commitAnswer(backend: Backend, wanted: number | undefined): JsonObject {
  const at = heightOrLatest(backend, wanted);
  const found = backend.blocks.commit(at);
  if (!found) throw refused(`could not find a commit for height #${at}`);
  const { header, commit, canonical } = found;
  const signed = { header: headerJson(header), commit: commitJson(commit) };
  return { signed_header: signed, canonical };
}

function headerAnswer(stored: StoredBlock | undefined): JsonObject {
  return { header: stored ? headerJson(stored.block.header) : null };
}

function blockchain(backend: Backend): Methods[string] {
  const { blocks } = backend;
  return method({ minHeight: optionalInt(), maxHeight: optionalInt() }, (args) => {
    const { minHeight = 0, maxHeight = 0 } = args;
    if (minHeight < 0 || maxHeight < 0) throw refused('heights must be non-negative');
    const tip = tipOf(backend);
    const high = Math.min(maxHeight || tip, tip);
    const wanted = Math.max(minHeight || 1, blocks.base());
    const low = Math.max(wanted, high - MAX_BLOCK_METAS + 1);
    if (low > high) throw refused(`min height ${low} can't be greater than max height ${high}`);
    const heights = Array.from({ length: high - low + 1 }, (_, i) => high - i);
    const found = heights.flatMap((at) => blocks.block(at) ?? []);
    return { last_height: int64(tip), block_metas: found.map(blockMetaJson) };
  });
}

/** Validators and parameters are known for the block after the newest one, too. */
function setMethods(backend: Backend): Methods {
  const { blocks } = backend;
  const height = optionalInt();
  const known = (wanted: number | undefined): number =>
    heightOrLatest(backend, wanted, tipOf(backend) + 1);
  const settled = (args: { readonly height: number | undefined }): boolean =>
    isSettled(backend, args.height);
  const page = { page: optionalInt(), per_page: optionalInt() };
  return {
    validators: method({ height, ...page }, (args) => setPage(args, known(args.height)), settled),
    consensus_params: method(
      { height },
      (args) => {
        const at = known(args.height);
        const params = consensusParamsJson(blocks.consensusParams(at));
        return { block_height: int64(at), consensus_params: params };
      },
      settled,
    ),
  };

  function setPage(args: Record<'page' | 'per_page', number | undefined>, at: number): JsonObject {
    const set = blocks.validators(at);
    if (!set) throw refused(`could not find validator set for height #${at}`);
    const perPage = perPageOf(args.per_page);
    const total = set.validators.length;
    const validators = validatorsJson(set, skipOf(args.page, perPage, total), perPage);
    const count = int64(validators.length);
    return { block_height: int64(at), validators, count, total: int64(total) };
  }
}
