/** The kernel's own list of TCP connections: proof that nobody goes around the proxy. Linux only. */
import { readFileSync } from 'node:fs';

const ESTABLISHED = '01';

interface Row {
  readonly local: number;
  readonly remote: number;
}

function rows(): Row[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    return lines.flatMap((line) => {
      const [, local = '', remote = '', state] = line.trim().split(/\s+/);
      if (state !== ESTABLISHED) return [];
      const port = (text: string): number => Number.parseInt(text.split(':')[1] ?? '0', 16);
      return [{ local: port(local), remote: port(remote) }];
    });
  });
}

/**
 * Connections into one of the listening ports that do not come from a port of the proxy. The proxy is asked
 * before and after the kernel, for connections come and go in between.
 */
export function strangerConnections(
  listening: readonly number[],
  proxyPorts: () => ReadonlySet<number>,
): string[] {
  if (process.platform !== 'linux') return [];
  const before = proxyPorts();
  const into = rows().filter(({ local }) => listening.includes(local));
  const after = proxyPorts();
  return into
    .filter(({ remote }) => !before.has(remote) && !after.has(remote))
    .map(({ local, remote }) => `from port ${remote} to port ${local}`);
}
