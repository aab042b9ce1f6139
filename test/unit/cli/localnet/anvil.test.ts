import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpState, repairState } from '../../../../node/cli/localnet/anvil.ts';

describe('cli/localnet/anvil', () => {
  let folder: string;
  let state: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-anvil-'));
    state = join(folder, 'state.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('a dump that was cut short is replaced by the last whole one', () => {
    writeFileSync(state, '{"block":{"number":7}}');
    backUpState(state);
    writeFileSync(state, '{"block":{"num');
    backUpState(state);
    repairState(state);
    assert.equal(readFileSync(state, 'utf8'), '{"block":{"number":7}}');
  });

  it('a whole dump stays as it is', () => {
    writeFileSync(state, '{"block":7}');
    backUpState(state);
    writeFileSync(state, '{"block":8}');
    repairState(state);
    assert.equal(readFileSync(state, 'utf8'), '{"block":8}');
  });

  it('the copy follows the dump', () => {
    writeFileSync(state, '{"block":7}');
    backUpState(state);
    writeFileSync(state, '{"block":8}');
    const later = new Date(Date.now() + 5_000);
    utimesSync(state, later, later);
    backUpState(state);
    writeFileSync(state, '');
    repairState(state);
    assert.equal(readFileSync(state, 'utf8'), '{"block":8}');
  });

  it('a damaged dump without a copy is removed, for anvil would not start with it', () => {
    writeFileSync(state, '{"bl');
    repairState(state);
    assert.equal(existsSync(state), false);
  });

  it('no dump at all is a new L1', () => {
    repairState(state);
    backUpState(state);
    assert.equal(existsSync(state), false);
  });
});
