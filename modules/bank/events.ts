/** Events of the bank, named and ordered as explorers and relayers expect them. */
import { formatCoins, type Coins } from '../../node/base/coin.ts';
import type { EventLog } from '../../node/app/events.ts';

export function coinSpent(events: EventLog, spender: string, coins: Coins): void {
  events.emit('coin_spent', ['spender', spender], ['amount', formatCoins(coins)]);
}

export function coinReceived(events: EventLog, receiver: string, coins: Coins): void {
  events.emit('coin_received', ['receiver', receiver], ['amount', formatCoins(coins)]);
}

export interface TransferFacts {
  readonly sender: string;
  readonly recipient: string;
  readonly coins: Coins;
}

export function transfer(events: EventLog, { sender, recipient, coins }: TransferFacts): void {
  const amount = formatCoins(coins);
  events.emit('transfer', ['recipient', recipient], ['sender', sender], ['amount', amount]);
}

export function messageSender(events: EventLog, sender: string): void {
  events.emit('message', ['sender', sender]);
}

export function coinbase(events: EventLog, minter: string, coins: Coins): void {
  events.emit('coinbase', ['minter', minter], ['amount', formatCoins(coins)]);
}

export function burn(events: EventLog, burner: string, coins: Coins): void {
  events.emit('burn', ['burner', burner], ['amount', formatCoins(coins)]);
}
