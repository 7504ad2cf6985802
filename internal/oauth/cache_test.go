package oauth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// clocked is a cache that is asked at the time of a clock.
type clocked struct {
	*CachedClients
	clock *stepClock
}

func (c *clocked) find(ctx context.Context, id string) (*Client, error) {
	return c.Client(ctx, id, c.clock.Now())
}

func newCache() (*clocked, *countedClients, *stepClock) {
	source, clock := &countedClients{}, newClock()
	source.set(nil, Client{ID: "mobile", Name: "first"})
	return &clocked{NewCachedClients(source), clock}, source, clock
}

// ask fails the test unless the client called id has this name, "" for
// ErrNotFound, and the source was asked this often in all.
func ask(t *testing.T, cache *clocked, source *countedClients, id, name string, asked int) {
	t.Helper()
	client, err := cache.find(t.Context(), id)
	if missing := errors.Is(err, ErrNotFound); missing != (name == "") || missing != (client == nil) || !missing && (err != nil || client.Name != name) {
		t.Fatalf("client %q is %+v, %v, want %q", id, client, err, name)
	}
	if source.asked != asked {
		t.Fatalf("the source was asked %d times, want %d", source.asked, asked)
	}
}

func TestCachedClientIsKept(t *testing.T) {
	cache, source, clock := newCache()
	ask(t, cache, source, "mobile", "first", 1)
	source.set(nil, Client{ID: "mobile", Name: "second"})
	clock.step(cache.Keep - time.Nanosecond)
	ask(t, cache, source, "mobile", "first", 1)
	clock.step(time.Nanosecond)
	ask(t, cache, source, "mobile", "second", 2)
	ask(t, cache, source, "mobile", "second", 2)
}

func TestMissingClientIsKeptShorter(t *testing.T) {
	cache, source, clock := newCache()
	ask(t, cache, source, "later", "", 1)
	source.set(nil, Client{ID: "later", Name: "late"})
	clock.step(cache.KeepMissing - time.Nanosecond)
	ask(t, cache, source, "later", "", 1)
	clock.step(time.Nanosecond)
	ask(t, cache, source, "later", "late", 2)
}

// A deleted client is missed once its entry has ended, not for ever after.
func TestDeletedClientIsMissed(t *testing.T) {
	cache, source, clock := newCache()
	ask(t, cache, source, "mobile", "first", 1)
	source.set(nil)
	clock.step(cache.Keep)
	ask(t, cache, source, "mobile", "", 2)
	ask(t, cache, source, "mobile", "", 2)
}

func TestFaultsAreNotKept(t *testing.T) {
	cache, source, clock := newCache()
	source.set(errBroken)
	for range 2 {
		if client, err := cache.find(t.Context(), "mobile"); !errors.Is(err, errBroken) || client != nil {
			t.Fatalf("got %+v, %v, want the source's fault", client, err)
		}
	}
	source.set(nil, Client{ID: "mobile", Name: "back"})
	ask(t, cache, source, "mobile", "back", 3)
	source.set(errBroken)
	clock.step(cache.Keep)
	if _, err := cache.find(t.Context(), "mobile"); !errors.Is(err, errBroken) {
		t.Errorf("what has ended is served in place of a fault: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	cache, source, _ := newCache()
	cache.Size = 10
	for i := range 1000 {
		ask(t, cache, source, fmt.Sprint("junk", i), "", i+1)
		if len(cache.entries) > cache.Size {
			t.Fatalf("%d entries after %d ids, want at most %d", len(cache.entries), i+1, cache.Size)
		}
	}
	full := len(cache.entries)
	for id := range cache.entries {
		ask(t, cache, source, id, "", source.asked)
	}
	if len(cache.entries) != full {
		t.Errorf("asking for what is kept changed %d entries to %d", full, len(cache.entries))
	}
}

// Ids are parts of forms, which hold passwords and may be long: the bound on
// entries is none on memory if each keeps the text that its id was cut from.
func TestCacheKeepsNoForms(t *testing.T) {
	const forms, size = 64, 1 << 18
	cache := NewCachedClients(echoedClients{})
	before := heap()
	for i := range forms {
		form, err := ParseForm(fmt.Sprintf("client_id=known%d&oauth_consumer_key=junk%d&password=", i, i) + strings.Repeat("x", size))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"client_id", "oauth_consumer_key"} {
			if _, err := cache.Client(t.Context(), form.Get(name), time.Unix(1, 0)); err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
		}
	}
	if kept := heap() - before; len(cache.entries) != 2*forms || kept > forms*size/4 {
		t.Errorf("%d entries keep %d bytes of forms of %d", len(cache.entries), kept, forms*size)
	}
}

// echoedClients has clients whose ids are what it was asked for, as stores do; of
// junk there is none.
type echoedClients struct{}

func (echoedClients) Client(_ context.Context, id string) (Client, error) {
	if strings.HasPrefix(id, "junk") {
		return Client{}, ErrNotFound
	}
	return Client{ID: id}, nil
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) // #nosec G115 -- less than there is memory
}

func TestCacheWithoutItsConstructor(t *testing.T) {
	source := &countedClients{}
	cache := &clocked{&CachedClients{Source: source, Keep: time.Minute, KeepMissing: time.Second, Size: 1}, newClock()}
	ask(t, cache, source, "a", "", 1)
	ask(t, cache, source, "a", "", 1)
}

func TestCacheIsSafeForConcurrentUse(t *testing.T) {
	cache, _, clock := newCache()
	cache.Size = 4
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 200 {
				clock.step(time.Second)
				if _, err := cache.find(context.Background(), fmt.Sprint(worker*i%16)); !errors.Is(err, ErrNotFound) {
					t.Errorf("got %v, want ErrNotFound", err)
				}
			}
		})
	}
	group.Wait()
	if len(cache.entries) > cache.Size {
		t.Errorf("%d entries, want at most %d", len(cache.entries), cache.Size)
	}
}
