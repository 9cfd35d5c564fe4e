package main

// The types of benchmarks/foreign/peer-program.ts, which says what they mean. The
// encoding of []byte in JSON is base64.

type peerAddress struct {
	ID         string   `json:"id"`
	Multiaddrs []string `json:"multiaddrs"`
}

type link struct {
	Peer   string  `json:"peer"`
	RttMs  float64 `json:"rttMs"`
	Silent bool    `json:"silent"`
	Dead   bool    `json:"dead"`
}

type nodeInit struct {
	Name       string   `json:"name"`
	PrivateKey []byte   `json:"privateKey"`
	Listen     []string `json:"listen"`
	Announce   []string `json:"announce"`
	Protocol   string   `json:"protocol"`
	Mode       string   `json:"mode"`
	K          int      `json:"k"`
	Refresh    bool     `json:"refresh"`
	Provide    string   `json:"provide"`
	Agent      string   `json:"agent"`
	Links      []link   `json:"links"`
	RttMs      float64  `json:"rttMs"`
	Capture    bool     `json:"capture"`
}

type capturedPeer struct {
	Agent       string          `json:"agent"`
	Speaks      []string        `json:"speaks"`
	Connections int             `json:"connections"`
	Protocols   []string        `json:"protocols"`
	Streams     []capturedBytes `json:"streams"`
}

type rangeMs struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

type serverHabits struct {
	SlowMs *rangeMs      `json:"slowMs"`
	Names  []peerAddress `json:"names"`
}

type task struct {
	Operation string   `json:"operation"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Providers []string `json:"providers"`
}

type spentMs struct {
	Dialling float64 `json:"dialling"`
	Waiting  float64 `json:"waiting"`
	Wasted   float64 `json:"wasted"`
}

type traffic struct {
	Queries      int     `json:"queries"`
	Dials        int     `json:"dials"`
	Unresponsive int     `json:"unresponsive"`
	SpentMs      spentMs `json:"spentMs"`
}

type period struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

type performance struct {
	TimeMs     float64  `json:"timeMs"`
	Failed     bool     `json:"failed"`
	Reason     string   `json:"reason,omitempty"`
	Found      []string `json:"found"`
	Value      []byte   `json:"value,omitempty"`
	Period     period   `json:"period"`
	Traffic    traffic  `json:"traffic"`
	Background traffic  `json:"background"`
}
