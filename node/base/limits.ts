/** Every bound of the node by name. Each is tested at the bound and one past it. */
export * from './limits-rpc.ts';
export * from './limits-tx.ts';

/** Largest transaction, bytes. */
export const MAX_TX_BYTES = 262_144;
/** Largest block, bytes, whatever the genesis file says. */
export const MAX_BLOCK_BYTES = 4_194_304;
/** Deepest nesting of protobuf messages that is decoded. */
export const MAX_PROTO_DEPTH = 32;
/** Most hashes in one Merkle proof of the simple tree. */
export const MAX_MERKLE_AUNTS = 100;
/** Longest bech32 text, characters. */
export const MAX_BECH32_CHARS = 1_023;
/** Parsed ed25519 public keys kept for reuse. */
export const MAX_CACHED_ED25519_KEYS = 1_024;
/** Most coins in one list that is parsed from text. */
export const MAX_PARSED_COINS = 1_024;
/** Iterations of the search for a root of a decimal. */
export const MAX_ROOT_ITERATIONS = 300;

// Engine

/** Largest record of the write-ahead log, bytes: a proposed block and its justification. */
export const MAX_WAL_RECORD_BYTES = MAX_BLOCK_BYTES + 1_048_576;
/** Largest write-ahead log of one height, bytes; every round may add a block. */
export const MAX_WAL_FILE_BYTES = 1_073_741_824;

// Network

