import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { BasicAllowance as BasicMessage } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { parseCoins } from '../../../../node/base/coin.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import { addNanos, parseTime, type Time } from '../../../../node/base/time.ts';
import {
  acceptFee,
  checkAllowance,
  type Allowance,
  type BasicAllowance,
  type PeriodicAllowance,
} from '../../../../modules/feegrant/allowance.ts';
import {
  BASIC_TYPE,
  decodeAllowance,
  encodeAllowance,
} from '../../../../modules/feegrant/allowance-codec.ts';
import { readAllowance, writeAllowance } from '../../../../modules/feegrant/allowance-json.ts';

const NOW = parseTime('2026-01-01T00:00:00Z');
const HOUR = 3_600_000_000_000n;
const SEND = '/cosmos.bank.v1beta1.MsgSend';

function basic(limit: string, expiration?: Time): BasicAllowance {
  return { kind: 'basic', spendLimit: parseCoins(limit), ...(expiration && { expiration }) };
}

function periodic(parts: Partial<PeriodicAllowance> = {}): PeriodicAllowance {
  return {
    kind: 'periodic',
    basic: basic(''),
    period: HOUR,
    periodSpendLimit: parseCoins('10uscale'),
    periodCanSpend: parseCoins('10uscale'),
    periodReset: addNanos(NOW, HOUR),
    ...parts,
  };
}

interface Ask {
  readonly fee: string;
  readonly time?: Time;
  readonly messageTypes?: readonly string[];
  step?(): void;
}

function ask(allowance: Allowance, { fee, ...rest }: Ask): Allowance | undefined {
  const request = { time: NOW, messageTypes: [SEND], step: () => undefined, ...rest };
  return acceptFee(allowance, { fee: parseCoins(fee), ...request });
}

const refusal = (code: number, words: string, codespace = 'feegrant') => ({
  name: 'BitscaleError',
  kind: { codespace, code },
  words,
});

function refuses(run: () => unknown, expected: ReturnType<typeof refusal>): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof BitscaleError, String(error));
    assert.deepEqual([error.codespace, error.code], Object.values(expected.kind));
    assert.ok(error.message.startsWith(expected.words), error.message);
    return true;
  });
}

