package stress

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"go.yaml.in/yaml/v3"

	"gatehouse"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/dynamodb/faulttest"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
)

// load is many callers of one deployment, and what is known of all they did.
type load struct {
	*site
	*oracle
	terms
	layer    *faulttest.Layer
	tables   dynamodb.Tables
	plain    app           // its sessions are bound to nobody
	bound    []app         // one of each of policies
	deadline time.Duration // what a function has to answer in
	every    int           // things between two jumps of the clock
	often    func(*caller) // what is done as often as all else together; nil: nothing
	gate     sync.RWMutex  // held by requests, and alone where the clock jumps

	users     []*user
	proofKeys []*dpoptest.Key
	thiefs    *dpoptest.Key
	sessions  *pool[*session]
	codes     *pool[*grant]
	legs      *pool[*grant]
	onces     *pool[*oneTime]
	renewals  *pool[*oneTime] // with a proof
}

// newLoad makes a load on the engine. wrap may break the promises of the store
// that its deployment uses; nil leaves it as it is.
func newLoad(t *testing.T, wrap func(store) store) *load {
	t.Helper()
	l := &load{oracle: newOracle(), layer: &faulttest.Layer{Next: manyConnections(), Seed: 1}, tables: newTables(t),
		terms:    terms{access: 5 * time.Minute, session: 15 * time.Minute, oauth1: 20 * time.Minute, idle: 8 * time.Minute, grace: 30 * time.Second, window: 5 * time.Minute},
		deadline: functionTimeout(t), every: 400}
	l.layer.Fresh = l.tables.Sessions
	var s store = dynamodb.Open(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(dynamodbtest.Endpoint(t)),
		Credentials:  awscredentials.NewStaticCredentialsProvider("anyone", "anything", ""),
		HTTPClient:   &http.Client{Transport: l.layer},
	}, l.tables)
	if wrap != nil {
		s = wrap(s)
	}
	seconds := func(d time.Duration) string { return fmt.Sprint(int(d.Seconds())) }
	l.site = newSite(t, s, map[string]string{"ACCESS_TOKEN_LIFETIME": seconds(l.terms.access), "SESSION_LIFETIME": seconds(l.terms.session),
		"OAUTH1_LIFETIME": seconds(l.terms.oauth1), "REFRESH_GRACE": seconds(l.terms.grace), "IDLE_TIMEOUT": seconds(l.terms.idle), "TIMESTAMP_WINDOW": seconds(l.terms.window),
		"PASSWORD_MEMORY": "8192", "PASSWORD_PASSES": "1"})
	l.plain = app{l.Client, oauth.BindingPolicy{}.For(&oauth.Client{})}
	for _, policy := range policies() {
		l.bound = append(l.bound, l.register(t, s, policy))
	}
	for i := range 300 {
		l.users = append(l.users, &user{name: fmt.Sprint("user-", i)})
		if i%30 == 0 {
			l.proofKeys = append(l.proofKeys, dpoptest.NewKey(t))
		}
	}
	l.thiefs = dpoptest.NewKey(t)
	l.sessions, l.codes, l.legs = newPool[*session](1500), newPool[*grant](500), newPool[*grant](500)
	l.onces, l.renewals = newPool[*oneTime](3000), newPool[*oneTime](500)
	return l
}

// register makes a client whose sessions are bound so, beside those of flowtest.
func (l *load) register(t *testing.T, registry oauth.Registry, policy oauth.BindingPolicy) app {
	t.Helper()
	name := fmt.Sprintf("%s-%s", policy.To, policy.OnMismatch)
	client := oauth.Client{ID: strings.ReplaceAll(name, "+", "-"), Name: name, Grants: oauth.Grants(), Scopes: []string{"read", "write"},
		RedirectURIs: []string{flowtest.Callback}, Binding: policy.To, OnMismatch: policy.OnMismatch}
	if err := l.keys.GiveSecret(&client, oauth.Secret{}); err != nil {
		t.Fatal(err)
	}
	if err := registry.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	secret, err := l.keys.ClientSecret(&client)
	if err != nil {
		t.Fatal(err)
	}
	return app{flowtest.Client{ID: client.ID, Secret: secret.Reveal()}, policy}
}

// functionTimeout is what template.yaml gives a function.
func functionTimeout(t *testing.T) time.Duration {
	t.Helper()
	var template struct {
		Globals struct {
			Function struct {
				Timeout int `yaml:"Timeout"`
			} `yaml:"Function"`
		} `yaml:"Globals"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil || template.Globals.Function.Timeout == 0 {
		t.Fatalf("template.yaml names no Timeout: %v", err)
	}
	return time.Duration(template.Globals.Function.Timeout) * time.Second
}

// caller is one of many: what it does is random, from its own seed.
type caller struct {
	*load
	context.Context
	random *rand.Rand
}

// run has callers do so many things in all. The clock jumps now and then.
func (l *load) run(ctx context.Context, callers, things int) {
	var done atomic.Int64
	var all sync.WaitGroup
	jumpEvery := int64(max(things/100, l.every))
	for i := range callers {
		c := &caller{l, ctx, rand.New(rand.NewPCG(uint64(i), 2))}
		all.Go(func() {
			for n := done.Add(1); n <= int64(things); n = done.Add(1) {
				if n%jumpEvery == 0 {
					l.jump(c.random)
				}
				c.step(int(n))
			}
		})
	}
	all.Wait()
}

// jump sets the clock forward while no request is under way.
func (l *load) jump(random *rand.Rand) {
	jumps := []time.Duration{5 * time.Second, l.grace - 10*time.Second, l.grace + 5*time.Second, time.Minute, l.access / 2, l.window + 5*time.Second}
	l.gate.Lock()
	defer l.gate.Unlock()
	l.clock.jump(jumps[random.IntN(len(jumps))])
}

// step does the nth thing: mostly any, by the weights of the operations, and one
// of ten times that whose turn it is.
func (c *caller) step(n int) {
	c.gate.RLock()
	defer c.gate.RUnlock()
	if c.often != nil && n%2 == 0 {
		c.often(c)
		return
	}
	if n%10 == 1 {
		operations[n/10%len(operations)].do(c)
		return
	}
	all := 0
	for _, o := range operations {
		all += o.weight
	}
	at := c.random.IntN(all)
	for _, o := range operations {
		if at -= o.weight; at < 0 {
			o.do(c)
			return
		}
	}
}

// many reports whether the long version of a test is wanted: make faults.
func many() bool { return os.Getenv("GATEHOUSE_FAULTS") != "" }
