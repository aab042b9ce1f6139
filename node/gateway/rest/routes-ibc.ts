/** The services of ibc-go that wallets and explorers call. */
import type { ServiceRoutes } from './router.ts';

const CHANNEL = 'channels/{channel_id}/ports/{port_id}';

const CORE: readonly ServiceRoutes[] = [
  {
    service: 'ibc.core.client.v1.Query',
    base: '/ibc/core/client/v1',
    methods: {
      ClientState: 'client_states/{client_id}',
      ClientStates: 'client_states',
      ConsensusState:
        'consensus_states/{client_id}/revision/{revision_number}/height/{revision_height}',
      ConsensusStates: 'consensus_states/{client_id}',
      ConsensusStateHeights: 'consensus_states/{client_id}/heights',
      ClientStatus: 'client_status/{client_id}',
      ClientParams: 'params',
      UpgradedClientState: 'upgraded_client_states',
      UpgradedConsensusState: 'upgraded_consensus_states',
    },
  },
  {
    service: 'ibc.core.connection.v1.Query',
    base: '/ibc/core/connection/v1',
    methods: {
      Connection: 'connections/{connection_id}',
      Connections: 'connections',
      ClientConnections: 'client_connections/{client_id}',
      ConnectionClientState: 'connections/{connection_id}/client_state',
      ConnectionParams: 'params',
    },
  },
  {
    service: 'ibc.core.channel.v1.Query',
    base: '/ibc/core/channel/v1',
    methods: {
      Channel: CHANNEL,
      Channels: 'channels',
      ConnectionChannels: 'connections/{connection}/channels',
      ChannelClientState: `${CHANNEL}/client_state`,
      PacketCommitments: `${CHANNEL}/packet_commitments`,
      PacketCommitment: `${CHANNEL}/packet_commitments/{sequence}`,
      PacketReceipt: `${CHANNEL}/packet_receipts/{sequence}`,
      PacketAcknowledgements: `${CHANNEL}/packet_acknowledgements`,
      PacketAcknowledgement: `${CHANNEL}/packet_acks/{sequence}`,
      NextSequenceReceive: `${CHANNEL}/next_sequence`,
      NextSequenceSend: `${CHANNEL}/next_sequence_send`,
    },
  },
];

const APPS: readonly ServiceRoutes[] = [
  {
    service: 'ibc.applications.transfer.v1.Query',
    base: '/ibc/apps/transfer/v1',
    methods: {
      Params: 'params',
      Denoms: 'denoms',
      Denom: 'denoms/{hash=**}',
      DenomTraces: 'denom_traces',
      DenomTrace: 'denom_traces/{hash=**}',
      DenomHash: 'denom_hashes/{trace=**}',
      EscrowAddress: `${CHANNEL}/escrow_address`,
      TotalEscrowForDenom: 'total_escrow/{denom=**}',
    },
  },
  {
    service: 'ibc.applications.interchain_accounts.controller.v1.Query',
    base: '/ibc/apps/interchain_accounts/controller/v1',
    methods: {
      InterchainAccount: 'owners/{owner}/connections/{connection_id}',
      Params: 'params',
    },
  },
  {
    service: 'ibc.applications.interchain_accounts.host.v1.Query',
    base: '/ibc/apps/interchain_accounts/host/v1',
    methods: { Params: 'params' },
  },
];

export const IBC_ROUTES: readonly ServiceRoutes[] = [...CORE, ...APPS];
