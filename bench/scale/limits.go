package main

import (
	"fmt"
	"math"

	"gatehouse/bench/svg"
	"gatehouse/internal/oauth"
)

// What AWS allows where nothing was raised. Quotas are of an account in a
// Region. The sources are named in the table that limits makes of them.
const (
	newWrites  = 4_000  // of a new table or index on demand, a second
	newReads   = 12_000 // as above
	doubling   = 30     // minutes within which traffic should not more than double
	tableUnits = 40_000 // of a table or index, a second, of reads and of writes

	gatewayRequests = 10_000 // of all APIs, a second
	gatewayBurst    = 5_000
	gatewayNewer    = 2_500 // as gatewayRequests, in newer Regions

	environments   = 1_000 // of Lambda at once
	perEnvironment = 10    // requests a second that an environment may add
	started        = 1_000 // environments of a function within startedWithin
	startedWithin  = 10    // seconds

	secretReads = 10_000 // of Secrets Manager, a second
)

// What the functions do, as docs/cost.md and docs/operations.md say.
const (
	checkTime    = 4   // milliseconds
	passwordTime = 42  // milliseconds
	keysAge      = 300 // seconds, after which an environment reads the keyring again
)

// lambdaRequests is how many requests a second all functions may take together.
const lambdaRequests = environments * perEnvironment

// bite is the rate at which a limit is reached by a mix of requests, and whose.
type bite struct {
	rate  float64 // requests a second; infinite for never
	table string
}

// bites finds the table that reaches a limit first.
func (u units) bites(reads, writes float64) bite {
	first := bite{math.Inf(1), ""}
	for _, t := range u.tables() {
		if at := math.Min(reads/t.reads, writes/t.writes); at < first.rate {
			first = bite{at, t.name}
		}
	}
	return first
}

// warming is how many minutes a new table takes to follow to rate, where traffic
// grows as fast as it may.
func (u units) warming() int {
	first := u.bites(newReads, newWrites)
	return doubling * int(math.Max(0, math.Ceil(math.Log2(rate/first.rate))))
}

// partitions is how many the busiest table needs at rate if all were asked for
// the same.
func (u units) partitions() int {
	return int(math.Ceil(rate / u.bites(partitionReads, partitionWrites).rate))
}

// lone is one key that takes all of what one partition serves.
type lone struct {
	what, serves string
	knob         string
}

func lones() []lone {
	checks := svg.Count(partitionReads / 0.5)
	watched := partitionReads / 0.5 * oauth.ClientAge.Seconds()
	return []lone{
		{"a token: its session", checks + " checks a second; half of it with `ConsistentReads`",
			"more sessions for that client, one for each of its machines; `ReauthorizeEvery` for bearer tokens"},
		{"a user: the key of the index", svg.Count(partitionWrites) + " new sessions a second; more hold up `SessionsTable` too",
			"a program keeps its tokens, or uses `client_credentials`, whose sessions are in no index"},
		{"a user who is tried from everywhere: a counter", svg.Count(partitionWrites) + " tries a second; what is above counts as very many, and the user is not turned away",
			"a rate limit in front"},
		{"an address, or a user from an address: a counter", svg.Count(partitionWrites) + " tries a second; what is above is answered 503",
			"`WafRateLimit`, or a limit by address in front"},
		{"a client: its item", fmt.Sprintf("%s environments, each of which reads it every %.0f seconds", svg.Count(watched), oauth.ClientAge.Seconds()),
			"none needed"},
	}
}

// limit is something that AWS bounds.
type limit struct {
	what, value, hits, knob, source string
}

func limits() []limit {
	starts := float64(started) / startedWithin
	return []limit{
		{"requests of API Gateway", fmt.Sprintf("%s a second, %s at once; %s in newer Regions", svg.Count(gatewayRequests), svg.Count(gatewayBurst), svg.Count(gatewayNewer)),
			"everything", "ask for more; a throttle of the stage bounds one API's share", "API Gateway: Quotas"},
		{"requests of Lambda", fmt.Sprintf("%d for each of %s environments: %s a second", perEnvironment, svg.Count(environments), svg.Count(lambdaRequests)),
			fmt.Sprintf("checks, together with your own functions behind them: %s a second of each", svg.Count(lambdaRequests/2)),
			"ask for more concurrency; `ReauthorizeEvery`", "Lambda: Understanding function scaling"},
		{"environments of Lambda", svg.Count(environments) + " at once",
			fmt.Sprintf("%s checks a second of %d ms keep %.0f busy, as many passwords of %d ms %.0f", svg.Count(rate), checkTime, rate*checkTime/1e3, passwordTime, rate*passwordTime/1e3),
			"ask for more; `AuthorizerConcurrency` and `TokenConcurrency` keep a share", "Lambda: Quotas"},
		{"new environments", fmt.Sprintf("%s of a function in %d seconds, or %s requests a second more", svg.Count(started), startedWithin, svg.Count(started*perEnvironment)),
			"a crowd that comes within seconds", "`AuthorizerProvisioned`, `TokenProvisioned`", "Lambda: Scaling behavior"},
		{"a new table or index", fmt.Sprintf("%s writes, %s reads a second, doubling in %d minutes", svg.Count(newWrites), svg.Count(newReads), doubling),
			"see the table above", "`WarmWrites`, before the day", "DynamoDB: On-demand capacity mode"},
		{"a table or index", fmt.Sprintf("%s writes, %s reads a second", svg.Count(tableUnits), svg.Count(tableUnits)),
			"see the table above", "ask for more", "DynamoDB: Quotas"},
		{"a partition", fmt.Sprintf("%s writes, %s reads a second", svg.Count(partitionWrites), svg.Count(partitionReads)),
			"one key alone, as above", "none: DynamoDB splits what is busy, but never one key", "DynamoDB: Best practices for partition keys"},
		{"reads of the keyring", svg.Count(secretReads) + " a second",
			fmt.Sprintf("%s environments read it %.1f times a second, while they start %.0f times", svg.Count(environments), environments/float64(keysAge), starts),
			"none needed", "Secrets Manager: Quotas"},
		{"requests of KMS", "thousands a second, by Region",
			"one for each read of the keyring; DynamoDB keeps the keys of tables for five minutes", "none needed", "KMS: Request quotas; DynamoDB: Encryption at rest"},
	}
}
