package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p-kad-dht/provider"
	"github.com/libp2p/go-libp2p-kad-dht/provider/stats"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multihash"
)

// sweepPoll is how often the provider is asked whether it is done. It tells nobody.
const sweepPoll = 2 * time.Millisecond

var errTooFew = errors.New("too few peers took the record")

// sweep provides keys with the sweeping provider. It is made when it is needed first:
// without peers it would be offline, and then it looks for some after longer and longer
// times only.
type sweep struct {
	mu       sync.Mutex
	provider *provider.SweepingProvider
}

// ready makes the provider, and waits until it has measured the network. Until then it
// drops what it is to provide.
func (s *sweep) ready(ctx context.Context, n *node) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.readyLocked(ctx, n)
}

func (s *sweep) readyLocked(ctx context.Context, n *node) error {
	if s.provider == nil {
		made, err := provider.New(
			provider.WithHost(n.host),
			provider.WithRouter(n.dht),
			provider.WithMessageSender(n.dht.MessageSender()),
			provider.WithSelfAddrs(n.dht.FilteredAddrs),
			provider.WithReplicationFactor(n.dht.BucketSize()),
			provider.WithAddLocalRecord(func(ctx context.Context, key multihash.Multihash) error {
				return n.dht.ProviderStore().AddProvider(ctx, key, peer.AddrInfo{ID: n.host.ID()})
			}),
		)
		if err != nil {
			return err
		}

		s.provider = made
	}

	_, err := s.until(ctx, func(now stats.Stats) bool { return now.Schedule.AvgPrefixLength >= 0 })

	return err
}

// provide provides a key, and waits until its record was sent to all of the closest peers.
// One key at a time, as the provider tells only how many keys are done.
func (s *sweep) provide(ctx context.Context, n *node, key multihash.Multihash) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	if err := s.readyLocked(ctx, n); err != nil {
		return err
	}

	before, err := s.provider.Stats(ctx)
	if err != nil {
		return err
	}

	if err := s.provider.ProvideOnce(key); err != nil {
		return err
	}

	after, err := s.until(ctx, func(now stats.Stats) bool {
		return completed(now) > completed(before) && now.Operations.Ongoing.KeyProvides == 0
	})
	if err != nil {
		return err
	}

	// a key that failed is put back into the queue
	if after.Operations.Past.KeysFailed > before.Operations.Past.KeysFailed || after.Queues.PendingKeyProvides > 0 {
		return errTooFew
	}

	return nil
}

// until waits for a state of the provider.
func (s *sweep) until(ctx context.Context, reached func(stats.Stats) bool) (stats.Stats, error) {
	for {
		now, err := s.provider.Stats(ctx)
		if err != nil || reached(now) {
			return now, err
		}

		if err := sleep(ctx, sweepPoll); err != nil {
			return now, err
		}
	}
}

func completed(s stats.Stats) int64 {
	return s.Operations.Past.KeysProvided + s.Operations.Past.KeysFailed
}

func (s *sweep) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.provider == nil {
		return nil
	}

	return s.provider.Close()
}
