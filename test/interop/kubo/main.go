// Command kubo is Kubo itself, built from a module of this repository, so that its
// version and those of all that it uses are pinned here.
package main

import (
	"io"
	"os"

	"github.com/ipfs/kubo/cmd/ipfs/kubo"
)

func main() {
	// The daemon of a test ends with the test, however that ends.
	if os.Getenv("END_WITH_INPUT") != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}

	os.Exit(kubo.Start(kubo.BuildDefaultEnv))
}
