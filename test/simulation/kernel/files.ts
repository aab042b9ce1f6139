/** What `node:fs/promises` and `quick-files.ts` are for code on a simulated host: the same names, on its disk. */
import { EMPTY, fromUtf8, utf8, type Bytes } from '../../../node/base/bytes.ts';
import type { DiskOperation } from './disk.ts';
import { currentHost, type Host } from './host.ts';

// What is not simulated fails loudly: a host has no other disk.
function here(): Host {
  const host = currentHost();
  if (!host) throw new Error('a simulated file outside of every host');
  return host;
}

/** Code that still runs in the moment its host lost power gets no further. */
async function running(): Promise<Host> {
  const host = here();
  return host.isOn ? host : forever();
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** How long it takes until bytes are safe on a slow disk. */
const SLOW_MS = 400;

const forever = (): Promise<never> => new Promise(() => undefined);

/** An operation that changes the disk: the host may lose power before or after it, or the disk refuse. */
export function operate<T>(
  host: Host,
  kind: DiskOperation,
  path: string,
  work: () => T,
): Promise<T> {
  if (!host.isOn) return forever();
  const fate = host.disk.fateOf(kind);
  if (fate === 'full') return Promise.reject(systemError('ENOSPC', path));
  if (fate === 'fails') {
    if (kind === 'sync') host.disk.failSync(path);
    return Promise.reject(systemError('EIO', path));
  }
  if (fate === 'dies before') {
    host.losePower();
    return forever();
  }
  const result = work();
  if (fate === 'works' || fate === 'slow') {
    if (kind === 'write' || kind === 'name') return Promise.resolve(result);
    const takes = fate === 'slow' ? SLOW_MS : host.disk.syncMs;
    return new Promise((resolve) => void host.setTimer(() => resolve(result), takes));
  }
  host.losePower();
  return forever();
}

class Handle {
  readonly #host: Host;
  readonly #path: string;
  readonly #isDirectory: boolean;

  constructor(host: Host, path: string, isDirectory: boolean) {
    this.#host = host;
    this.#path = path;
    this.#isDirectory = isDirectory;
  }

  appendFile(bytes: Bytes): Promise<void> {
    const path = this.#path;
    return operate(this.#host, 'write', path, () => this.#host.disk.append(path, bytes));
  }

  writeFile(content: Bytes | string): Promise<void> {
    const bytes = typeof content === 'string' ? utf8(content) : content;
    const path = this.#path;
    return operate(this.#host, 'write', path, () => this.#host.disk.replace(path, bytes));
  }

  truncate(length = 0): Promise<void> {
    return truncate(this.#path, length);
  }

  sync(): Promise<void> {
    const { disk } = this.#host;
    if (this.#isDirectory) {
      return operate(this.#host, 'name', this.#path, () => disk.syncNames());
    }
    return operate(this.#host, 'sync', this.#path, () => disk.sync(this.#path));
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  stat(): ReturnType<typeof stat> {
    return stat(this.#path);
  }

  readFile(): Promise<Buffer> {
    return readFile(this.#path) as Promise<Buffer>;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export async function mkdir(): Promise<void> {
  await running();
}

export async function open(path: string, flags = 'r'): Promise<Handle> {
  const host = await running();
  const { disk } = host;
  const exists = disk.read(path) !== undefined;
  const isDirectory = !exists && flags === 'r' && disk.list(path).length > 0;
  if (flags.startsWith('r') && !exists && !isDirectory) {
    // A directory is known by what is in it; an empty one is as good as there.
    if (flags !== 'r') throw systemError('ENOENT', path);
    return new Handle(host, path, true);
  }
  if (!flags.startsWith('r')) {
    await operate(host, 'name', path, () => {
      disk.create(path);
      if (flags.startsWith('w')) disk.replace(path, EMPTY);
    });
  }
  return new Handle(host, path, isDirectory);
}

export async function readdir(path: string): Promise<string[]> {
  return (await running()).disk.list(path);
}

export async function readFile(path: string, options?: unknown): Promise<Buffer | string> {
  const bytes = (await running()).disk.read(path);
  if (bytes === undefined) throw systemError('ENOENT', path);
  return options === undefined ? Buffer.from(bytes) : fromUtf8(bytes);
}

export async function stat(path: string) {
  const bytes = (await running()).disk.read(path);
  if (bytes === undefined) throw systemError('ENOENT', path);
  return { size: bytes.length, mode: 0o100600, isFile: () => true, isDirectory: () => false };
}

export async function truncate(path: string, length = 0): Promise<void> {
  const host = await running();
  const bytes = host.disk.read(path);
  if (bytes === undefined) throw systemError('ENOENT', path);
  return operate(host, 'write', path, () => host.disk.replace(path, bytes.slice(0, length)));
}

export async function unlink(path: string): Promise<void> {
  const host = await running();
  if (host.disk.read(path) === undefined) throw systemError('ENOENT', path);
  return operate(host, 'name', path, () => host.disk.remove(path));
}

export async function rename(from: string, to: string): Promise<void> {
  const host = await running();
  if (host.disk.read(from) === undefined) throw systemError('ENOENT', from);
  return operate(host, 'name', to, () => host.disk.rename(from, to));
}

export async function access(path: string): Promise<void> {
  await stat(path);
}

export async function writeFile(path: string, content: Bytes | string): Promise<void> {
  await (await open(path, 'w')).writeFile(content);
}
