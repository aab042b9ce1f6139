/** A module whose one message does what the test says, and a transaction with this message. */
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import type { Module } from '../../node/app/module.ts';
import { EMPTY, type Bytes } from '../../node/base/bytes.ts';
import { signTx, type TestKey } from './application.ts';

const MSG_TRY = '/test.trial.v1.MsgTry';

/** `signer` signs the message. */
export function trialModule(signer: TestKey, run: () => void): Module {
  const handler = {
    typeUrl: MSG_TRY,
    codec: MsgSend,
    signers: () => [signer.address],
    validate: () => undefined,
    execute: () => {
      run();
      return { typeUrl: `${MSG_TRY}Response`, value: EMPTY };
    },
  };
  return {
    name: 'trial',
    stores: [],
    messages: [handler],
    queries: [],
    initGenesis: () => undefined,
    exportGenesis: () => undefined,
  };
}

/** The first transaction of the first account. */
export function trialTx(key: TestKey): Bytes {
  const messages = [{ typeUrl: MSG_TRY, value: EMPTY }];
  return signTx({ messages, key, accountNumber: 0n, sequence: 0n });
}
