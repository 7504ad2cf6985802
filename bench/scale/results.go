package main

// How many partitions there are where keys are compared: a new table has four,
// and sixteen after it has doubled twice.
const (
	fresh = 4
	grown = 16
)

// checkRead is what the session of a check takes, nonceWrite what its nonce
// does.
const (
	checkRead  = 0.5
	nonceWrite = 1
)

// outcome is how a way to key fares.
type outcome struct {
	*load
	fewest  int // partitions that serve it all; 0: no number does
	hottest float64
}

// grid has an outcome for each skew of requests, and in it for each design.
type grid [][]outcome

// results are all that is simulated.
type results struct {
	nonces, sessions grid
	signIns          []outcome // by crowd
}

func fares(d demand, partitions int) outcome {
	return outcome{d.over(partitions), d.fewest(), d.hottest()}
}

// simulate does it all, in seconds, and comes to the same each time.
func simulate() (*results, error) {
	all, err := population()
	if err != nil {
		return nil, err
	}
	r := &results{}
	for _, s := range skews() {
		requests := s.requests(all)
		var nonces, sessions []outcome
		for _, d := range nonceDesigns() {
			nonces = append(nonces, fares(ask(requests, d, nonceWrite, partitionWrites), grown))
		}
		for _, d := range sessionDesigns() {
			sessions = append(sessions, fares(ask(requests, d, checkRead, partitionReads), fresh))
		}
		r.nonces, r.sessions = append(r.nonces, nonces), append(r.sessions, sessions)
	}
	for _, c := range crowds() {
		tried, err := c.tried()
		if err != nil {
			return nil, err
		}
		r.signIns = append(r.signIns, fares(tried, fresh))
	}
	return r, nil
}
