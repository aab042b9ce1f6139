/** What ibc-go's 07-tendermint client answered: test/vectors/ibc has the fields. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '../../node/base/bytes.ts';
import { parseTime } from '../../node/base/time.ts';
import { readMessage, TendermintClient, validateBasic, type Message } from './tendermint-client.ts';

interface Case {
  readonly note: string;
  readonly now: string;
  readonly client_state: string;
  readonly consensus_states: readonly (readonly [string, string])[];
  readonly message_type: string;
  readonly message: string;
  readonly status: string;
  readonly validate_basic: string;
  readonly verify: string;
  readonly misbehaviour?: boolean;
  readonly updated_heights?: readonly string[];
  readonly consensus_state_after?: string;
  readonly latest_height_after?: string;
  readonly frozen_height_after?: string;
}

function casesOf(file: string): readonly Case[] {
  const path = new URL(`../vectors/ibc/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases;
}

/** "ok", or what was thrown. */
function verdict(check: () => void): string {
  try {
    check();
    return 'ok';
  } catch (error) {
    return String(error);
  }
}

function assertSame(ours: string, theirs: string): void {
  assert.equal(ours === 'ok', theirs === 'ok', `ours: ${ours}; theirs: ${theirs}`);
}

function assertUpdated(client: TendermintClient, message: Message, one: Case): void {
  assert.equal(client.isMisbehaviour(message), one.misbehaviour);
  const updated = client.update(message);
  assert.deepEqual(updated, one.updated_heights ?? []);
  assert.equal(String(client.latestHeight), one.latest_height_after?.split('-')[1]);
  assert.equal(client.isFrozen, one.frozen_height_after === '0-1');
  if (one.consensus_state_after === undefined) return;
  const height = Number(updated[0]?.split('-')[1]);
  const state = client.stateAt(height);
  assert.ok(state);
  assert.equal(toHex(state), one.consensus_state_after);
}

describe("verdicts of IBC's client on headers and misbehaviour", () => {
  const cases = ['light-client', 'light-client-random'].flatMap(casesOf);

  it('there are 98', () => assert.equal(cases.length, 98));

  for (const one of cases) {
    it(one.note, () => {
      const states = one.consensus_states.map(([at, bytes]) => [at, fromHex(bytes)] as const);
      const client = new TendermintClient(fromHex(one.client_state), states);
      const now = parseTime(one.now);
      assert.equal(client.status(now), one.status);
      const message = readMessage(one.message_type, fromHex(one.message));
      assertSame(
        verdict(() => validateBasic(message)),
        one.validate_basic,
      );
      const verified = verdict(() => client.verify(message, now));
      assertSame(verified, one.verify);
      if (verified === 'ok') assertUpdated(client, message, one);
    });
  }
});
