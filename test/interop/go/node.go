package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	webtransport "github.com/libp2p/go-libp2p/p2p/transport/webtransport"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	// kadSuffix is what the DHT itself appends to the prefix of its protocol.
	kadSuffix = "/kad/1.0.0"

	modeServer = "server"
	modeClient = "client"

	provideClassic    = "classic"
	provideOptimistic = "optimistic"
	provideSweep      = "sweep"
)

// node is a running node.
type node struct {
	ctx     context.Context
	cancel  context.CancelFunc
	host    host.Host
	dht     *dht.IpfsDHT
	values  *records.ValueStore
	kept    *kept
	links   *links
	ledger  *ledger
	habits  *habits
	handled protocol.ID
	// sweep is nil unless the node provides by it
	sweep *sweep

	mu sync.Mutex
	// last is when the previous operation ended
	last time.Time
}

func newNode(init nodeInit, kept *kept) (*node, error) {
	n := &node{
		kept:    kept,
		links:   &links{},
		ledger:  &ledger{},
		habits:  &habits{k: init.K},
		handled: protocol.ID(init.Protocol),
		last:    time.Now(),
	}

	if err := n.links.set(init.Links); err != nil {
		return nil, err
	}

	if init.Capture {
		n.habits.capture = newCapture()
	}

	h, err := n.newHost(init)
	if err != nil {
		return nil, err
	}

	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.host = h
	kept.restore(h.Peerstore())

	if err := n.startDht(init); err != nil {
		n.cancel()

		return nil, errors.Join(err, h.Close())
	}

	return n, nil
}

// newHost starts a host that speaks TCP, noise and yamux, and QUIC or WebTransport where it
// listens on such an address. A server takes all connections and closes none. A client has the limits that go-libp2p sets for its users.
func (n *node) newHost(init nodeInit) (host.Host, error) {
	key, err := crypto.UnmarshalEd25519PrivateKey(init.PrivateKey)
	if err != nil {
		return nil, err
	}

	options := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.Transport(newTransport(n.links, n.ledger, milliseconds(init.RttMs))),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.ResourceManager(n.resourceManager()),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.ForceReachabilityPublic(),
	}

	if init.Mode == modeServer {
		options = append(options, libp2p.ConnectionManager(connmgr.NullConnMgr{}))
	}

	if init.Agent != "" {
		options = append(options, libp2p.UserAgent(init.Agent))
	}

	if speaks(init.Listen, ma.P_QUIC_V1) {
		options = append(options, libp2p.Transport(quic.NewTransport))
	}

	if speaks(init.Listen, ma.P_WEBTRANSPORT) {
		options = append(options, libp2p.Transport(webtransport.New))
	}

	if len(init.Listen) == 0 {
		options = append(options, libp2p.NoListenAddrs)
	} else {
		options = append(options, libp2p.ListenAddrStrings(init.Listen...))
	}

	if len(init.Announce) > 0 {
		announced := make([]ma.Multiaddr, len(init.Announce))

		for i, text := range init.Announce {
			if announced[i], err = ma.NewMultiaddr(text); err != nil {
				return nil, err
			}
		}

		options = append(options, libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return announced }))
	}

	return libp2p.New(options...)
}

// resourceManager sets no limits.
func (n *node) resourceManager() network.ResourceManager {
	if n.habits.capture == nil {
		return &network.NullResourceManager{}
	}

	return &capturingManager{capture: n.habits.capture}
}

// speaks tells whether an address has the protocol.
func speaks(addresses []string, protocol int) bool {
	return slices.ContainsFunc(addresses, func(text string) bool {
		address, err := ma.NewMultiaddr(text)

		return err == nil && slices.ContainsFunc(address.Protocols(), func(p ma.Protocol) bool { return p.Code == protocol })
	})
}

func (n *node) startDht(init nodeInit) error {
	options := []dht.Option{
		dht.BucketSize(init.K),
		dht.Datastore(n.kept.datastore),
		countRequests(n.links, n.ledger),
	}

	prefix, ok := strings.CutSuffix(init.Protocol, kadSuffix)
	if !ok {
		options = append(options, dht.V1ProtocolOverride(protocol.ID(init.Protocol)))
	}

	options = append(options, dht.ProtocolPrefix(protocol.ID(prefix)))

	// the public DHT allows public keys and names of IPNS only
	if protocol.ID(prefix) != dht.DefaultPrefix {
		options = append(options, dht.NamespacedValidator(valueNamespace, anyValue{}))
	}

	switch init.Mode {
	case modeServer:
		options = append(options, dht.Mode(dht.ModeServer))
	case modeClient:
		options = append(options, dht.Mode(dht.ModeClient))
	default:
		return fmt.Errorf("there is no mode %q", init.Mode)
	}

	if !init.Refresh {
		options = append(options, dht.DisableAutoRefresh())
	}

	switch init.Provide {
	case provideClassic:
	case provideOptimistic:
		options = append(options, dht.EnableOptimisticProvide())
	case provideSweep:
		n.sweep = &sweep{}
	default:
		return fmt.Errorf("there is no way to provide %q", init.Provide)
	}

	d, err := dht.New(&habitHost{Host: n.host, protocol: n.handled, habits: n.habits}, options...)
	if err != nil {
		return err
	}

	n.dht = d
	n.values = records.NewValueStore(n.kept.datastore, d.Validator, 0)

	if init.Refresh {
		return d.Bootstrap(n.ctx)
	}

	return nil
}

// stop ends the node, and frees its port.
func (n *node) stop() error {
	n.cancel()
	n.kept.keep(n.host.Peerstore())

	var err error

	if n.sweep != nil {
		err = n.sweep.close()
	}

	return errors.Join(err, n.dht.Close(), n.host.Close())
}

// listening are the addresses on which the node listens.
func (n *node) listening() []string {
	texts := []string{}

	addresses, err := n.host.Network().InterfaceListenAddresses()
	if err != nil {
		return texts
	}

	for _, address := range addresses {
		texts = append(texts, address.String())
	}

	return texts
}

// know puts peers into the routing table, unseen, where nothing takes their places.
func (n *node) know(addresses []peerAddress) error {
	infos, err := addrInfos(addresses)
	if err != nil {
		return err
	}

	for _, info := range infos {
		if info.ID == n.host.ID() {
			continue
		}

		n.host.Peerstore().AddAddrs(info.ID, info.Addrs, peerstore.PermanentAddrTTL)

		// it fails for a peer whose bucket is full
		_, _ = n.dht.RoutingTable().TryAddPeer(info.ID, true, false)
	}

	return nil
}

func (n *node) dropConnections() error {
	var errs []error

	for _, conn := range n.host.Network().Conns() {
		errs = append(errs, conn.Close())
	}

	return errors.Join(errs...)
}

func (n *node) setHabits(wanted serverHabits) error {
	names, err := addrInfos(wanted.Names)
	if err != nil {
		return err
	}

	if wanted.Names == nil {
		names = nil
	}

	if n.habits.set(wanted.SlowMs, names) {
		n.resetStreams()
	}

	return nil
}

// resetStreams ends the streams on which others ask this node.
func (n *node) resetStreams() {
	for _, conn := range n.host.Network().Conns() {
		for _, stream := range conn.GetStreams() {
			if stream.Protocol() == n.handled && stream.Stat().Direction == network.DirInbound {
				_ = stream.Reset()
			}
		}
	}
}
