import assert from 'node:assert/strict';
import fc from 'fast-check';
import { utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../../node/base/ed25519.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { MAX_STATUS_NEIGHBOURS, MAX_TXS_PER_BATCH } from '../../../node/base/limits.ts';
import {
  decodeDirectMessage,
  decodeTxBatch,
  encodeDirectMessage,
  encodeTxBatch,
  type DirectMessage,
  type Hello,
} from '../../../node/network/messages.ts';
import { bindingBytes, provenValidator } from '../../../node/network/validator-binding.ts';

const SEED = sha256(utf8('validator'));
const HELLO: Hello = {
  genesisHash: sha256(utf8('genesis')),
  moniker: 'node0',
  version: '0.1.0',
  listenAddress: '/ip4/127.0.0.1/tcp/1',
  rpcAddress: 'tcp://127.0.0.1:26657',
  validatorPubKey: ed25519PublicKey(SEED),
  validatorSignature: signEd25519(SEED, bindingBytes('chain-1', 'peer-a')),
};

const MESSAGES: DirectMessage[] = [
  { type: 'hello', hello: HELLO },
  { type: 'status', status: { height: 5, base: 1, neighbours: ['a', 'b'] } },
  { type: 'status', status: { height: 0, base: 0, neighbours: [] } },
  { type: 'consensus', payload: utf8('payload') },
  { type: 'tx', tx: utf8('tx') },
];

describe('direct messages', () => {
  for (const message of MESSAGES) {
    it(`${message.type} comes back as it was`, () => {
      assert.deepEqual(decodeDirectMessage(encodeDirectMessage(message)), message);
    });
  }

  it('random bytes are refused in one way only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeDirectMessage(bytes);
        } catch (error) {
          assert.ok(error instanceof BitscaleError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('none and two messages at once are refused', () => {
    assert.throws(() => decodeDirectMessage(new Uint8Array(0)), BitscaleError);
    const both = Buffer.concat([MESSAGES[1]!, MESSAGES[3]!].map(encodeDirectMessage));
    assert.throws(() => decodeDirectMessage(both), BitscaleError);
  });

  it('a status out of bounds is refused', () => {
    const status = { height: 5, base: 6, neighbours: [] };
    const many = { height: 5, base: 1, neighbours: Array(MAX_STATUS_NEIGHBOURS + 1).fill('x') };
    for (const bad of [status, many]) {
      const bytes = encodeDirectMessage({ type: 'status', status: bad });
      assert.throws(() => decodeDirectMessage(bytes), BitscaleError);
    }
  });
});

describe('transaction batches', () => {
  it('come back in order, up to the bound', () => {
    const txs = Array.from({ length: MAX_TXS_PER_BATCH }, (_, index) => utf8(`tx ${index}`));
    assert.deepEqual(decodeTxBatch(encodeTxBatch(txs)), txs);
    const tooMany = encodeTxBatch([...txs, utf8('one more')]);
    assert.throws(() => decodeTxBatch(tooMany), BitscaleError);
  });

  it('empty batches and empty transactions are refused', () => {
    assert.throws(() => decodeTxBatch(new Uint8Array(0)), BitscaleError);
    assert.throws(() => decodeTxBatch(encodeTxBatch([new Uint8Array(0)])), BitscaleError);
  });
});

describe('the validator behind a peer', () => {
  it('is believed for this chain and this peer only', () => {
    const address = sha256(HELLO.validatorPubKey).slice(0, 20);
    assert.deepEqual(provenValidator(HELLO, 'chain-1', 'peer-a'), address);
    assert.equal(provenValidator(HELLO, 'chain-2', 'peer-a'), undefined);
    assert.equal(provenValidator(HELLO, 'chain-1', 'peer-b'), undefined);
    const none = new Uint8Array(0);
    const silent = { ...HELLO, validatorPubKey: none, validatorSignature: none };
    assert.equal(provenValidator(silent, 'chain-1', 'peer-a'), undefined);
  });
});