/** Largest message on a direct stream, bytes: a proposal with its block and justification. */
export const MAX_STREAM_MESSAGE_BYTES = MAX_BLOCK_BYTES + 1_048_576;
/** Bytes that may wait to be sent to one peer; a peer that does not read is disconnected beyond it. */
export const MAX_SEND_QUEUE_BYTES = 4 * MAX_STREAM_MESSAGE_BYTES;
/** Messages that may wait to be sent to one peer. */
export const MAX_SEND_QUEUE_MESSAGES = 10_000;
/** Messages a peer may send on its direct stream, per second and as a burst. */
export const MAX_PEER_MESSAGES_PER_SECOND = 2_000;
export const MAX_PEER_MESSAGE_BURST = 10_000;
/** Bytes of consensus messages, and of transactions too large for gossip, per second and as a burst. */
export const MAX_PEER_CONSENSUS_BYTES_PER_SECOND = 16_777_216;
export const MAX_PEER_CONSENSUS_BYTE_BURST = 67_108_864;
export const MAX_PEER_TX_BYTES_PER_SECOND = 2_097_152;
export const MAX_PEER_TX_BYTE_BURST = 8_388_608;
export const MAX_PEER_TXS_PER_SECOND = 50;
export const MAX_PEER_TX_BURST = 200;
/** Status messages, per second and as a burst; one comes with each block. */
export const MAX_PEER_STATUS_PER_SECOND = 100;
export const MAX_PEER_STATUS_BURST = 300;
/** Streams a peer may open, per second and as a burst. */
export const MAX_PEER_STREAMS_PER_SECOND = 50;
export const MAX_PEER_STREAM_BURST = 200;
/** Bytes of all kinds that are read from one connection, per second and as a burst. */
export const MAX_CONNECTION_BYTES_PER_SECOND = 33_554_432;
export const MAX_CONNECTION_BYTE_BURST = 67_108_864;
/** Peers connected at once; how many of them at most because this node dialled them, unless configured. */
export const MAX_PEERS = 100;
/** Streams open at once on one connection, and of direct messages. */
export const MAX_STREAMS_PER_CONNECTION = 64;
export const MAX_DIRECT_STREAMS_PER_CONNECTION = 2;
/** What a peer may have in flight on one stream, bytes. */
export const MAX_STREAM_WINDOW_BYTES = 1_048_576;
/** Inbound connections that have not yet shown who they are: all, and from one IP address. */
export const MAX_PENDING_CONNECTIONS = 64;
export const MAX_PENDING_CONNECTIONS_PER_IP = 16;
/** Inbound connections from one IP address: at once, per second and as a burst. */
export const MAX_CONNECTIONS_PER_IP = 32;
export const MAX_NEW_CONNECTIONS_PER_IP_PER_SECOND = 20;
export const MAX_NEW_CONNECTIONS_PER_IP_BURST = 50;
/** Peers banned from one IP address until the address itself is refused for the time of a ban. */
export const MAX_BANS_PER_IP = 10;
/** IP addresses whose behaviour is remembered. */
export const MAX_REMEMBERED_IPS = 1_000;
/** How long a connection may take to show who it is, and a stream to say what it is for. */
export const CONNECTION_UPGRADE_MS = 5_000;
/** Points of bad behaviour at which a peer is disconnected and banned; they halve every ten minutes. */
export const MAX_PEER_STRIKES = 100;
export const STRIKE_HALF_LIFE_MS = 600_000;
/** How long a banned peer is refused. */
export const BAN_MS = 1_800_000;
/** How long a peer that the operator wants to be connected with is refused. */
export const PERSISTENT_BAN_MS = 30_000;
/** Banned peers remembered; the oldest is forgotten first. */
export const MAX_BANNED_PEERS = 1_000;
/** Normal size of a gossip message of transactions, and its hard cap, bytes. */
export const TX_BATCH_BYTES = 32_768;
export const MAX_GOSSIP_BYTES = 65_536;
/** A larger transaction does not fit a gossip message: it goes over the direct streams. */
export const MAX_GOSSIP_TX_BYTES = 61_440;
export const MAX_TXS_PER_BATCH = 1_000;
/** A node with so many peers or fewer gossips to all of them. */
export const GOSSIP_MESH_LOW = 4;
/** From this size on, peers are told that a message has come already: for a smaller one that costs as much. */
export const MIN_DONT_WANT_BYTES = 16_384;
/** How long transactions wait for company before their message leaves. */
export const TX_BATCH_DELAY_MS = 50;
/** Transactions that may wait to be gossiped; more are dropped from gossip, not from the mempool. */
export const MAX_TXS_WAITING_GOSSIP = 20_000;
/** Messages of transactions kept while this node has no peer to gossip to. */
export const MAX_UNHEARD_BATCHES = 32;
/** Addresses of peers kept: all, told by one peer, and in one part of the internet (/16, or /32 of IPv6). */
export const MAX_BOOK_ADDRESSES = 1_000;
export const MAX_BOOK_ADDRESSES_PER_SOURCE = 64;
export const MAX_BOOK_ADDRESSES_PER_GROUP = 64;
/** Failed attempts after which an address is forgotten. */
export const MAX_ADDRESS_FAILURES = 10;
/** Addresses in one answer to a peer, and how often it may ask. */
export const MAX_EXCHANGED_ADDRESSES = 32;
export const MAX_ADDRESS_CHARS = 160;
export const EXCHANGE_EVERY_MS = 5_000;
/** Neighbours a peer may name in its status. */
export const MAX_STATUS_NEIGHBOURS = 128;
/** Requests a peer may have open at once, and per second. */
export const MAX_OPEN_REQUESTS_PER_PEER = 4;
export const MAX_REQUESTS_PER_SECOND = 20;
export const MAX_REQUEST_BYTES = 1_024;

// Sync

/** Blocks in one sync answer, and its size unless a single block is larger, bytes. */
export const MAX_SYNC_BLOCKS = 32;
export const MAX_SYNC_REQUEST_BYTES = 2_097_152;
/** One block with its commit in a sync answer, bytes; what is read of an answer is bounded by it too. */
export const MAX_SYNC_BLOCK_BYTES = MAX_STREAM_MESSAGE_BYTES;
/** Questions of block sync that are open at once (and as many again for what does not come), and per peer. */
export const MAX_SYNC_ASKS = 8;
export const MAX_SYNC_ASKS_PER_PEER = 2;
/** How far above the chain blocks are fetched, and the bytes that may wait there for their turn. */
export const MAX_SYNC_WINDOW_BLOCKS = 512;
export const MAX_SYNC_BUFFER_BYTES = 33_554_432;
/** A header with its commit and validators, as state sync asks for it, bytes. */
export const MAX_LIGHT_RECORD_BYTES = 4_194_304;
/** Snapshots one peer may offer, and all that are remembered; the lowest are dropped first. */
export const MAX_OFFERED_SNAPSHOTS = 10;
export const MAX_KNOWN_SNAPSHOTS = 100;
/** Chunks of a snapshot that are fetched ahead of the one that is applied. */
export const MAX_CHUNKS_AHEAD = 4;
/** Failures to get one chunk before the snapshot is given up. */
export const MAX_CHUNK_FAILURES = 32;
/** Peers whose word on a state is compared. */
export const MAX_STATE_WITNESSES = 8;

