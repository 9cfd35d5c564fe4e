// Program go-peers runs any number of nodes of go-libp2p-kad-dht for the tests and the
// benchmarks, which speak to it as benchmarks/foreign/peer-program.ts says: one JSON
// object a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

type request struct {
	ID       json.RawMessage `json:"id"`
	Command  string          `json:"command"`
	Argument json.RawMessage `json:"argument"`
}

type answer struct {
	ID     json.RawMessage `json:"id"`
	Result any             `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

func main() {
	if err := serve(newProgram(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, oneLine(err))
		os.Exit(1)
	}
}

// serve carries the commands out, each at once, until the input ends.
func serve(p *program, input io.Reader, output io.Writer) error {
	lines := bufio.NewReader(input)
	encoder := json.NewEncoder(output)
	var mu sync.Mutex

	reply := func(a answer) {
		mu.Lock()
		defer mu.Unlock()

		if err := encoder.Encode(a); err != nil {
			// nobody reads the answers any more
			fmt.Fprintln(os.Stderr, oneLine(err))
			os.Exit(1)
		}
	}

	for {
		line, err := lines.ReadBytes('\n')

		if strings.TrimSpace(string(line)) != "" {
			var r request

			if broken := json.Unmarshal(line, &r); broken != nil || r.ID == nil {
				fmt.Fprintln(os.Stderr, "ignored a line that is no command")
			} else {
				go func() { reply(p.answer(r)) }()
			}
		}

		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}
	}
}

// oneLine is the text of an error, without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
