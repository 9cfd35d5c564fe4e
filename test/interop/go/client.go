package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/routing"
	"github.com/multiformats/go-multihash"
)

// readyTimeout is the time that the sweeping provider has to measure the network.
const readyTimeout = time.Minute

var (
	errNoPeer     = errors.New("the peer was not found")
	errNoPeers    = errors.New("no peer was found")
	errNoProvider = errors.New("no provider was found")
	errNoValue    = errors.New("the value was not found")
)

// outcome is what an operation found.
type outcome struct {
	found []string
	value []byte
	err   error
}

// perform carries an operation out as a user of the DHT would, and measures its time and
// traffic. After the time limit it has failed, even if it ignores its context.
func (n *node) perform(t task, timeout time.Duration) performance {
	ctx, cancel := context.WithTimeout(n.ctx, timeout)
	defer cancel()

	from := time.Now()
	background := n.ledger.close(n.previous(from), from)
	done := make(chan outcome, 1)

	go func() { done <- n.run(ctx, t) }()

	var o outcome

	select {
	case o = <-done:
	case <-ctx.Done():
		o.err = ctx.Err()
	}

	to := time.Now()
	n.previous(to)

	p := performance{
		TimeMs:     inMs(to.Sub(from)),
		Found:      []string{},
		Period:     period{From: epochMs(from), To: epochMs(to)},
		Traffic:    n.ledger.close(from, to),
		Background: background,
	}

	if o.err != nil {
		p.Failed = true
		p.TimeMs = inMs(timeout)
		p.Reason = oneLine(o.err)

		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			p.Reason = fmt.Sprintf("nothing within %v ms", inMs(timeout))
		}
	} else if o.found != nil {
		p.Found = o.found
	}

	if o.err == nil {
		p.Value = o.value
	}

	return p
}

// previous notes when the last operation began or ended, and returns what was noted
// before.
func (n *node) previous(now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()

	before := n.last
	n.last = now

	return before
}

func (n *node) run(ctx context.Context, t task) outcome {
	// what is still asked when the answer is there is no longer wanted
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	switch t.Operation {
	case "closest-peers":
		return n.closestPeers(ctx, t.Key)
	case "find-peer":
		return n.findPeer(ctx, t.Key)
	case "find-providers":
		return n.findProviders(ctx, t.Key, t.Providers)
	case "get-value":
		return n.getValue(ctx, string(t.Key), t.Value)
	case "put-value":
		return outcome{err: n.dht.PutValue(ctx, string(t.Key), t.Value)}
	case "provide":
		return outcome{err: n.provide(ctx, t.Key)}
	default:
		return outcome{err: fmt.Errorf("there is no operation %q", t.Operation)}
	}
}

func (n *node) closestPeers(ctx context.Context, key []byte) outcome {
	peers, err := n.dht.GetClosestPeers(ctx, string(key))

	if err == nil && len(peers) == 0 {
		err = errNoPeers
	}

	return outcome{found: printable(peers), err: err}
}

// findPeer asks the network for a peer. The DHT itself answers from what it knows when it
// is connected to the peer, so then somebody else has to name it.
func (n *node) findPeer(ctx context.Context, key []byte) outcome {
	id, err := peer.IDFromBytes(key)
	if err != nil {
		return outcome{err: err}
	}

	if n.host.Network().Connectedness(id) == network.Connected {
		return n.findNamed(ctx, id)
	}

	info, err := n.dht.FindPeer(ctx, id)

	if err == nil && info.ID != id {
		err = errNoPeer
	}

	return outcome{found: []string{id.String()}, err: err}
}

// findNamed looks a peer up until somebody names it with its addresses.
func (n *node) findNamed(ctx context.Context, id peer.ID) outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	lookup, events := routing.RegisterForQueryEvents(ctx)

	go func() {
		defer cancel()
		_, _ = n.dht.GetClosestPeers(lookup, string(id))
	}()

	for event := range events {
		if event.Type != routing.PeerResponse {
			continue
		}

		for _, named := range event.Responses {
			if named.ID == id && len(named.Addrs) > 0 {
				return outcome{found: []string{id.String()}}
			}
		}
	}

	return outcome{err: errNoPeer}
}

func (n *node) findProviders(ctx context.Context, key []byte, wanted []string) outcome {
	for info := range n.dht.FindProvidersAsync(ctx, contentID(key), 0) {
		id := info.ID.String()

		if len(wanted) == 0 || slices.Contains(wanted, id) {
			return outcome{found: []string{id}}
		}
	}

	return outcome{err: errNoProvider}
}

func (n *node) getValue(ctx context.Context, key string, wanted []byte) outcome {
	values, err := n.dht.SearchValue(ctx, key)
	if err != nil {
		return outcome{err: err}
	}

	for value := range values {
		if len(wanted) == 0 || bytes.Equal(value, wanted) {
			return outcome{value: value}
		}
	}

	return outcome{err: errNoValue}
}

func (n *node) provide(ctx context.Context, key []byte) error {
	if n.sweep != nil {
		return n.sweep.provide(ctx, n, key)
	}

	return n.dht.Provide(ctx, contentID(key), true)
}

// refresh refreshes the routing table, and waits until that is done.
func (n *node) refresh() error {
	if err := <-n.dht.ForceRefresh(); err != nil {
		return err
	}

	if n.sweep == nil {
		return nil
	}

	ctx, cancel := context.WithTimeout(n.ctx, readyTimeout)
	defer cancel()

	return n.sweep.ready(ctx, n)
}

func contentID(key []byte) cid.Cid {
	return cid.NewCidV1(cid.Raw, multihash.Multihash(key))
}

func epochMs(t time.Time) float64 {
	return float64(t.UnixMicro()) / 1000
}
