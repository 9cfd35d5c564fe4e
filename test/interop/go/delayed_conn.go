package main

import (
	"net"
	"sync"
	"time"
)

// readSize is how much is read from a socket at once.
const readSize = 4096

// delayedConn is a connection over a long link. Everything that is sent, the end included,
// reaches the other side half a round trip later.
type delayedConn struct {
	net.Conn
	outbound, inbound *delayLine
	closeOnce         sync.Once

	readMu sync.Mutex
	rest   []byte
}

func newDelayedConn(socket net.Conn, rtt time.Duration) *delayedConn {
	c := &delayedConn{Conn: socket, outbound: newDelayLine(rtt / 2), inbound: newDelayLine(rtt / 2)}

	go c.receive()
	go c.send()

	return c
}

// receive puts what the socket brings onto the line, until the socket ends.
func (c *delayedConn) receive() {
	buffer := make([]byte, readSize)

	for {
		n, err := c.Conn.Read(buffer)

		if n > 0 && c.inbound.push(append([]byte(nil), buffer[:n]...)) != nil {
			return
		}

		if err != nil {
			c.inbound.end(err)
			return
		}
	}
}

// send writes to the socket what has been on its way for long enough, and closes the
// socket after the end.
func (c *delayedConn) send() {
	defer c.Conn.Close()

	for {
		data, err := c.outbound.take()
		if err != nil {
			return
		}

		if _, err := c.Conn.Write(data); err != nil {
			c.outbound.close()
			return
		}
	}
}

func (c *delayedConn) Read(p []byte) (int, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()

	if len(c.rest) == 0 {
		data, err := c.inbound.take()
		if err != nil {
			return 0, err
		}

		c.rest = data
	}

	n := copy(p, c.rest)
	c.rest = c.rest[n:]

	return n, nil
}

func (c *delayedConn) Write(p []byte) (int, error) {
	if err := c.outbound.push(append([]byte(nil), p...)); err != nil {
		return 0, err
	}

	return len(p), nil
}

// Close lets what was sent arrive, and then the end.
func (c *delayedConn) Close() error {
	c.closeOnce.Do(func() {
		c.inbound.close()
		c.outbound.end(net.ErrClosed)
	})

	return nil
}

func (c *delayedConn) SetDeadline(t time.Time) error {
	c.outbound.setPushDeadline(t)
	c.inbound.setTakeDeadline(t)

	return nil
}

func (c *delayedConn) SetReadDeadline(t time.Time) error {
	c.inbound.setTakeDeadline(t)

	return nil
}

func (c *delayedConn) SetWriteDeadline(t time.Time) error {
	c.outbound.setPushDeadline(t)

	return nil
}
