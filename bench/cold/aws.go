package cold

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"
)

// AWS stands in for DynamoDB and Secrets Manager: what is put is there, without
// conditions, and there is one secret.
type AWS struct {
	Secret string

	mu    sync.Mutex
	items map[string][]map[string]any // by table
	reads int                         // of items
}

// ServeHTTP answers a client of the SDK.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		TableName string
		Key, Item map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, `{"__type":"SerializationException"}`, http.StatusBadRequest)
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer := map[string]any{}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch operation {
	case "GetSecretValue":
		answer["Name"], answer["SecretString"] = "keys", a.Secret
	case "PutItem":
		if a.items == nil {
			a.items = map[string][]map[string]any{}
		}
		a.items[asked.TableName] = append(a.items[asked.TableName], asked.Item)
	case "GetItem":
		a.reads++
		if found := a.find(asked.TableName, asked.Key); found != nil {
			answer["Item"] = found
		}
	default:
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	_ = json.NewEncoder(w).Encode(answer)
}

// find is the item put last with these attributes.
func (a *AWS) find(table string, key map[string]any) map[string]any {
	var found map[string]any
	for _, item := range a.items[table] {
		same := true
		for name, value := range key {
			same = same && reflect.DeepEqual(item[name], value)
		}
		if same {
			found = item
		}
	}
	return found
}
