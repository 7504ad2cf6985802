package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"time"
)

// told is one answer of the file at $ANSWERS.
type told struct {
	Status  int
	Headers [][2]string
	Body    []byte
	Way     string
	Seconds int
}

// tell answers in two parts where it is not whole; of a cut answer only the
// first.
func tell(w http.ResponseWriter, name string) {
	text, err := os.ReadFile(os.Getenv("ANSWERS"))
	must(err)
	var answers map[string]told
	must(json.Unmarshal(text, &answers))
	t := answers[name]
	time.Sleep(time.Duration(t.Seconds) * time.Second)
	for _, header := range t.Headers {
		w.Header().Add(header[0], header[1])
	}
	if t.Way == "hints" {
		w.WriteHeader(http.StatusEarlyHints)
	}
	w.WriteHeader(t.Status)
	if t.Way == "whole" || t.Way == "hints" {
		w.Write(t.Body)
		return
	}
	w.Write(t.Body[:len(t.Body)/2])
	must(http.NewResponseController(w).Flush())
	if strings.HasPrefix(t.Way, "cut") {
		panic(http.ErrAbortHandler)
	}
	w.Write(t.Body[len(t.Body)/2:])
	if t.Way == "trailers" {
		w.Header().Set(http.TrailerPrefix+"X-Checksum", "1")
	}
}
