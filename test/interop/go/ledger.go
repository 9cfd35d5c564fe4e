package main

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// exchange is a dial, or an RPC, which is a request of the DHT's protocol.
type exchange int

const (
	dial exchange = iota
	rpc
)

// exchangeEnd is how an exchange ended: the peer answered, it did not answer, or the
// answer was no longer wanted.
type exchangeEnd int

const (
	pending exchangeEnd = iota
	answered
	failed
	cancelled
)

type entry struct {
	exchange exchange
	dead     bool
	from, to time.Time
	end      exchangeEnd
}

// ledger counts all dials and RPCs of a node, whichever part of the node caused them.
type ledger struct {
	mu      sync.Mutex
	entries []*entry
}

// begin notes an exchange that starts now, with a peer that may be known to be dead. The
// function that it returns is to be called when the exchange has ended.
func (l *ledger) begin(exchange exchange, dead bool) func(end exchangeEnd) {
	e := &entry{exchange: exchange, dead: dead, from: time.Now()}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)

	return func(end exchangeEnd) {
		l.mu.Lock()
		defer l.mu.Unlock()

		if e.end == pending {
			e.end = end
			e.to = time.Now()
		}
	}
}

// close adds up the exchanges of a period, and forgets those that have ended by its end.
func (l *ledger) close(from, to time.Time) traffic {
	l.mu.Lock()
	defer l.mu.Unlock()

	var sum traffic
	var open []*entry

	for _, e := range l.entries {
		sum.add(e, from, to)

		if e.end == pending || e.to.After(to) {
			open = append(open, e)
		}
	}

	l.entries = open

	return sum
}

func (t *traffic) add(e *entry, from, to time.Time) {
	if e.from.After(to) || e.end != pending && e.to.Before(from) {
		return
	}

	unresponsive := e.dead || e.end == failed

	if !e.from.Before(from) {
		if e.exchange == rpc {
			t.Queries++
		} else {
			t.Dials++
		}

		if unresponsive {
			t.Unresponsive++
		}
	}

	start, end := e.from, to

	if start.Before(from) {
		start = from
	}

	if e.end != pending && e.to.Before(to) {
		end = e.to
	}

	spent := inMs(end.Sub(start))

	switch {
	case unresponsive:
		t.SpentMs.Wasted += spent
	case e.exchange == dial:
		t.SpentMs.Dialling += spent
	default:
		t.SpentMs.Waiting += spent
	}
}

// endOf tells how an exchange ended by its error. A context that was cancelled means that
// the answer was no longer wanted, one that has run out of time does not.
func endOf(ctx context.Context, err error) exchangeEnd {
	switch {
	case err == nil:
		return answered
	case errors.Is(ctx.Err(), context.Canceled):
		return cancelled
	default:
		return failed
	}
}

// inMs is a duration in milliseconds, to the microsecond.
func inMs(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
