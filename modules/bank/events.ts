/** Events of the bank, named and ordered as explorers and relayers expect them. */
import type { EventAttribute } from '../../node/app/abci.ts';
import { attribute, type EventLog } from '../../node/app/events.ts';

/** Who paid whom, as events show it. */
export interface TransferFacts {
  readonly sender: string;
  readonly recipient: string;
  /** As formatCoins writes it. */
  readonly amount: string;
}

/** Coins that left one account for another, and who sent them. */
export function sent(events: EventLog, facts: TransferFacts): void {
  const amount = attribute('amount', facts.amount);
  const sender = attribute('sender', facts.sender);
  spent(events, facts.sender, amount);
  received(events, facts.recipient, amount);
  transferred(events, sender, { recipient: facts.recipient, amount });
  events.add({ type: 'message', attributes: [sender] });
}

function spent(events: EventLog, spender: string, amount: EventAttribute): void {
  events.add({ type: 'coin_spent', attributes: [attribute('spender', spender), amount] });
}

function received(events: EventLog, receiver: string, amount: EventAttribute): void {
  events.add({ type: 'coin_received', attributes: [attribute('receiver', receiver), amount] });
}

function transferred(
  events: EventLog,
  sender: EventAttribute,
  to: { readonly recipient: string; readonly amount: EventAttribute },
): void {
  const attributes = [attribute('recipient', to.recipient), sender, to.amount];
  events.add({ type: 'transfer', attributes });
}

export function coinSpent(events: EventLog, spender: string, amount: string): void {
  spent(events, spender, attribute('amount', amount));
}

export function coinReceived(events: EventLog, receiver: string, amount: string): void {
  received(events, receiver, attribute('amount', amount));
}

/** One payment of several that have one sender. */
export function paid(events: EventLog, { sender, recipient, amount }: TransferFacts): void {
  const coins = attribute('amount', amount);
  received(events, recipient, coins);
  transferred(events, attribute('sender', sender), { recipient, amount: coins });
}

export function messageSender(events: EventLog, sender: string): void {
  events.add({ type: 'message', attributes: [attribute('sender', sender)] });
}

export function coinbase(events: EventLog, minter: string, amount: string): void {
  events.emit('coinbase', ['minter', minter], ['amount', amount]);
}

export function burn(events: EventLog, burner: string, amount: string): void {
  events.emit('burn', ['burner', burner], ['amount', amount]);
}