describe('feegrant/allowances', () => {
  it('a basic allowance pays up to its limit, then is gone', () => {
    const left = ask(basic('10uscale'), { fee: '4uscale' });
    assert.deepEqual(left, basic('6uscale'));
    assert.equal(ask(left!, { fee: '6uscale' }), undefined);
    refuses(() => ask(left!, { fee: '7uscale' }), refusal(2, 'basic allowance'));
    refuses(() => ask(left!, { fee: '1other' }), refusal(2, 'basic allowance'));
  });

  it('one without limit stays as it is', () => {
    assert.deepEqual(ask(basic(''), { fee: '1000uscale' }), basic(''));
  });

  it('pays in the block of its end, and not a nanosecond later', () => {
    const allowance = basic('10uscale', NOW);
    assert.ok(ask(allowance, { fee: '1uscale' }));
    const time = addNanos(NOW, 1n);
    refuses(() => ask(allowance, { fee: '1uscale', time }), refusal(3, 'basic allowance'));
    const inPeriods = periodic({ basic: allowance });
    refuses(() => ask(inPeriods, { fee: '1uscale', time }), refusal(3, 'absolute limit'));
  });

  it('a period has its own limit, which starts anew at its reset', () => {
    const used = ask(periodic(), { fee: '10uscale' }) as PeriodicAllowance;
    refuses(() => ask(used, { fee: '1uscale' }), refusal(2, 'period limit'));
    const time = addNanos(NOW, HOUR);
    const next = ask(used, { fee: '1uscale', time }) as PeriodicAllowance;
    assert.deepEqual(next.periodCanSpend, parseCoins('9uscale'));
    assert.deepEqual(next.periodReset, addNanos(NOW, 2n * HOUR));
  });

  it('after a pause of more than a period, the next one counts from now', () => {
    const time = addNanos(NOW, 5n * HOUR);
    const next = ask(periodic(), { fee: '1uscale', time }) as PeriodicAllowance;
    assert.deepEqual(next.periodReset, addNanos(NOW, 6n * HOUR));
  });

  it('a period never gives more than is left in all', () => {
    const time = addNanos(NOW, HOUR);
    const allowance = periodic({ basic: basic('3uscale') });
    refuses(() => ask(allowance, { fee: '4uscale', time }), refusal(2, 'period limit'));
    assert.equal(ask(allowance, { fee: '3uscale', time }), undefined);
  });

  it('a filtered one pays for listed messages only, and counts its steps', () => {
    const allowance: Allowance = {
      kind: 'allowed-msg',
      allowance: basic('10uscale'),
      allowedMessages: [SEND, '/a.B'],
    };
    let steps = 0;
    const left = ask(allowance, { fee: '4uscale', step: () => void (steps += 1) });
    assert.deepEqual(left, { ...allowance, allowance: basic('6uscale') });
    assert.equal(steps, 3);
    const other = { fee: '1uscale', messageTypes: [SEND, '/c.D'] };
    refuses(() => ask(allowance, other), refusal(7, 'message does not exist in allowed messages'));
  });

  it('never pays more than the limit, whatever is asked in whatever order', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 1000n),
        fc.array(fc.tuple(fc.bigInt(0n, 300n), fc.bigInt(0n, 3n * HOUR))),
        (limit, asks) => {
          let allowance: Allowance | undefined = periodic({ basic: basic(`${limit}uscale`) });
          let [paid, time] = [0n, NOW];
          for (const [fee, pause] of asks) {
            time = addNanos(time, pause);
            if (!allowance) return;
            try {
              allowance = ask(allowance, { fee: `${fee}uscale`, time });
              paid += fee;
            } catch (error) {
              assert.ok(error instanceof BitscaleError && error.code === 2);
            }
            assert.ok(paid <= limit && fee >= 0n);
          }
        },
      ),
    );
  });

  const nonsense: readonly [string, Allowance, number, string, string][] = [
    [
      'a limit of zero',
      { kind: 'basic', spendLimit: [{ denom: 'uscale', amount: 0n }] },
      10,
      'sdk',
      'send amount is invalid: 0uscale',
    ],
    ['an end before 1970', basic('', parseTime('1969-12-31T23:59:59Z')), 4, 'feegrant', ''],
    ['a period without limit', periodic({ periodSpendLimit: [] }), 10, 'sdk', 'spend limit must'],
    [
      'a period in another coin',
      periodic({ basic: basic('5other') }),
      10,
      'sdk',
      'period spend limit has different currency',
    ],
    ['time backwards', periodic({ period: -1n }), 4, 'feegrant', 'negative clock step'],
    [
      'no messages',
      { kind: 'allowed-msg', allowance: basic(''), allowedMessages: [] },
      6,
      'feegrant',
      '',
    ],
    ['nothing inside', { kind: 'allowed-msg', allowedMessages: [SEND] }, 5, 'feegrant', ''],
  ];
  for (const [name, allowance, code, codespace, words] of nonsense) {
    it(`refuses ${name}`, () => {
      refuses(() => checkAllowance(allowance), refusal(code, words, codespace));
    });
  }

  it('come back from bytes and from JSON as they were', () => {
    const end = parseTime('2030-01-02T03:04:05.0000006Z');
    const all: readonly Allowance[] = [
      basic('1a1a,2b2b', end),
      periodic({ period: 1n, basic: basic('20uscale', end) }),
      { kind: 'allowed-msg', allowance: periodic(), allowedMessages: [SEND] },
    ];
    for (const allowance of all) {
      assert.deepEqual(decodeAllowance(encodeAllowance(allowance)), allowance);
      assert.deepEqual(
        readAllowance(JSON.parse(JSON.stringify(writeAllowance(allowance)))),
        allowance,
      );
    }
  });

  for (const [name, seconds, nanos] of [
    ['after the year 9999', 253_402_300_800n, 0],
    ['before the year 1', -62_135_596_801n, 0],
    ['with negative nanoseconds', 0n, -1],
    ['with a second of nanoseconds', 0n, 1_000_000_000],
  ] as const) {
    it(`an end ${name} cannot be decoded`, () => {
      const message = BasicMessage.fromPartial({ expiration: { seconds, nanos } });
      const value = BasicMessage.encode(message).finish();
      const any = Any.fromPartial({ typeUrl: BASIC_TYPE, value });
      refuses(() => decodeAllowance(any), refusal(2, '', 'sdk'));
    });
  }

  it('inside each other are refused deeper than messages may be', () => {
    let allowance: Allowance = basic('');
    for (let depth = 0; depth < 20; depth++) {
      allowance = { kind: 'allowed-msg', allowance, allowedMessages: [SEND] };
    }
    refuses(() => decodeAllowance(encodeAllowance(allowance)), refusal(2, '', 'sdk'));
  });
});
