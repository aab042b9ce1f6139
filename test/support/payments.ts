/** Signed payments of three people: alice and bob have accounts, a stranger has none. */
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Bytes } from '../../node/base/bytes.ts';
import { sendMessage, signTx, testKey, type TestTx } from './application.ts';

export const [alice, bob, stranger] = [testKey('alice'), testKey('bob'), testKey('stranger')];

/** Alice pays bob 5. */
export function signed(sequence: number, change: Partial<TestTx> = {}): Bytes {
  const messages = [sendMessage(alice, bob.text, '5')];
  return signTx({ messages, key: alice, accountNumber: 0n, sequence: BigInt(sequence), ...change });
}

/** One bit of its signature is wrong. */
export function flipped(tx: Bytes): Bytes {
  const raw = TxRaw.decode(tx);
  raw.signatures[0]![5]! ^= 1;
  return TxRaw.encode(raw).finish();
}

/** The stranger pays bob. */
export const fromStranger = (sequence = 0): Bytes =>
  signed(sequence, { messages: [sendMessage(stranger, bob.text, '5')], key: stranger });
