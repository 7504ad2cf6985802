package main

import (
	"testing"

	"gatehouse/bench/contender/contendertest"
)

func TestAcceptsAndRefuses(t *testing.T) { contendertest.AcceptsAndRefuses(t, makers(), "../../..") }