// State store.

/** Longest key of a store, bytes. */
export const MAX_STORE_KEY_BYTES = 1_024;
/** Longest value of a store, bytes. */
export const MAX_STORE_VALUE_BYTES = 1_048_576;
/** Most stores in one multi-store. */
export const MAX_STORES = 128;
/** Longest name of a store, bytes. */
export const MAX_STORE_NAME_BYTES = 64;
/** Tree nodes kept in memory after a commit, all stores together. */
export const MAX_CACHED_TREE_NODES = 100_000;
/** Pages of tree nodes kept in memory after they are stored, bytes, all stores together. */
export const MAX_CACHED_PAGE_BYTES = 167_772_160;
/** Values of committed keys kept in memory, bytes, per store. */
export const MAX_CACHED_VALUE_BYTES = 8_388_608;
/** Versions removed by one call of prune. */
export const MAX_PRUNED_VERSIONS_PER_CALL = 100;
/** Newest versions whose commit markers are kept and checked at every start. */
export const CHECKED_VERSIONS = 20_000;
/** Bytes of tables, newest first, that are read in full before a database is opened. */
export const MAX_CHECKED_TABLE_BYTES = 1_073_741_824;
/** Largest block of a LevelDB table, bytes: one value that is larger than all others together. */
export const MAX_LEVEL_BLOCK_BYTES = 268_435_456;
/** Most pairs in one answer to a subspace query, and most bytes of keys and values together. */
export const MAX_SUBSPACE_PAIRS = 1_000;
export const MAX_SUBSPACE_BYTES = 4_194_304;
/** Most steps in one branch of an ICS-23 proof, unless its spec names another number. */
export const MAX_PROOF_DEPTH = 128;
/** Chunks of a snapshot of the state, and their size, bytes. */
export const MAX_SNAPSHOT_CHUNKS = 16_384;
export const SNAPSHOT_CHUNK_BYTES = 4_194_304;
/** Bytes of a snapshot made between two rests, and how many times longer the rest is than the work. */
export const SNAPSHOT_PIECE_BYTES = 16_384;
export const BACKGROUND_REST = 3;
/** Bytes on disk that one compaction rewrites between two rests. */
export const COMPACTION_SLICE_BYTES = 16_777_216;
/** Versions or blocks that have to be gone before a database in which they lie scattered is rewritten. */
export const COMPACT_ALL_AFTER = 10_000;
/** Bytes of a restored state that are gathered before they are written. */
export const RESTORE_BATCH_BYTES = 4_194_304;
/** Largest gossip RPC, bytes: an answer to IWANT holds several messages. */
export const MAX_GOSSIP_RPC_BYTES = 1_048_576;
/** Gossip that may wait for one peer behind its consensus messages, bytes; more is dropped. */
export const MAX_GOSSIP_QUEUE_BYTES = 2_097_152;
/** Gossip read from one peer, bytes per second and as a burst; each RPC counts for so many more. */
export const MAX_PEER_GOSSIP_BYTES_PER_SECOND = 2_097_152;
export const MAX_PEER_GOSSIP_BYTE_BURST = 8_388_608;
export const GOSSIP_RPC_COST_BYTES = 1_024;
/**
 * New gossip messages of a peer that are looked at, per second and as a burst. In a large network a peer hands on
 * those of many others, so more are dropped without blame.
 */
