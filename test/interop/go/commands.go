package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// connectTimeout is the time that the command connect has.
const connectTimeout = time.Minute

// program holds the nodes by their names, and what stays of a node that is stopped.
type program struct {
	mu    sync.Mutex
	nodes map[string]*node
	kept  map[string]*kept
}

func newProgram() *program {
	return &program{nodes: map[string]*node{}, kept: map[string]*kept{}}
}

type command func(p *program, argument json.RawMessage) (any, error)

var commands = map[string]command{
	"startNode": withArgument(startNode),
	"stopNode":  withArgument(stopNode),
	"connect": onNode(func(n *node, a struct{ Multiaddr string }) (any, error) {
		ctx, cancel := context.WithTimeout(n.ctx, connectTimeout)
		defer cancel()

		info, err := peer.AddrInfoFromString(a.Multiaddr)
		if err != nil {
			return nil, err
		}

		return nil, n.host.Connect(ctx, *info)
	}),
	"dropConnections": onNode(func(n *node, _ struct{}) (any, error) {
		return nil, n.dropConnections()
	}),
	"know": onNode(func(n *node, a struct{ Peers []peerAddress }) (any, error) {
		return nil, n.know(a.Peers)
	}),
	"table": onNode(func(n *node, _ struct{}) (any, error) {
		return printable(n.dht.RoutingTable().ListPeers()), nil
	}),
	"refresh": onNode(func(n *node, _ struct{}) (any, error) {
		return nil, n.refresh()
	}),
	"setHabits": onNode(func(n *node, a struct{ Habits serverHabits }) (any, error) {
		return nil, n.setHabits(a.Habits)
	}),
	"captured": onNode(func(n *node, a struct{ Peer string }) (any, error) {
		return n.captured(a.Peer)
	}),
	"setLinks": onNode(func(n *node, a struct{ Links []link }) (any, error) {
		return nil, n.links.set(a.Links)
	}),
	"perform": onNode(func(n *node, a struct {
		Task      task
		TimeoutMs float64
	}) (any, error) {
		return n.perform(a.Task, milliseconds(a.TimeoutMs)), nil
	}),
	"storeValue": onNode(func(n *node, a struct{ Key, Value []byte }) (any, error) {
		return nil, n.storeValue(string(a.Key), a.Value)
	}),
	"holdsValue": onNode(func(n *node, a struct{ Key []byte }) (any, error) {
		return n.holdsValue(string(a.Key))
	}),
	"storeProvider": onNode(func(n *node, a struct {
		Multihash []byte
		Provider  peerAddress
	}) (any, error) {
		return nil, n.storeProvider(a.Multihash, a.Provider)
	}),
	"holdsProvider": onNode(func(n *node, a struct {
		Multihash []byte
		Provider  string
	}) (any, error) {
		return n.holdsProvider(a.Multihash, a.Provider)
	}),
}

// answer carries a command out. Whatever goes wrong becomes the error of its answer.
func (p *program) answer(r request) (a answer) {
	a.ID = r.ID

	defer func() {
		if fault := recover(); fault != nil {
			a.Result, a.Error = nil, oneLine(fmt.Errorf("fault: %v", fault))
		}
	}()

	run, ok := commands[r.Command]
	if !ok {
		a.Error = fmt.Sprintf("there is no command %q", r.Command)
		return a
	}

	result, err := run(p, r.Argument)
	if err != nil {
		a.Error = oneLine(err)
		return a
	}

	a.Result = result

	return a
}

// withArgument makes a command of a function with a typed argument.
func withArgument[A any](run func(p *program, argument A) (any, error)) command {
	return func(p *program, raw json.RawMessage) (any, error) {
		var argument A

		if err := json.Unmarshal(raw, &argument); err != nil {
			return nil, fmt.Errorf("bad argument: %w", err)
		}

		return run(p, argument)
	}
}

// onNode makes a command of a function that does something to one node, whose name is
// part of the argument.
func onNode[A any](run func(n *node, argument A) (any, error)) command {
	return func(p *program, raw json.RawMessage) (any, error) {
		var named struct{ Name string }
		var argument A

		if err := errors.Join(json.Unmarshal(raw, &named), json.Unmarshal(raw, &argument)); err != nil {
			return nil, fmt.Errorf("bad argument: %w", err)
		}

		n, err := p.node(named.Name)
		if err != nil {
			return nil, err
		}

		return run(n, argument)
	}
}

func (p *program) node(name string) (*node, error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if n := p.nodes[name]; n != nil {
		return n, nil
	}

	return nil, fmt.Errorf("there is no node %q", name)
}

func startNode(p *program, init nodeInit) (any, error) {
	p.mu.Lock()

	if _, taken := p.nodes[init.Name]; taken {
		p.mu.Unlock()
		return nil, fmt.Errorf("the node %q is there already", init.Name)
	}

	// the name is taken from now on, although the node is not there yet
	p.nodes[init.Name] = nil

	if p.kept[init.Name] == nil {
		p.kept[init.Name] = newKept()
	}

	records := p.kept[init.Name]
	p.mu.Unlock()

	n, err := newNode(init, records)

	p.mu.Lock()
	defer p.mu.Unlock()

	if err != nil {
		delete(p.nodes, init.Name)
		return nil, err
	}

	p.nodes[init.Name] = n

	return peerAddress{ID: n.host.ID().String(), Multiaddrs: n.listening()}, nil
}

func stopNode(p *program, a struct{ Name string }) (any, error) {
	n, err := p.node(a.Name)
	if err != nil {
		return nil, err
	}

	// the name is free only when the node is down, because the next one may want its port
	err = n.stop()

	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.nodes, a.Name)

	return nil, err
}

// addrInfo is a peer as libp2p has it.
func (a peerAddress) addrInfo() (peer.AddrInfo, error) {
	id, err := peer.Decode(a.ID)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("%q is no peer id: %w", a.ID, err)
	}

	info := peer.AddrInfo{ID: id}

	for _, text := range a.Multiaddrs {
		address, err := ma.NewMultiaddr(text)
		if err != nil {
			return peer.AddrInfo{}, err
		}

		info.Addrs = append(info.Addrs, address)
	}

	return info, nil
}

func addrInfos(addresses []peerAddress) ([]peer.AddrInfo, error) {
	infos := make([]peer.AddrInfo, len(addresses))

	for i, address := range addresses {
		info, err := address.addrInfo()
		if err != nil {
			return nil, err
		}

		infos[i] = info
	}

	return infos, nil
}

// printable lists the printable forms of peer ids.
func printable(ids []peer.ID) []string {
	texts := make([]string, len(ids))

	for i, id := range ids {
		texts[i] = id.String()
	}

	return texts
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}
