package main

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/transport"
	manet "github.com/multiformats/go-multiaddr/net"
)

// longListener accepts connections as if their other ends were far away, whatever dialled
// them. The dial itself is out of its reach: the kernel has answered it. So it accepts a
// connection one round trip late, and the first answer comes when it would have come.
type longListener struct {
	transport.GatedMaListener
	rtt      time.Duration
	accepted chan accepted
	done     chan struct{}
}

type accepted struct {
	conn  manet.Conn
	scope network.ConnManagementScope
	err   error
}

func newLongListener(inner transport.GatedMaListener, rtt time.Duration) transport.GatedMaListener {
	l := &longListener{GatedMaListener: inner, rtt: rtt}

	if rtt > 0 {
		l.accepted = make(chan accepted)
		l.done = make(chan struct{})
		go l.run()
	}

	return l
}

func (l *longListener) Accept() (manet.Conn, network.ConnManagementScope, error) {
	if l.rtt > 0 {
		a := <-l.accepted
		return a.conn, a.scope, a.err
	}

	conn, scope, err := l.GatedMaListener.Accept()
	if err == nil {
		prepare(conn)
	}

	return conn, scope, err
}

func (l *longListener) run() {
	for {
		conn, scope, err := l.GatedMaListener.Accept()
		if err != nil {
			// whoever accepts gets the error again and again, as from any listener that is closed
			close(l.done)

			for {
				l.accepted <- accepted{err: err}
			}
		}

		prepare(conn)
		time.AfterFunc(l.rtt, func() { l.deliver(conn, scope) })
	}
}

func (l *longListener) deliver(conn manet.Conn, scope network.ConnManagementScope) {
	late, err := manet.WrapNetConn(newDelayedConn(conn, l.rtt))
	if err == nil {
		select {
		case l.accepted <- accepted{conn: late, scope: scope}:
			return
		case <-l.done:
		}
	}

	conn.Close()
	scope.Done()
}