export const MAX_PEER_GOSSIP_MESSAGES_PER_SECOND = 1_000;
export const MAX_PEER_GOSSIP_MESSAGE_BURST = 2_000;
/** Transactions of peers that may wait for the mempool: all, of one peer, and their bytes. */
export const MAX_INBOX_TXS = 20_000;
export const MAX_INBOX_TXS_PER_PEER = 5_000;
export const MAX_INBOX_BYTES = 33_554_432;
/** Transactions of peers that are checked before everything else gets a turn. */
export const TXS_PER_TURN = 16;
/** A transaction counts as one more there for each of these bytes: a large one takes as long as many small ones. */
export const TX_BYTES_PER_PLACE = 4_096;
/** What one gossip RPC may contain. */
export const GOSSIP_DECODE_LIMITS = {
  maxSubscriptions: 16,
  maxMessages: 128,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 512,
  maxPeerInfos: 16,
};

// Ledger

/** Intents and quotes that one message carries. */
export const MAX_INTENTS_PER_MESSAGE = 200;
export const MAX_QUOTES_PER_MESSAGE = 20;
/** Hashes of intents and quotes that are remembered. */
export const MAX_CACHED_LEDGER_HASHES = 16_384;

// Consensus.

/** Highest round number of any message. */
export const MAX_ROUND = 1_000_000;
/** Rounds ahead of the current one for which votes and proposals are kept. */
export const MAX_AHEAD_ROUNDS = 8;
/** Rounds that a node goes forward at once; of messages further ahead nothing is kept. */
export const MAX_ROUND_LEAP = 1_000;
/** Rounds behind the current one for which votes are still counted. */
export const MAX_ROUNDS_KEPT = 32;
/** Messages of the next height kept per sender, and in all per validator of the set. */
export const MAX_NEXT_HEIGHT_MESSAGES = 8;
/** Leaders of rounds remembered per validator set. */
export const MAX_CACHED_LEADERS = 64;

/** Validators of one height that somebody else may speak of: CometBFT's limit. */
export const MAX_VALIDATORS = 10_000;
/** Headers verified on the way from a trusted header to a far one. */
export const MAX_LIGHT_STEPS = 2_000;

// Application and mempool

/** Signatures remembered as good. */
export const MAX_CACHED_SIGNATURES = 50_000;
/** Signatures remembered as bad, until a block is executed with them. */
export const MAX_CACHED_BAD_SIGNATURES = 10_000;
/** Decoded transactions kept, and how large one may be to be kept, bytes. */
export const MAX_CACHED_TXS = 10_000;
export const MAX_CACHED_TX_BYTES = 4_096;
/** Decoded accounts kept. */
export const MAX_CACHED_ACCOUNTS = 20_000;
/** Points of keys kept, in each thread. */
export const MAX_CACHED_POINTS = 20_000;
/** Keys in one multisig; how many may sign one transaction is a parameter of the chain. */
export const MAX_MULTISIG_KEYS = 32;
/** Addresses whose text is remembered, each way and prefix. */
export const MAX_CACHED_ADDRESSES = 20_000;
/** Most entries in one page of a query. */
export const MAX_PAGE_ENTRIES = 100;
/** Entries a query may skip; beyond it the caller must page by key. */
export const MAX_PAGE_OFFSET = 100_000;
/** MsgExec inside MsgExec, the outermost counted; and messages inside one, at all depths together. */
export const MAX_EXEC_DEPTH = 8;
export const MAX_EXEC_MESSAGES = 100;
/** Periods in which the coins of one account become free. */
export const MAX_VESTING_PERIODS = 1_000;
/** Grants that have ended and are removed in one block, per module, and by one MsgPruneAllowances. */
export const MAX_EXPIRED_GRANTS_PER_BLOCK = 200;
export const MAX_PRUNED_GRANTS_PER_MESSAGE = 75;

/** L1 facts (deposits, proven batches) in one validator's report. */
export const MAX_L1_FACTS_PER_MESSAGE = 100;
/** How far past the next deposit of the L1 queue validators may report. */
export const MAX_L1_FACTS_AHEAD = 1_000;
/** Deposits credited in one block; the rest follow in the next. */
export const MAX_DEPOSITS_PER_BLOCK = 50;

