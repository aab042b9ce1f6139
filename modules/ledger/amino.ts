/** The messages of the ledger as hardware wallets sign them. */
import type { AminoShape } from '../../node/base/amino.ts';

const KEY: AminoShape = { ax: 'bytes', ay: 'bytes' };
const SIGNATURE: AminoShape = { rx: 'bytes', ry: 'bytes', s: 'bytes' };

const INTENT: AminoShape = {
  ...{ op: 'number', sIdx: 'number', rIdx: 'number', token: 'number', tokenOut: 'number' },
  ...{ amount: 'integer', amountOut: 'integer', fee: 'integer' },
  ...{ nonce: 'integer', expiry: 'integer', memo: 'bytes' },
  ...{ owner: KEY, signature: SIGNATURE, quoteId: 'string' },
};

const QUOTE: AminoShape = {
  ...{ inIdx: 'number', outIdx: 'number', tokenIn: 'number', tokenOut: 'number' },
  ...{ nonce: 'integer', uses: 'number', expiry: 'integer' },
  ...{ num: 'integer', den: 'integer', max: 'integer' },
  ...{ owner: KEY, signature: SIGNATURE },
};

export interface AminoMessage {
  readonly type: string;
  readonly shape: AminoShape;
}

export const SUBMIT_INTENTS: AminoMessage = {
  type: 'bitscale/MsgSubmitIntents',
  shape: { submitter: 'string', intents: [INTENT] },
};

export const POST_QUOTES: AminoMessage = {
  type: 'bitscale/MsgPostQuotes',
  shape: { submitter: 'string', quotes: [QUOTE] },
};

export const REGISTER_ACCOUNT: AminoMessage = {
  type: 'bitscale/MsgRegisterAccount',
  shape: { submitter: 'string', token: 'number', owner: KEY },
};
