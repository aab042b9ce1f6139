/** The committed protobuf code is what the .proto files give, and CosmJS can use it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from '@cosmjs/proto-signing';
import { LEDGER_TYPES } from '../modules/ledger/client.ts';
import { MsgRegisterAccount, MsgSubmitIntents } from '../proto/gen/bitscale/ledger/v1/tx.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function filesBelow(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('proto', () => {
  it('has generated code that matches the .proto files; "npm run proto" makes it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitscale-proto-'));
    try {
      execFileSync(process.execPath, [join(root, 'proto/generate.js'), folder]);
      const [fresh, committed] = [filesBelow(folder), filesBelow(join(root, 'proto/gen'))];
      assert.deepEqual([...committed.keys()], [...fresh.keys()]);
      const stale = [...fresh].filter(([name, text]) => committed.get(name) !== text);
      assert.deepEqual(
        stale.map(([name]) => name),
        [],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives types that the registry of CosmJS encodes and decodes', () => {
    const registry = new Registry(LEDGER_TYPES);
    const value = MsgRegisterAccount.fromPartial({
      submitter: 'bitscale1',
      token: 7,
      owner: { ax: Uint8Array.of(1), ay: Uint8Array.of(2) },
    });
    const typeUrl = '/bitscale.ledger.v1.MsgRegisterAccount';
    const bytes = registry.encode({ typeUrl, value });
    assert.deepEqual(registry.decode({ typeUrl, value: bytes }), value);
  });

  it('keeps 64-bit integers exact and writes JSON with the names of the .proto files', () => {
    const amount = 2n ** 64n - 1n;
    const message = MsgSubmitIntents.fromPartial({ intents: [{ sIdx: 3, amount }] });
    const bytes = MsgSubmitIntents.encode(message).finish();
    assert.equal(MsgSubmitIntents.decode(bytes).intents[0]?.amount, amount);
    const json = MsgSubmitIntents.toJSON(message);
    assert.deepEqual(json, { intents: [{ s_idx: 3, amount: amount.toString() }] });
    assert.deepEqual(MsgSubmitIntents.fromJSON(json), message);
  });
});
