package main

import (
	"context"
	"reflect"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

type senderBuilder = func(host.Host, []protocol.ID) pb.MessageSenderWithDisconnect

// countedSender counts the requests that a DHT sends.
type countedSender struct {
	pb.MessageSenderWithDisconnect
	links  *links
	ledger *ledger
}

func (s *countedSender) SendRequest(ctx context.Context, p peer.ID, message *pb.Message) (*pb.Message, error) {
	end := s.ledger.begin(rpc, s.links.to(p).Dead)
	response, err := s.MessageSenderWithDisconnect.SendRequest(ctx, p, message)

	end(endOf(ctx, err))

	return response, err
}

func (s *countedSender) SendMessage(ctx context.Context, p peer.ID, message *pb.Message) error {
	end := s.ledger.begin(rpc, s.links.to(p).Dead)
	err := s.MessageSenderWithDisconnect.SendMessage(ctx, p, message)

	end(endOf(ctx, err))

	return err
}

// countRequests is an option of a DHT that counts its requests. The DHT's own sender stays
// in place behind the counter. It is no export of the DHT's module, nor is the type of the
// configuration that holds it, so both are reached by their names.
func countRequests(links *links, ledger *ledger) dht.Option {
	option := reflect.TypeFor[dht.Option]()

	return reflect.MakeFunc(option, func(arguments []reflect.Value) []reflect.Value {
		field := arguments[0].Elem().FieldByName("MsgSenderBuilder")
		build := field.Interface().(senderBuilder)

		field.Set(reflect.ValueOf(func(h host.Host, protocols []protocol.ID) pb.MessageSenderWithDisconnect {
			return &countedSender{build(h, protocols), links, ledger}
		}))

		return []reflect.Value{reflect.Zero(option.Out(0))}
	}).Interface().(dht.Option)
}
