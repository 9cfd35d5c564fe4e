package main

import (
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// links tells how far away the peers are. A peer without a link is as near as the machine
// makes it.
type links struct {
	mu     sync.RWMutex
	byPeer map[peer.ID]link
}

// set replaces all links. Connections that are open stay as they are.
func (l *links) set(all []link) error {
	byPeer := make(map[peer.ID]link, len(all))

	for _, one := range all {
		id, err := peer.Decode(one.Peer)
		if err != nil {
			return fmt.Errorf("%q is no peer id: %w", one.Peer, err)
		}

		byPeer[id] = one
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.byPeer = byPeer

	return nil
}

func (l *links) to(p peer.ID) link {
	l.mu.RLock()
	defer l.mu.RUnlock()

	return l.byPeer[p]
}
