/** What the fuzzer does with a decoder: bend inputs that it takes, and judge what it says of them. */
import { equal, toHex, type Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { Random } from '../simulation/random.ts';
import { noise, type Bend } from './bend-proto.ts';

export const TAKEN = 'taken';

export interface Decoder {
  readonly name: string;
  /** Good inputs. */
  readonly seeds: readonly Bytes[];
  readonly bend: Bend;
  /** Of a file that is read before anybody waits: it may take its time. */
  readonly isLocal?: boolean;
  /** `taken`, or by what name the input was refused. Throws when something is wrong with the program. */
  judge(input: Bytes): string | Promise<string>;
  /** Lets go of what `make` has opened. */
  end?(): void | Promise<void>;
}

/** Some take long to prepare. */
export interface NamedDecoder {
  readonly name: string;
  make(): Decoder | Promise<Decoder>;
}

export interface Report {
  readonly name: string;
  readonly inputs: number;
  /** How many inputs came to which end. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** What must not be, with the bytes as hexadecimal. */
  readonly faults: readonly string[];
  /** The longest that one input kept the event loop, in processor time, and which. */
  readonly slowestMs: number;
  readonly slowest: Bytes;
}

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** An input that takes longer each time is a fault; by default time is measured and not judged. */
  readonly limitMs?: number;
  progress?(done: number): void;
}

const MAX_FAULTS = 20;
const PROGRESS_EVERY = 10_000;
/** The collector hits an input once, a slow decoder every time. */
const TRIES = 5;
const UNTOUCHED_ONE_IN = 50;
const NOISE_ONE_IN = 50;

export async function fuzz(decoder: Decoder, options: FuzzOptions): Promise<Report> {
  const random = new Random(options.seed);
  const limitMs = decoder.isLocal === true ? Infinity : (options.limitMs ?? Infinity);
  const verdicts = new Map<string, number>();
  const faults: string[] = [];
  let [slowestMs, slowest]: [number, Bytes] = [0, new Uint8Array(0)];
  for (let i = 0; i < options.count && faults.length < MAX_FAULTS; i++) {
    const input = nextInput(decoder, random);
    const { verdict, ms } = await attempt(decoder, input);
    if (ms > slowestMs) [slowestMs, slowest] = [ms, input];
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (verdict.startsWith(FAULT)) faults.push(`${verdict}: ${toHex(input)}`);
    else if (ms > limitMs) {
      const least = await quickest(decoder, input);
      if (least > limitMs) faults.push(`${least} ms: ${toHex(input)}`);
    }
    if (i % PROGRESS_EVERY === PROGRESS_EVERY - 1) options.progress?.(i + 1);
  }
  return { name: decoder.name, inputs: options.count, verdicts, faults, slowestMs, slowest };
}

/** Processor time of this process in milliseconds: on a busy machine the clock on the wall says nothing. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const FAULT = 'fault';

async function attempt(
  decoder: Decoder,
  input: Bytes,
): Promise<{ readonly verdict: string; readonly ms: number }> {
  const start = clock();
  try {
    const outcome = decoder.judge(input);
    const ms = clock() - start;
    if (typeof outcome === 'string') return { verdict: outcome, ms };
    const longest = await longestTurn(outcome);
    return { verdict: await outcome, ms: Math.max(ms, longest) };
  } catch (error) {
    const { name, message } = error as Error;
    const verdict = `${FAULT} ${name} ${String(message).slice(0, 300)}`;
    return { verdict, ms: clock() - start };
  }
}

/** How long the event loop was kept while `work` went on: what rests in between keeps nobody waiting. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const end = (): void => {
    isDone = true;
  };
  work.then(end, end);
  let longest = 0;
  for (let since = clock(); !isDone;) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = clock();
    longest = Math.max(longest, now - since);
    since = now;
  }
  return longest;
}

/** The least of several times: only a slow decoder needs long each time. */
export async function quickest(decoder: Decoder, input: Bytes): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < TRIES; i++) least = Math.min(least, (await attempt(decoder, input)).ms);
  return least;
}

function nextInput({ seeds, bend }: Decoder, random: Random): Bytes {
  if (random.below(NOISE_ONE_IN) === 0) return noise(random, random.below(400));
  const seed = random.pick(seeds);
  if (random.below(UNTOUCHED_ONE_IN) === 0) return seed;
  const bent = bend(seed, random);
  return random.below(4) === 0 ? bend(bent, random) : bent;
}

/** Judges kept inputs. Answers what is wrong, or undefined. */
export async function faultOf(decoder: Decoder, input: Bytes): Promise<string | undefined> {
  const { verdict } = await attempt(decoder, input);
  return verdict.startsWith(FAULT) ? verdict : undefined;
}

/** The verdict of `decode`: a refusal must be a BitscaleError, or an error of `others`. */
export function verdictOf(
  decode: () => void,
  ...others: readonly (abstract new (...args: never[]) => Error)[]
): string {
  try {
    decode();
    return TAKEN;
  } catch (error) {
    if (error instanceof BitscaleError) return `${error.codespace}/${error.code}`;
    if (others.some((kind) => error instanceof kind)) return (error as Error).name;
    throw error;
  }
}

/** A decoder of bytes that are stored, hashed or signed: what it takes must be the only encoding of its value. */
export function codec<T>(
  decode: (bytes: Bytes) => T,
  encode: (value: T) => Bytes,
  ...others: readonly (abstract new (...args: never[]) => Error)[]
): (input: Bytes) => string {
  return (input) =>
    verdictOf(
      () => {
        const before = input.slice();
        const again = encode(decode(input));
        if (!equal(again, input))
          throw new TypeError(`not canonical: comes back as ${toHex(again)}`);
        if (!equal(before, input)) throw new TypeError('the input was changed');
      },
      ...others,
    );
}
