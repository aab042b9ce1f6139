/** Bounds of JSON-RPC, REST, gRPC, subscriptions and searches; part of limits.ts. */

/** Largest body of an RPC request and largest WebSocket message, bytes. */
export const MAX_RPC_BODY_BYTES = 1_000_000;
/** Largest gRPC request, bytes, decompressed; gRPC's own usual bound. */
export const MAX_GRPC_MESSAGE_BYTES = 4_194_304;
/** Requests a second of one address, unless the operator says otherwise, and how many seconds' worth at once. */
export const REQUESTS_PER_SECOND = 100;
export const REQUEST_BURST_SECONDS = 5;
/** Addresses whose requests are counted; the one that was counted first is forgotten first. */
export const MAX_RATED_CLIENTS = 10_000;
/** How long requests of clients may keep the thread before everything else gets a turn, and how many wait for theirs. */
export const CLIENTS_MS_PER_TURN = 8;
export const MAX_WAITING_REQUESTS = 10_000;
/** How many of them may be of one connection, and of one address where others than this machine can call. */
export const MAX_WAITING_OF_CONNECTION = 100;
export const MAX_WAITING_OF_ADDRESS = 500;
/** How long a query over REST, gRPC or JSON-RPC may take, whatever the client allows. */
export const MAX_QUERY_MS = 10_000;
/** gRPC calls at once on one connection. */
export const MAX_GRPC_CONCURRENT_CALLS = 100;
/** Requests in one JSON-RPC batch. */
export const MAX_RPC_BATCH = 10;
/** Deepest nesting of arrays and objects in a request. */
export const MAX_JSON_DEPTH = 64;
/** Request line and headers together, bytes. */
export const MAX_RPC_HEADER_BYTES = 16_384;
/** Time in which a request must have arrived completely. */
export const RPC_REQUEST_TIMEOUT_MS = 10_000;
/** An idle connection is kept this long. */
export const RPC_KEEP_ALIVE_MS = 65_000;
/** Connections to the RPC server at once, WebSockets included. */
export const MAX_RPC_CONNECTIONS = 900;
/** Bytes of answers that clients do not read which one server keeps, and for how long it keeps each. */
export const MAX_UNREAD_ANSWER_BYTES = 268_435_456;
export const UNREAD_ANSWER_MS = 60_000;
/** Items in one page of an answer, unless asked for fewer. */
export const MAX_RPC_PAGE = 100;
export const DEFAULT_RPC_PAGE = 30;
/** Headers in one `blockchain` answer. */
export const MAX_BLOCK_METAS = 20;
/** Longest query of tx_search, block_search and subscribe, bytes. */
export const MAX_QUERY_BYTES = 512;
/** Clients with subscriptions unless the settings say otherwise, and subscriptions of one client. */
export const DEFAULT_SUBSCRIPTION_CLIENTS = 100;
export const MAX_SUBSCRIPTIONS_PER_CLIENT = 5;
/** Blocks and steps of consensus whose events may wait to be delivered to subscribers. */
export const MAX_WAITING_PUBLICATIONS = 100;
/** Events of one subscription that may wait for a slow client: a block with this many transactions is no fault. */
export const MAX_SUBSCRIPTION_EVENTS = 5_000;
/** Bytes that may wait for one slow WebSocket client. */
export const MAX_SOCKET_BACKLOG_BYTES = 16_777_216;
/** Requests of one WebSocket client that may wait for their turn. */
export const MAX_SOCKET_REQUESTS = 1_000;
/** How often a WebSocket client is pinged, and how long it may stay silent after a ping. */
export const SOCKET_PING_MS = 27_000;
export const SOCKET_PONG_MS = 30_000;
/** How long a stopping node waits for WebSocket clients to close. */
export const SOCKET_GOODBYE_MS = 1_000;
/** How long broadcast_tx_commit waits, and how many may wait at once. */
export const BROADCAST_COMMIT_TIMEOUT_MS = 10_000;
export const MAX_COMMIT_WAITERS = 100;
/** A larger genesis file is only served in chunks of this size. */
export const GENESIS_CHUNK_BYTES = 16_777_216;
/** Index entries one search may read, and how many of one condition before it looks at the next. */
export const MAX_INDEX_SCAN = 100_000;
export const INDEX_SCAN_PORTION = 1_000;
/** Transactions and blocks whose events one search may read to check conditions the index alone cannot. */
export const MAX_SEARCH_READS = 10_000;
export const MAX_SEARCH_BLOCKS = 2_000;
/** Transactions of one block whose events are read before everything else may get a turn. */
export const SEARCH_READS_AT_ONCE = 64;
/** How long a search, or the delivery of events, works before everything else gets a turn. */
export const WORK_STRETCH_MS = 8;
/** Searches that run at once, and that may wait for their turn. */
export const MAX_SEARCHES = 4;
export const MAX_WAITING_SEARCHES = 200;
/** Longer attribute values are indexed by their first bytes. */
export const MAX_INDEXED_VALUE_BYTES = 1_024;
/** Tags such as "transfer.sender" that the index remembers from block to block; modules use far fewer. */
export const MAX_KNOWN_EVENT_TAGS = 1_024;
