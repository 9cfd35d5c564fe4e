package main

import (
	"net"
	"os"
	"sync"
	"time"
)

// window is the limit of bytes on their way in one direction. Beyond it the sender has to
// wait.
const window = 256 * 1024

// delayLine delivers chunks of bytes after a delay, in the order in which they were put in.
// One end puts in, one takes out.
type delayLine struct {
	delay time.Duration

	mu      sync.Mutex
	chunks  []chunk
	size    int
	ended   bool
	closed  bool
	changed chan struct{}

	// after these times, pushing and taking fail
	pushDeadline, takeDeadline time.Time
}

// chunk is what travels: bytes, or the end of them with its reason.
type chunk struct {
	data []byte
	err  error
	due  time.Time
}

func newDelayLine(delay time.Duration) *delayLine {
	return &delayLine{delay: delay, changed: make(chan struct{})}
}

// push puts bytes in. It waits while too many are on their way.
func (l *delayLine) push(data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	for {
		if l.closed || l.ended {
			return net.ErrClosed
		}

		if passed(l.pushDeadline) {
			return os.ErrDeadlineExceeded
		}

		if l.size < window {
			l.append(chunk{data: data})
			return nil
		}

		l.wait(l.pushDeadline)
	}
}

// end tells the other end, after all bytes, that no more will come.
func (l *delayLine) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.append(chunk{err: err})
}

// take waits for the next chunk, and returns its bytes or the error that ended the line.
func (l *delayLine) take() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	for {
		if l.closed {
			return nil, net.ErrClosed
		}

		if passed(l.takeDeadline) {
			return nil, os.ErrDeadlineExceeded
		}

		until := l.takeDeadline

		if len(l.chunks) > 0 {
			first := l.chunks[0]

			if passed(first.due) {
				if first.err != nil {
					// it stays, for whoever asks again
					return nil, first.err
				}

				l.chunks[0] = chunk{}
				l.chunks = l.chunks[1:]
				l.size -= len(first.data)
				l.notify()

				return first.data, nil
			}

			if until.IsZero() || first.due.Before(until) {
				until = first.due
			}
		}

		l.wait(until)
	}
}

// close drops all that is on its way. Both ends fail from now on.
func (l *delayLine) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.chunks = nil
	l.notify()
}

func (l *delayLine) setPushDeadline(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pushDeadline = t
	l.notify()
}

func (l *delayLine) setTakeDeadline(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takeDeadline = t
	l.notify()
}

func (l *delayLine) append(c chunk) {
	if l.closed {
		return
	}

	c.due = time.Now().Add(l.delay)
	l.chunks = append(l.chunks, c)
	l.size += len(c.data)
	l.notify()
}

func (l *delayLine) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// wait returns when something has changed, or at a time unless it is zero.
func (l *delayLine) wait(until time.Time) {
	changed := l.changed
	var alarm <-chan time.Time

	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}

	l.mu.Unlock()
	defer l.mu.Lock()

	select {
	case <-changed:
	case <-alarm:
	}
}

// passed tells whether a time is over. Zero means never.
func passed(t time.Time) bool {
	return !t.IsZero() && !time.Now().Before(t)
}
