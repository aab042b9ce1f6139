/** Events of grants: typed ones, whose values are JSON, as the Cosmos SDK writes them. */
import type { EventLog } from '../../node/app/events.ts';

export interface GrantFacts {
  readonly granter: string;
  readonly grantee: string;
  readonly msgTypeUrl: string;
}

export function granted(events: EventLog, facts: GrantFacts): void {
  emit(events, 'cosmos.authz.v1beta1.EventGrant', facts);
}

export function revoked(events: EventLog, facts: GrantFacts): void {
  emit(events, 'cosmos.authz.v1beta1.EventRevoke', facts);
}

function emit(events: EventLog, type: string, facts: GrantFacts): void {
  events.emit(
    type,
    ['grantee', JSON.stringify(facts.grantee)],
    ['granter', JSON.stringify(facts.granter)],
    ['msg_type_url', JSON.stringify(facts.msgTypeUrl)],
  );
}
