// Command backend is a net/http backend for the proxy's kit: it writes down
// what it sees, answers as it is told, and checks the proxy's assertion. What
// a backend is asked for is in ../README.md. Run as: backend PORT
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
)

func main() {
	origin := "127.0.0.1:" + os.Args[1]
	v := verifier{issuer: os.Getenv("ISSUER"), audience: "http://" + origin}
	log.Fatal(http.ListenAndServe(origin, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := seen(r)
		where := r.URL.EscapedPath()
		switch {
		case strings.Contains(where, "/verify"):
			v.answer(w, r)
		case strings.Contains(where, "/answer/"):
			tell(w, path.Base(where))
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Write(line)
		}
	})))
}

// seen writes down the request. net/http keeps Host apart from the others, and
// the order only among headers of one name.
func seen(r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	must(err)
	sum := sha256.Sum256(body)
	_, port, err := net.SplitHostPort(r.RemoteAddr)
	must(err)
	number, err := strconv.Atoi(port)
	must(err)
	headers := [][2]string{{"Host", r.Host}}
	for name, values := range r.Header {
		for _, value := range values {
			headers = append(headers, [2]string{name, value})
		}
	}
	line, err := json.Marshal(map[string]any{
		"method": r.Method, "target": r.RequestURI, "version": r.Proto, "headers": headers,
		"length": len(body), "sha256": hex.EncodeToString(sum[:]), "body": body[:min(len(body), 4096)], "port": number,
	})
	must(err)
	file, err := os.OpenFile(os.Getenv("SEEN"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	must(err)
	defer file.Close()
	line = append(line, '\n')
	_, err = file.Write(line)
	must(err)
	return line
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
