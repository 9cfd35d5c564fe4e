package main

import (
	"errors"
	"sync"

	ds "github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p-kad-dht/amino"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	record "github.com/libp2p/go-libp2p-record"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"
)

// valueNamespace is the first part of the keys of the testnet's values.
const valueNamespace = "testnet"

// anyValue holds every value for valid, and none for better than another.
type anyValue struct{}

func (anyValue) Validate(string, []byte) error { return nil }

func (anyValue) Select(string, [][]byte) (int, error) { return 0, nil }

// kept is what a node still has when it is started again: its records, to which the
// addresses of the providers belong.
type kept struct {
	datastore ds.Batching

	mu        sync.Mutex
	addresses map[peer.ID][]ma.Multiaddr
}

func newKept() *kept {
	return &kept{datastore: dssync.MutexWrap(ds.NewMapDatastore())}
}

func (k *kept) keep(store peerstore.Peerstore) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.addresses = map[peer.ID][]ma.Multiaddr{}

	for _, id := range store.PeersWithAddrs() {
		k.addresses[id] = store.Addrs(id)
	}
}

func (k *kept) restore(store peerstore.Peerstore) {
	k.mu.Lock()
	defer k.mu.Unlock()

	for id, addresses := range k.addresses {
		store.AddAddrs(id, addresses, amino.DefaultProviderAddrTTL)
	}
}

func (n *node) storeValue(key string, value []byte) error {
	err := n.values.Put(n.ctx, key, record.MakePutRecord(key, value))

	// it has this value already
	if errors.Is(err, records.ErrOldRecord) {
		return nil
	}

	return err
}

func (n *node) holdsValue(key string) (bool, error) {
	found, err := n.values.Get(n.ctx, key)

	return found != nil, err
}

func (n *node) storeProvider(multihash []byte, provider peerAddress) error {
	info, err := provider.addrInfo()
	if err != nil {
		return err
	}

	return n.dht.ProviderStore().AddProvider(n.ctx, multihash, info)
}

func (n *node) holdsProvider(multihash []byte, provider string) (bool, error) {
	id, err := peer.Decode(provider)
	if err != nil {
		return false, err
	}

	found, err := n.dht.ProviderStore().GetProviders(n.ctx, multihash)
	if err != nil {
		return false, err
	}

	for _, info := range found {
		if info.ID == id {
			return true, nil
		}
	}

	return false, nil
}
