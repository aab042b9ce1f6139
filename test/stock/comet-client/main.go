// The RPC client of CometBFT itself, with which relayers, indexers and the command lines of Cosmos chains talk,
// asks a node everything it can, decodes the answers into CometBFT's types and lets those types check the hashes
// and signatures. Prints a line for each question; exit code 1 when one went wrong.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cometbft/cometbft/rpc/client"
	"github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
)

const (
	eventsWanted = 3
	eventsWithin = 30 * time.Second
)

type check struct {
	name string
	run  func() error
}

var ctx = context.Background()

func main() {
	node, err := http.New(os.Args[1], "/websocket")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	failed := false
	for _, group := range [][]check{facts(node), blocks(node), transactions(node), streams(node)} {
		for _, one := range group {
			if err := one.run(); err != nil {
				fmt.Printf("%s: %v\n", one.name, err)
				failed = true
			} else {
				fmt.Printf("%s: fine\n", one.name)
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}

// asked is a check that asks for nothing but an answer that can be decoded.
func asked[T any](name string, ask func(context.Context) (T, error)) check {
	return check{name, func() error { _, err := ask(ctx); return err }}
}

func facts(node *http.HTTP) []check {
	all := 100
	return []check{
		asked("health", node.Health),
		asked("status", node.Status),
		asked("net_info", node.NetInfo),
		asked("consensus_state", node.ConsensusState),
		asked("dump_consensus_state", node.DumpConsensusState),
		asked("num_unconfirmed_txs", node.NumUnconfirmedTxs),
		asked("abci_info", node.ABCIInfo),
		{"unconfirmed_txs", func() error { _, err := node.UnconfirmedTxs(ctx, &all); return err }},
		{"genesis_chunked", func() error { _, err := node.GenesisChunked(ctx, 0); return err }},
		{"genesis", func() error {
			genesis, err := node.Genesis(ctx)
			if err != nil {
				return err
			}
			return genesis.Genesis.ValidateAndComplete()
		}},
		{"abci_query", func() error {
			prove := client.ABCIQueryOptions{Prove: true}
			answer, err := node.ABCIQueryWithOptions(ctx, "/store/bank/key", []byte{5}, prove)
			if err == nil && (answer.Response.Height == 0 || answer.Response.ProofOps == nil) {
				return errors.New("no height or no proof")
			}
			return err
		}},
		{"a batch", func() error {
			batch := node.NewBatch()
			_, _ = batch.Status(ctx)
			_, _ = batch.Health(ctx)
			answers, err := batch.Send(ctx)
			if err == nil && len(answers) != 2 {
				return fmt.Errorf("%d answers", len(answers))
			}
			return err
		}},
	}
}

// same is an error when two hashes differ.
func same(what string, a, b []byte) error {
	if !bytes.Equal(a, b) {
		return fmt.Errorf("%s: %X is not %X", what, a, b)
	}
	return nil
}

func blocks(node *http.HTTP) []check {
	status, err := node.Status(ctx)
	if err != nil {
		return []check{{"status", func() error { return err }}}
	}
	height := max(status.SyncInfo.LatestBlockHeight/2, 1)
	next := height + 1
	chain := status.NodeInfo.Network
	page, all := 1, 100
	block, err := node.Block(ctx, &height)
	if err != nil {
		return []check{{"block", func() error { return err }}}
	}
	header := block.Block.Header
	return []check{
		{"block", func() error {
			parts, err := block.Block.MakePartSet(types.BlockPartSizeBytes)
			if err != nil {
				return err
			}
			return errors.Join(
				block.Block.ValidateBasic(),
				same("block id", block.Block.Hash(), block.BlockID.Hash),
				same("parts", parts.Header().Hash, block.BlockID.PartSetHeader.Hash),
			)
		}},
		{"block_by_hash", func() error {
			found, err := node.BlockByHash(ctx, block.BlockID.Hash)
			if err != nil {
				return err
			}
			return same("hash", found.BlockID.Hash, block.BlockID.Hash)
		}},
		{"header", func() error {
			found, err := node.Header(ctx, &height)
			if err != nil {
				return err
			}
			return same("hash", found.Header.Hash(), block.BlockID.Hash)
		}},
		{"header_by_hash", func() error {
			found, err := node.HeaderByHash(ctx, block.BlockID.Hash)
			if err != nil {
				return err
			}
			return same("hash", found.Header.Hash(), block.BlockID.Hash)
		}},
		{"commit and validators", func() error {
			commit, err := node.Commit(ctx, &height)
			if err != nil {
				return err
			}
			found, err := node.Validators(ctx, &height, &page, &all)
			if err != nil {
				return err
			}
			set, err := types.ValidatorSetFromExistingValidators(found.Validators)
			if err != nil {
				return err
			}
			return errors.Join(
				commit.SignedHeader.ValidateBasic(chain),
				same("validators", set.Hash(), header.ValidatorsHash),
				set.VerifyCommit(chain, block.BlockID, height, commit.Commit),
			)
		}},
		{"consensus_params", func() error {
			found, err := node.ConsensusParams(ctx, &height)
			if err != nil {
				return err
			}
			return same("parameters", found.ConsensusParams.Hash(), header.ConsensusHash)
		}},
		{"block_results", func() error {
			results, err := node.BlockResults(ctx, &height)
			if err != nil {
				return err
			}
			after, err := node.Header(ctx, &next)
			if err != nil {
				return err
			}
			hash := types.NewResults(results.TxsResults).Hash()
			return errors.Join(
				same("results", hash, after.Header.LastResultsHash),
				same("application", results.AppHash, after.Header.AppHash),
			)
		}},
		{"blockchain", func() error {
			found, err := node.BlockchainInfo(ctx, 1, height)
			if err == nil && found.BlockMetas[0].Header.Height != height {
				return errors.New("another height")
			}
			return err
		}},
		{"block_search", func() error {
			query := fmt.Sprintf("block.height >= %d AND block.height <= %d", height, next)
			found, err := node.BlockSearch(ctx, query, &page, &all, "desc")
			if err == nil && (found.TotalCount != 2 || found.Blocks[0].Block.Height != next) {
				return errors.New("other blocks")
			}
			return err
		}},
	}
}

func transactions(node *http.HTTP) []check {
	page, few := 1, 5
	rubbish := types.Tx{1}
	return []check{
		{"tx_search and tx, with proofs", func() error {
			found, err := node.TxSearch(ctx, "tx.height > 0", true, &page, &few, "desc")
			if err != nil {
				return err
			}
			for _, tx := range found.Txs {
				block, err := node.Block(ctx, &tx.Height)
				if err != nil {
					return err
				}
				single, err := node.Tx(ctx, tx.Hash, true)
				if err != nil {
					return err
				}
				hash := block.Block.DataHash
				err = errors.Join(tx.Proof.Validate(hash), single.Proof.Validate(hash))
				if err = errors.Join(err, same("tx", tx.Tx.Hash(), tx.Hash)); err != nil {
					return err
				}
			}
			return nil
		}},
		refused("check_tx", func() (uint32, error) {
			answer, err := node.CheckTx(ctx, rubbish)
			return code(answer, err, func(a *coretypes.ResultCheckTx) uint32 { return a.Code })
		}),
		refused("broadcast_tx_sync", func() (uint32, error) {
			answer, err := node.BroadcastTxSync(ctx, rubbish)
			return code(answer, err, func(a *coretypes.ResultBroadcastTx) uint32 { return a.Code })
		}),
		refused("broadcast_tx_commit", func() (uint32, error) {
			answer, err := node.BroadcastTxCommit(ctx, rubbish)
			return code(answer, err, func(a *coretypes.ResultBroadcastTxCommit) uint32 {
				return a.CheckTx.Code
			})
		}),
	}
}

func code[T any](answer *T, err error, of func(*T) uint32) (uint32, error) {
	if err != nil {
		return 0, err
	}
	return of(answer), nil
}

// refused is a check that the node answers a transaction that is none with a code.
func refused(name string, send func() (uint32, error)) check {
	return check{name, func() error {
		answer, err := send()
		if err == nil && answer == 0 {
			return errors.New("rubbish was taken")
		}
		return err
	}}
}

func streams(node *http.HTTP) []check {
	kinds := []string{"NewBlock", "NewBlockHeader", "NewBlockEvents", "NewRoundStep", "Vote"}
	if err := node.Start(); err != nil {
		return []check{{"websocket", func() error { return err }}}
	}
	var list []check
	for _, kind := range kinds {
		list = append(list, check{"stream of " + kind, func() error {
			query := fmt.Sprintf("tm.event='%s'", kind)
			events, err := node.Subscribe(ctx, "check", query)
			if err != nil {
				return err
			}
			for range eventsWanted {
				select {
				case event := <-events:
					if event.Data == nil || event.Query != query {
						return errors.New("another event")
					}
				case <-time.After(eventsWithin):
					return errors.New("no event came")
				}
			}
			return node.Unsubscribe(ctx, "check", query)
		}})
	}
	return append(list, check{"goodbye", node.Stop})
}
