/** Events of fee grants, as the Cosmos SDK names them. */
import type { EventLog } from '../../node/app/events.ts';

export type GrantEvent = 'set_feegrant' | 'use_feegrant' | 'update_feegrant' | 'revoke_feegrant';

export interface GrantPair {
  readonly granter: string;
  readonly grantee: string;
}

export function grantEvent(events: EventLog, type: GrantEvent, pair: GrantPair): void {
  events.emit(type, ['granter', pair.granter], ['grantee', pair.grantee]);
}

export function pruned(events: EventLog, pruner: string): void {
  events.emit('prune_feegrant', ['pruner', pruner]);
}
