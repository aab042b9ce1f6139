/** What CosmJS's WebSocket client needs around it in tests. */
import type { Comet38Client } from '@cosmjs/tendermint-rpc';

interface Stream<T> {
  subscribe(listener: { next(value: T): void; error(error: unknown): void }): {
    unsubscribe(): void;
  };
}

/** The next items of a CosmJS stream; the subscription ends with the last of them. */
export function take<T>(stream: Stream<T>, count: number): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const items: T[] = [];
    const subscription = stream.subscribe({
      next: (item) => {
        items.push(item);
        if (items.length < count) return;
        subscription.unsubscribe();
        resolve(items);
      },
      error: reject,
    });
  });
}

/**
 * CosmJS 0.39 starts its reconnect timer on `disconnect`, too, and would keep this process alive trying
 * to reach a server that is gone.
 */
export function leaveSocket(client: Comet38Client): void {
  client.disconnect();
  const { client: rpc } = client as unknown as {
    client: { socket?: { reconnectTimeout: NodeJS.Timeout } };
  };
  if (rpc.socket) clearTimeout(rpc.socket.reconnectTimeout);
}
