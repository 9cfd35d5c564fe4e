package main

import (
	"context"
	"net"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/transport"
	ma "github.com/multiformats/go-multiaddr"
	mafmt "github.com/multiformats/go-multiaddr-fmt"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	// dialTimeout is the time limit that the TCP transport of go-libp2p sets for a dial. It is
	// shorter than what Linux waits for, so a dial to a silent peer ends by it at the latest.
	dialTimeout = 5 * time.Second

	// keepAlive is what the TCP transport of go-libp2p sets.
	keepAlive = 30 * time.Second
)

var tcpAddress = mafmt.And(mafmt.IP, mafmt.Base(ma.P_TCP))

// longTransport is TCP over long links. Connecting takes a round trip, and so does every
// exchange of the handshakes that follow. The TCP transport of go-libp2p has a place for a
// dialer, but its dialer does not know the peer that is dialled.
type longTransport struct {
	upgrader transport.Upgrader
	manager  network.ResourceManager
	links    *links
	ledger   *ledger
	// acceptedRtt is the round trip time of the connections that others open.
	acceptedRtt time.Duration
}

var (
	_ transport.Transport   = (*longTransport)(nil)
	_ transport.DialUpdater = (*longTransport)(nil)
)

// newTransport is what libp2p calls with the parts of a host that is being built.
func newTransport(links *links, ledger *ledger, acceptedRtt time.Duration) func(transport.Upgrader, network.ResourceManager) (*longTransport, error) {
	return func(upgrader transport.Upgrader, manager network.ResourceManager) (*longTransport, error) {
		return &longTransport{upgrader, manager, links, ledger, acceptedRtt}, nil
	}
}

func (t *longTransport) Dial(ctx context.Context, address ma.Multiaddr, p peer.ID) (transport.CapableConn, error) {
	return t.DialWithUpdates(ctx, address, p, nil)
}

func (t *longTransport) DialWithUpdates(ctx context.Context, address ma.Multiaddr, p peer.ID, updates chan<- transport.DialUpdate) (transport.CapableConn, error) {
	link := t.links.to(p)
	end := t.ledger.begin(dial, link.Dead)
	conn, err := t.dial(ctx, address, p, link, updates)

	end(endOf(ctx, err))

	return conn, err
}

func (t *longTransport) dial(ctx context.Context, address ma.Multiaddr, p peer.ID, link link, updates chan<- transport.DialUpdate) (_ transport.CapableConn, err error) {
	scope, err := t.manager.OpenConnection(network.DirOutbound, true, address)
	if err != nil {
		return nil, err
	}

	defer func() {
		if err != nil {
			scope.Done()
		}
	}()

	if err := scope.SetPeer(p); err != nil {
		return nil, err
	}

	conn, err := open(ctx, address, link)
	if err != nil {
		return nil, err
	}

	if updates != nil {
		select {
		case updates <- transport.DialUpdate{Kind: transport.UpdateKindHandshakeProgressed, Addr: address}:
		default:
		}
	}

	return t.upgrader.Upgrade(ctx, t, conn, network.DirOutbound, p, scope)
}

// open connects as if the peer were at the end of the link.
func open(ctx context.Context, address ma.Multiaddr, link link) (manet.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()

	if link.Silent {
		<-ctx.Done()

		return nil, ctx.Err()
	}

	rtt := milliseconds(link.RttMs)

	if err := sleep(ctx, rtt/2); err != nil {
		return nil, err
	}

	network, host, err := manet.DialArgs(address)
	if err != nil {
		return nil, err
	}

	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, network, host)

	// the answer to a dial, a refusal too, takes the other half of the round trip
	if late := sleep(ctx, rtt/2); late != nil && err == nil {
		socket.Close()
		return nil, late
	}

	if err != nil {
		return nil, err
	}

	prepare(socket)

	return manet.WrapNetConn(delayed(socket, rtt))
}

// prepare sets what the TCP transport of go-libp2p sets.
func prepare(socket net.Conn) {
	if tcp, ok := socket.(interface {
		SetLinger(int) error
		SetKeepAlive(bool) error
		SetKeepAlivePeriod(time.Duration) error
	}); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.SetKeepAlive(true)
		_ = tcp.SetKeepAlivePeriod(keepAlive)
	}
}

func delayed(socket net.Conn, rtt time.Duration) net.Conn {
	if rtt <= 0 {
		return socket
	}

	return newDelayedConn(socket, rtt)
}

// sleep waits, unless the context ends before.
func sleep(ctx context.Context, duration time.Duration) error {
	if duration <= 0 {
		return ctx.Err()
	}

	timer := time.NewTimer(duration)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *longTransport) Listen(address ma.Multiaddr) (transport.Listener, error) {
	listener, err := manet.Listen(address)
	if err != nil {
		return nil, err
	}

	return t.upgrader.UpgradeGatedMaListener(t, newLongListener(t.upgrader.GateMaListener(listener), t.acceptedRtt)), nil
}

func (t *longTransport) CanDial(address ma.Multiaddr) bool { return tcpAddress.Matches(address) }

func (t *longTransport) Protocols() []int { return []int{ma.P_TCP} }

func (t *longTransport) Proxy() bool { return false }

func (t *longTransport) String() string { return "TCP over long links" }
