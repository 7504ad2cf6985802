package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/seed"
)

// The tables of the older xAuth provider, as its models declare them.
const (
	appsTable      = "oauth_apps"
	consumersTable = "oauth_consumer_tokens"
	tokensTable    = "oauth_user_tokens" // #nosec G101 -- a name
)

func tableNames() []string { return []string{appsTable, consumersTable, tokensTable} }

// columnsOf are those of a table, in the order of the models.
func columnsOf(table string) []string {
	switch table {
	case appsTable:
		return []string{"app_id", "app_name", "app_desc", "app_platform", "app_url", "created"}
	case consumersTable:
		return []string{"app_id", "cons_key", "cons_sec", "created"}
	case tokensTable:
		return []string{"app_id", "user_id", "user_key", "user_sec", "created"}
	}
	return nil
}

// tableOf tells which table a CSV file with these columns was exported from.
func tableOf(header []string) string {
	switch {
	case slices.Contains(header, "user_key"):
		return tokensTable
	case slices.Contains(header, "cons_key"):
		return consumersTable
	case slices.Contains(header, "app_id") && slices.Contains(header, "app_name"):
		return appsTable
	}
	return ""
}

// row is one of a table, or of a hash of Redis.
type row struct {
	Place
	values map[string]string
}

// tables are the rows that were read so far: tokens name their client by the id
// of its app alone, which may come later, or in another file.
type tables struct{ apps, consumers, tokens []row }

func (t *tables) add(table string, r row) {
	switch table {
	case appsTable:
		t.apps = append(t.apps, r)
	case consumersTable:
		t.consumers = append(t.consumers, r)
	case tokensTable:
		t.tokens = append(t.tokens, r)
	}
}

// join makes records of the rows. A client is called by its consumer key, which
// its apps go on to send.
func (r *reader) join() {
	names, keys := map[string]string{}, map[string]string{}
	for _, app := range r.tables.apps {
		names[app.values["app_id"]] = app.values["app_name"]
	}
	for _, consumer := range r.tables.consumers {
		id := consumer.values["app_id"]
		if other, taken := keys[id]; taken && id != "" && other != consumer.values["cons_key"] {
			r.refuse(consumer.Place, fmt.Errorf("app_id: app %s has another cons_key already", id))
			continue
		}
		keys[id] = consumer.values["cons_key"]
		r.records = append(r.records, record{Place: consumer.Place,
			columns: map[string]string{"id": "cons_key", "secret": "cons_sec", "name": "app_name"},
			client:  &seed.Client{ID: consumer.values["cons_key"], Secret: consumer.values["cons_sec"], Name: names[id]}})
	}
	for _, token := range r.tables.tokens {
		if app := token.values["app_id"]; keys[app] == "" {
			r.refuse(token.Place, &seed.FieldError{Field: "app_id", Reason: fmt.Sprintf("%q is in no row of %s", app, consumersTable)})
			continue
		}
		r.records = append(r.records, record{Place: token.Place,
			columns: map[string]string{"token": "user_key", "secret": "user_sec", "client": "app_id"},
			token: &seed.Token{Token: token.values["user_key"], Secret: token.values["user_sec"],
				Client: keys[token.values["app_id"]], UserID: token.values["user_id"], Created: token.values["created"]}})
	}
}

// hash reads a hash of the older provider's Redis store by the end of its key:
// NAMESPACE-consumer_tokens has secrets by consumer keys, NAMESPACE-app_info
// apps by either, as JSON, and NAMESPACE-nonces is of no use. There are no user
// tokens in Redis.
func (r *reader) hash(at Place, key string, text json.RawMessage) {
	fields, err := hashFields(text)
	switch {
	case err != nil:
		r.refuse(at, &seed.FieldError{Field: "fields", Reason: err.Error()})
	case strings.HasSuffix(key, "-consumer_tokens"):
		for _, pair := range fields {
			// The store keeps no app of a consumer key; an older one keeps it by that.
			r.tables.add(consumersTable, row{at, map[string]string{"app_id": pair[0], "cons_key": pair[0], "cons_sec": pair[1]}})
		}
	case strings.HasSuffix(key, "-app_info"):
		for _, pair := range fields {
			var app struct{ Name string }
			if err := json.Unmarshal([]byte(pair[1]), &app); err != nil {
				r.refuse(at, &seed.FieldError{Field: "fields", Reason: "of app_info are JSON, and one is not"})
				continue
			}
			r.tables.add(appsTable, row{at, map[string]string{"app_id": pair[0], "app_name": app.Name}})
		}
	case !strings.HasSuffix(key, "-nonces"):
		r.refuse(at, &seed.FieldError{Field: "hash", Reason: "ends with -consumer_tokens, -app_info or -nonces"})
	}
}

// hashFields reads what redis-cli --json says to HGETALL: an object, or by the
// older protocol a list of fields and values by turns.
func hashFields(text json.RawMessage) ([][2]string, error) {
	var pairs [][2]string
	var object map[string]string
	if json.Unmarshal(text, &object) == nil {
		for field, value := range object {
			pairs = append(pairs, [2]string{field, value})
		}
		slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		return pairs, nil
	}
	var list []string
	if err := json.Unmarshal(text, &list); err != nil || len(list)%2 != 0 {
		return nil, errors.New("takes an object of strings, or a list of fields and values by turns")
	}
	for i := 0; i < len(list); i += 2 {
		pairs = append(pairs, [2]string{list[i], list[i+1]})
	}
	return pairs, nil
}