// Block store

/** How many newest blocks are checked at boot: decoded, hashed and linked. */
export const BOOT_CHECK_BLOCKS = 256;
/** Results of transactions in one record of the block database. */
export const RESULTS_PER_PORTION = 32;
/** Decoded blocks kept in memory for readers. */
export const MAX_CACHED_BLOCKS = 64;

/** Blocks forgotten between two rests, and how many have to be gone before the disk is tidied up. */
export const PRUNED_BLOCKS_PER_STEP = 100;
export const COMPACT_AFTER_BLOCKS = 1_000;
/** Heights from one validator set that is stored whole to the next. */
export const SET_CHECKPOINT_HEIGHTS = 64;

// Block rules

/** How far ahead of the local clock a proposed block's time may be, and how far behind. */
export const MAX_BLOCK_TIME_AHEAD_MS = 10_000;
export const MAX_BLOCK_TIME_BEHIND_MS = 30_000;
/** Evidence waiting to enter a block; more is dropped until some has. */
export const MAX_PENDING_EVIDENCE = 1_000;
/** The same against one validator: a few are as good as many. */
export const MAX_EVIDENCE_PER_VALIDATOR = 16;
/** Blocks after which waiting evidence is told to everybody again, and how many pieces at once. */
export const MAX_EVIDENCE_TOLD = 64;
export const EVIDENCE_RESEND_BLOCKS = 10;

/** Transactions that a proposal may always hold, however long the last ones took. */
export const MIN_OFFERED_TXS = 100;

// Consensus driver

/** Messages and bytes of peers that may wait for the consensus machine; more are dropped. */
export const MAX_DRIVER_QUEUE_MESSAGES = 20_000;
export const MAX_DRIVER_QUEUE_BYTES = 67_108_864;
/** Of one peer. */
export const MAX_DRIVER_QUEUE_MESSAGES_PER_PEER = 5_000;
export const MAX_DRIVER_QUEUE_BYTES_PER_PEER = 33_554_432;
/** Blocks proposed by peers that are held; the oldest that no vote or certificate speaks of goes first. */
export const MAX_HELD_BLOCKS = 16;
/** Signatures remembered as verified. */
export const MAX_VERIFIED_SIGNATURES = 20_000;
/** Messages remembered as passed on. */
export const MAX_RELAYED_MESSAGES = 20_000;
/** Old messages that were answered, remembered so that a replay is not answered again for a moment. */
export const MAX_ANSWERED_MESSAGES = 4_096;
/** Conflicting votes that wait until their height is decided. */
export const MAX_WAITING_CONFLICTS = 256;

// Genesis

/** Largest genesis file, characters. */
export const MAX_GENESIS_BYTES = 268_435_456;
/** Longest chain id, characters: CometBFT's limit. */
export const MAX_CHAIN_ID_CHARS = 50;
/** Most validators in a genesis file. */
export const MAX_GENESIS_VALIDATORS = 1_000;
/** Largest sum of voting power: CometBFT's, so that priorities never overflow. */
export const MAX_TOTAL_POWER = (1n << 60n) - 1n;

// Disk

/** Newest commits that are searched for signatures the last-signed file does not know of. */
export const GUARDED_COMMITS = 16;

/** Below this much free disk the node stops, bytes. */
export const MIN_FREE_DISK_BYTES = 268_435_456;
/** Blocks between two looks at the free disk. */
export const DISK_CHECK_BLOCKS = 100;

// Worker threads

/** Fewest signatures that are worth the way to another thread, and how many batches may wait there. */
export const MIN_WORKER_BATCH = 16;
export const MAX_WORKER_BATCHES = 64;
/** So many transactions at most go there only when the main thread has used this share of a processor lately. */
export const FEW_SIGNATURES = 64;
export const BUSY_THREAD_SHARE = 0.5;
/** A thread that does not answer within this is given up. */
export const WORKER_ANSWER_MS = 10_000;
/** Fewest validators whose certificates are verified beside the main thread. */
export const MIN_BULK_VALIDATORS = 32;
