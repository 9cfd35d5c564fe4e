package main

import (
	"errors"
	"io"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// maxCapturedBytes is how much of a stream is kept.
const maxCapturedBytes = 1 << 16

// How a stream of another peer ended.
const (
	endedOpen   = "open"
	endedClosed = "closed"
	endedReset  = "reset"
)

// capture keeps what others do to a node: the protocols for which they open streams, and
// the bytes that they send on streams of the DHT. A nil capture keeps nothing.
type capture struct {
	mu        sync.Mutex
	protocols map[peer.ID][]string
	streams   map[peer.ID][]*capturedBytes
}

// capturedBytes is what came on one stream of the DHT.
type capturedBytes struct {
	Bytes []byte `json:"bytes"`
	Ended string `json:"ended"`
}

func newCapture() *capture {
	return &capture{protocols: map[peer.ID][]string{}, streams: map[peer.ID][]*capturedBytes{}}
}

func (c *capture) opened(from peer.ID, id protocol.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.protocols[from] = append(c.protocols[from], string(id))
}

// wrap keeps what comes on a stream.
func (c *capture) wrap(stream network.Stream) network.Stream {
	if c == nil {
		return stream
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	from := stream.Conn().RemotePeer()
	kept := &capturedBytes{Ended: endedOpen}
	c.streams[from] = append(c.streams[from], kept)

	return &capturedStream{Stream: stream, capture: c, kept: kept}
}

// of is what one peer did.
func (c *capture) of(from peer.ID) capturedPeer {
	c.mu.Lock()
	defer c.mu.Unlock()

	streams := []capturedBytes{}

	for _, kept := range c.streams[from] {
		streams = append(streams, *kept)
	}

	return capturedPeer{Protocols: append([]string{}, c.protocols[from]...), Streams: streams}
}

type capturedStream struct {
	network.Stream
	capture *capture
	kept    *capturedBytes
}

func (s *capturedStream) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)

	s.capture.mu.Lock()
	defer s.capture.mu.Unlock()

	s.kept.Bytes = append(s.kept.Bytes, p[:min(n, maxCapturedBytes-len(s.kept.Bytes))]...)

	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		s.kept.Ended = endedClosed
	default:
		s.kept.Ended = endedReset
	}

	return n, err
}

// capturingManager sets no limits, and tells a capture of the streams that others open.
type capturingManager struct {
	network.NullResourceManager
	capture *capture
}

func (m *capturingManager) OpenStream(from peer.ID, direction network.Direction) (network.StreamManagementScope, error) {
	if direction == network.DirInbound {
		return &capturedScope{capture: m.capture, from: from}, nil
	}

	return m.NullResourceManager.OpenStream(from, direction)
}

type capturedScope struct {
	network.NullScope
	capture *capture
	from    peer.ID
}

func (s *capturedScope) SetProtocol(id protocol.ID) error {
	s.capture.opened(s.from, id)

	return nil
}

// captured is what a peer has done to a node that captures, and what it says of itself.
func (n *node) captured(id string) (capturedPeer, error) {
	from, err := peer.Decode(id)
	if err != nil {
		return capturedPeer{}, err
	}

	if n.habits.capture == nil {
		return capturedPeer{}, errors.New("this node captures nothing")
	}

	seen := n.habits.capture.of(from)
	seen.Connections = len(n.host.Network().ConnsToPeer(from))
	seen.Speaks = []string{}

	if agent, err := n.host.Peerstore().Get(from, "AgentVersion"); err == nil {
		seen.Agent, _ = agent.(string)
	}

	protocols, err := n.host.Peerstore().GetProtocols(from)
	if err != nil {
		return capturedPeer{}, err
	}

	for _, one := range protocols {
		seen.Speaks = append(seen.Speaks, string(one))
	}

	return seen, nil
}
