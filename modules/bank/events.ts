/** Events of the bank, named and ordered as explorers and relayers expect them. */
import { attribute, type EventLog } from '../../node/app/events.ts';

/** Who paid whom, as events show it. */
export interface TransferFacts {
  readonly sender: string;
  readonly recipient: string;
  /** As formatCoins writes it. */
  readonly amount: string;
}

type Spent = Pick<TransferFacts, 'sender' | 'amount'>;
type Received = Pick<TransferFacts, 'recipient' | 'amount'>;

export function coinSpent(events: EventLog, { sender, amount }: Spent): void {
  const attributes = [attribute('spender', sender), attribute('amount', amount)];
  events.add({ type: 'coin_spent', attributes });
}

export function coinReceived(events: EventLog, { recipient, amount }: Received): void {
  const attributes = [attribute('receiver', recipient), attribute('amount', amount)];
  events.add({ type: 'coin_received', attributes });
}

export function transfer(events: EventLog, { sender, recipient, amount }: TransferFacts): void {
  const attributes = [
    attribute('recipient', recipient),
    attribute('sender', sender),
    attribute('amount', amount),
  ];
  events.add({ type: 'transfer', attributes });
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
