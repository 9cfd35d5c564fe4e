package main

import (
	"bufio"
	"math/rand/v2"
	"sync"
	"time"

	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	kb "github.com/libp2p/go-libp2p-kbucket"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-msgio"
	"github.com/libp2p/go-msgio/pbio"
	"google.golang.org/protobuf/proto"
)

// idleTimeout is the time after which a server of go-libp2p-kad-dht resets a stream on
// which nothing is asked.
const idleTimeout = time.Minute

// habits are the ways in which a server misbehaves.
type habits struct {
	k int
	// capture is nil unless the node captures what others do
	capture *capture

	mu    sync.Mutex
	slow  *rangeMs
	names map[peer.ID]peer.AddrInfo
}

// set replaces the habits. It tells whether a stream that is open has to end for that.
func (h *habits) set(slow *rangeMs, names []peer.AddrInfo) bool {
	h.mu.Lock()
	defer h.mu.Unlock()

	changed := h.names != nil || names != nil
	h.slow, h.names = slow, nil

	if names != nil {
		h.names = map[peer.ID]peer.AddrInfo{}

		for _, name := range names {
			h.names[name.ID] = name
		}
	}

	return changed
}

func (h *habits) isLiar() bool {
	h.mu.Lock()
	defer h.mu.Unlock()

	return h.names != nil
}

// pause is the time to wait before an answer.
func (h *habits) pause() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()

	if h.slow == nil {
		return 0
	}

	return milliseconds(h.slow.Min + rand.Float64()*(h.slow.Max-h.slow.Min))
}

// closest are the k of the names that are closest to a key.
func (h *habits) closest(key []byte) []peer.AddrInfo {
	h.mu.Lock()
	defer h.mu.Unlock()

	ids := make([]peer.ID, 0, len(h.names))

	for id := range h.names {
		ids = append(ids, id)
	}

	ids = kb.SortClosestPeers(ids, kb.ConvertKey(string(key)))
	infos := make([]peer.AddrInfo, 0, h.k)

	for _, id := range ids[:min(h.k, len(ids))] {
		infos = append(infos, h.names[id])
	}

	return infos
}

// habitHost is a host whose DHT has habits.
type habitHost struct {
	host.Host
	protocol protocol.ID
	habits   *habits
}

func (h *habitHost) SetStreamHandler(id protocol.ID, serve network.StreamHandler) {
	if id != h.protocol {
		h.Host.SetStreamHandler(id, serve)
		return
	}

	h.Host.SetStreamHandler(id, func(stream network.Stream) {
		slow := &slowStream{Stream: h.habits.capture.wrap(stream), habits: h.habits}

		if h.habits.isLiar() {
			h.habits.lie(slow)
		} else {
			serve(slow)
		}
	})
}

// slowStream waits before each answer.
type slowStream struct {
	network.Stream
	habits *habits
	asked  bool
}

func (s *slowStream) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)
	s.asked = true

	return n, err
}

func (s *slowStream) Write(p []byte) (int, error) {
	// a long answer is written in several pieces
	if s.asked {
		s.asked = false
		time.Sleep(s.habits.pause())
	}

	return s.Stream.Write(p)
}

// lie answers the requests of a stream with the names. What is to be stored is not.
func (h *habits) lie(stream network.Stream) {
	reader := msgio.NewVarintReaderSize(stream, network.MessageSizeMax)
	buffer := bufio.NewWriter(stream)
	writer := pbio.NewDelimitedWriter(buffer)

	for {
		_ = stream.SetReadDeadline(time.Now().Add(idleTimeout))

		data, err := reader.ReadMsg()
		if err != nil {
			_ = stream.Close()
			return
		}

		var request pb.Message
		err = proto.Unmarshal(data, &request)
		reader.ReleaseMsg(data)

		if err != nil {
			_ = stream.Reset()
			return
		}

		response := h.answer(&request)
		if response == nil {
			continue
		}

		if writer.WriteMsg(response) != nil || buffer.Flush() != nil {
			_ = stream.Reset()
			return
		}
	}
}

func (h *habits) answer(request *pb.Message) *pb.Message {
	switch request.GetType() {
	case pb.Message_FIND_NODE, pb.Message_GET_VALUE, pb.Message_GET_PROVIDERS:
		response := pb.NewMessage(request.GetType(), request.GetKey(), request.GetClusterLevel())
		response.CloserPeers = pb.RawPeerInfosToPBPeers(h.closest(request.GetKey()))

		return response
	case pb.Message_PUT_VALUE, pb.Message_PING:
		return request
	default:
		return nil
	}
}
