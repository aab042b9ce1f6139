/** Methods that reach the application, and those that show where consensus stands. */
import { toHex } from '../../base/bytes.ts';
import { Deadline } from '../../base/deadline.ts';
import { MAX_QUERY_MS } from '../../base/limits.ts';
import { tipOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import { queryJson } from '../json/abci.ts';
import { consensusStateJson, dumpConsensusStateJson } from '../json/consensus-state.ts';
import { base64, int64 } from '../json/scalars.ts';
import { method, socketMethod, type Methods } from '../method.ts';
import { flag, optionalHex, optionalInt, optionalString, string } from '../params.ts';

export function applicationMethods(backend: Backend): Methods {
  const { app, blocks, node } = backend;
  // One for all queries: an error notes where it was made, which takes its time.
  const late = refused(`the query took longer than ${MAX_QUERY_MS / 1000} seconds`);
  const query = {
    path: optionalString(),
    data: optionalHex(),
    height: optionalInt(),
    prove: flag(),
  };
  return {
    abci_info: method({}, () => {
      const { height, appHash } = app.info();
      const tip = tipOf(backend);
      // The block that was just executed is shown when it is indexed, with the hash that goes with it.
      const shown = height > tip ? blocks.results(tip)?.appHash : undefined;
      const { nodeInfo } = node;
      return {
        response: {
          data: nodeInfo.software,
          version: nodeInfo.softwareVersion,
          app_version: int64(nodeInfo.appVersion),
          last_block_height: int64(Math.min(height, tip)),
          last_block_app_hash: base64(shown ?? appHash),
        },
      };
    }),
    abci_query: method(query, async ({ path, data, height = 0, prove }) => {
      if (height < 0) throw refused(`height must be non-negative, but got ${height}`);
      const deadline = new Deadline(MAX_QUERY_MS, late);
      return { response: queryJson(await app.query({ path, data, height, prove }, deadline)) };
    }),
    consensus_state: method({}, () => {
      return { round_state: consensusStateJson(node.consensusState()) };
    }),
    dump_consensus_state: method({}, () => ({
      round_state: dumpConsensusStateJson(node.consensusState()),
      peers: node.peers().map((peer) => ({
        node_address: `${toHex(peer.id)}@${peer.listenAddr}`,
        peer_state: {},
      })),
    })),
  };
}

/** Only for clients that can receive events: WebSocket. */
export function subscriptionMethods(): Methods {
  return {
    subscribe: socketMethod({ query: string() }, ({ query }, subscriber, id) => {
      subscriber.subscribe(query, id);
      return {};
    }),
    unsubscribe: socketMethod({ query: string() }, ({ query }, subscriber) => {
      subscriber.unsubscribe(query);
      return {};
    }),
    unsubscribe_all: socketMethod({}, (_args, subscriber) => {
      subscriber.unsubscribeAll();
      return {};
    }),
  };
}
