package oauth

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"
)

// What a store may find. Any other error means that the store is broken or
// can't be reached: the caller answers 5xx and never lets a request through.
var (
	ErrNotFound = errors.New("oauth: not found")
	ErrExpired  = errors.New("oauth: expired")
	ErrExists   = errors.New("oauth: exists already")
	ErrSpent    = errors.New("oauth: spent already")
	ErrReused   = errors.New("oauth: refresh token of an older generation")
	ErrNotOwner = errors.New("oauth: belongs to another")
	ErrNotLive  = errors.New("oauth: over already")
	ErrChanged  = errors.New("oauth: changed meanwhile")
	ErrScope    = errors.New("oauth: scope was not granted")

	ErrOtherAgent = errors.New("oauth: bound to another User-Agent")
	ErrOtherKey   = errors.New("oauth: bound to another key")
)

// ErrNoAttempt is a caller's mistake: with nothing to tell attempts apart,
// every caller would be a retry of the winner.
var ErrNoAttempt = errors.New("oauth: a spending without an attempt")

// Consistency says how fresh a read must be.
type Consistency bool

// An eventual read costs half a unit and may miss a write of the last second;
// a strong one costs a whole unit and misses nothing.
const (
	Eventual Consistency = false
	Strong   Consistency = true
)

// Sessions keeps sessions, one item each, and gives them back as Session.Kept
// says.
type Sessions interface {
	// Create stores a new session in one write. ErrExists when the id is
	// taken; a retry of the same session, equal in every field, succeeds.
	Create(ctx context.Context, s Session) error

	// Find reads one session in one read. ErrNotFound, or ErrExpired when the
	// item is there but ended at or before now. Nobody may write to the lists of
	// what it returns, which may be those of the store.
	Find(ctx context.Context, id SessionID, now time.Time, c Consistency) (Session, error)

	// Refresh moves a session to its next generation in one conditional write
	// and returns it as it is afterwards; see Renewal. With ErrOtherAgent,
	// ErrOtherKey and ErrReused it returns it as it was and stays.
	Refresh(ctx context.Context, r Renewal) (Session, error)

	// Extend moves the end of a live session on to end, in one conditional
	// write. A session that is gone, over, killed whole or extended as far
	// already stays as it is, and that is no error.
	Extend(ctx context.Context, id SessionID, end, now time.Time) error

	// Kill ends tokens of a session for good, in one conditional write: no
	// refresh and no other Kill brings them back. A session killed whole is
	// kept for KilledKept. A session that is gone or was killed as far before
	// stays as it is, and that is no error.
	Kill(ctx context.Context, id SessionID, k Killing) error

	// Revoke deletes a session in one conditional write; see Revocation.Judge.
	// Deleting what is not there succeeds, unless it has to be an imported token's:
	// then it is ErrNotFound, for a retry after a lost answer as well.
	Revoke(ctx context.Context, r Revocation) error
}

// Renewal asks for the next generation of a session. Judge says what becomes
// of it; of racing renewals of one generation exactly one writes. It checks who
// asks, and binds the session anew as the client's policy has it by now.
type Renewal struct {
	ID            SessionID
	Client        string
	Generation    uint32   // of the refresh token presented
	Scope         []string // of the new access token, at most MaxScope; empty: all that was granted
	Now           time.Time
	AccessExpires time.Time
	Expires       time.Time // of the session; zero: never
	Until         time.Time // as in Session
	Idle          time.Duration
	Grace         time.Duration

	Agents       [][]byte // hashes that the caller's User-Agent may have
	Binding      Binding  // of the caller
	Confirmation string   // of the proof that came with it; empty: none
}

// Judge decides on a renewal of s as it is stored. It is granted when the
// session is live, belongs to Client, has the generation presented and was
// granted Scope, and the caller is the one it is bound to. It was granted
// before, and s is to be returned as it is, when the generation presented is
// one behind and the newer one at most Grace old: its caller lost the answer, and
// is bound by what Rebinds says. A Grace of zero still lets the same call be
// retried. Otherwise ErrNotOwner, ErrExpired, ErrNotFound for a session that was
// killed and a generation that is yet to come, ErrReused for a generation further
// behind or used by another key since, ErrOtherAgent, ErrOtherKey, or ErrScope.
func (r *Renewal) Judge(s *Session) (before bool, err error) {
	before = r.Generation < s.Generation
	other := r.boundToOther(s)
	switch {
	case s.Client != r.Client:
		return false, ErrNotOwner
	case Expired(s.Expires, r.Now) || r.Generation == math.MaxUint32:
		return false, ErrExpired
	case s.Killed.All() || r.Generation > s.Generation:
		return false, ErrNotFound
	case before && (!r.inGrace(s) || errors.Is(other, ErrOtherKey)): // a retry has the key of the first try
		return false, ErrReused
	case other != nil:
		return false, other
	case !Covers(s.Scope, r.Scope):
		return false, ErrScope
	}
	return before, nil
}

// Rebinds reports whether s, of which the renewal was granted before, is to be
// bound to another address first: a phone that lost the answer with its network
// asks again from the next one.
func (r *Renewal) Rebinds(s *Session) bool {
	return !bytes.Equal(r.Binding.Address, s.Binding.Address)
}

func (r *Renewal) inGrace(s *Session) bool {
	return s.Generation-r.Generation == 1 && Milli(r.Now).Sub(s.Renewed) <= r.Grace
}

// Owner names whose session is meant. An empty field is anyone.
type Owner struct{ Client, User string }

// Owns reports whether s is the owner's.
func (o Owner) Owns(s *Session) bool {
	return (o.Client == "" || o.Client == s.Client) && (o.User == "" || o.User == s.User)
}

// UserSessions lists a user's sessions.
type UserSessions interface {
	// List returns at most limit (1 to 100) live sessions of user, newest
	// first, and the Cursor of the next page, empty on the last. A page may be
	// short or empty before the last. A session created within the last second
	// may be missing. What is no Cursor gives ErrNotFound; another user's is
	// only a place in this user's list.
	List(ctx context.Context, user, cursor string, limit int, now time.Time) (page []Session, next string, err error)
}

// TokenSecrets finds and replaces the sealed secrets of imported tokens; only
// people and their tools ask.
type TokenSecrets interface {
	// SealedSessions returns sessions that have a SealedSecret, in no order, by
	// strongly consistent reads of all sessions, a page for each call: the first
	// one for an empty cursor. next is empty on the last; a page may be empty
	// before. Sessions that are over may be among them. What is written meanwhile
	// may be missing.
	SealedSessions(ctx context.Context, cursor string) (page []Session, next string, err error)

	// ResealToken replaces the SealedSecret of a session by another of the same secret,
	// in one conditional write: ErrNotFound when it is old no more, or the session
	// is gone. A retry succeeds.
	ResealToken(ctx context.Context, id SessionID, old, renewed string) error
}

// Replay makes things happen once.
type Replay interface {
	// Spend records key until expires, in one conditional write. Exactly one
	// of any number of racing callers succeeds, the others get ErrSpent; a
	// call with the attempt that won succeeds again, so that a retry after a
	// lost answer is no replay. A record that has expired by now is as none.
	Spend(ctx context.Context, s Spending) error
}

// Spendings tells what was spent; only people and their tools ask.
type Spendings interface {
	// Spent reports whether key is recorded and has not expired by now, in one
	// strongly consistent read.
	Spent(ctx context.Context, key SpendKey, now time.Time) (bool, error)
}

// Throttle counts tries.
type Throttle interface {
	// Count raises the counter of key by one, atomically and before any work
	// is done, and returns it. A counter that was not raised for keep begins
	// again at one. A lost answer may count one try twice.
	Count(ctx context.Context, key string, now time.Time, keep time.Duration) (Tries, error)

	// Forget removes the counter of key.
	Forget(ctx context.Context, key string) error

	// TakeBack lowers the counter of key by one, atomically. When it was raised
	// and until when it is kept stay as they are; one that is at zero, or not
	// there, is left so. A lost answer may take two back.
	TakeBack(ctx context.Context, key string) error
}

// Tries is a counter after it was raised.
type Tries struct {
	Count    int
	Previous time.Time // when it was raised before, by Milli; zero at the first try
}

// Clients finds registered clients, as Client.Kept says.
type Clients interface {
	// Client returns the client called id, in one read, or ErrNotFound.
	Client(ctx context.Context, id string) (Client, error)
}

// ClientList finds every client; only people and their tools ask.
type ClientList interface {
	// AllClients returns the clients in the order of their ids, as Client.Kept
	// says, by strongly consistent reads of the whole registry. A client that is
	// written meanwhile may be there as it was or as it is.
	AllClients(ctx context.Context) ([]Client, error)
}

// ClientSecrets moves clients' secrets from one key to another; only people and
// their tools do.
type ClientSecrets interface {
	// Reseal has the client called old.ID keep its secret as sealed, a
	// Client.SealedSecret, in one conditional write that raises the Revision and
	// leaves all else as it is: ErrNotFound when SecretKey, SecretVersion or
	// SealedSecret are not those of old any more, or there is no such client. A
	// retry succeeds, and may raise the Revision once more.
	Reseal(ctx context.Context, old Client, sealed string) error
}

// Users finds resource owners.
type Users interface {
	// User returns the user called name, in one strongly consistent read, or
	// ErrNotFound.
	User(ctx context.Context, name string) (User, error)
}

// Passwords keeps the hashes of users' passwords as strong as the deployment
// wants them.
type Passwords interface {
	// Rehash replaces the password hash of the user called name by another of
	// the same password, in one conditional write that raises the user's Revision:
	// ErrNotFound when the hash is old no more, or there is no such user. A retry
	// succeeds, and may raise it once more.
	Rehash(ctx context.Context, name, old, renewed string) error
}

// UserList finds every user; only people and their tools ask.
type UserList interface {
	// ListUsers returns at most limit (1 to 1000) users and the place of the
	// next page, empty on the last: pass it as after, which is empty for the
	// first. Each user is there once, in an order of the store's own. A page may
	// be short or empty before the last, and a user written within the last
	// second may be missing or be there as before. What is no place in the list
	// gives ErrNotFound.
	ListUsers(ctx context.Context, after string, limit int) (page []User, next string, err error)
}

// ClientRegistry writes clients; only people and their tools do. None of them
// loses a change that another makes meanwhile: each write raises the Revision,
// and a write of an older one is refused.
type ClientRegistry interface {
	// CreateClient stores a new client with Revision 1, whatever c has. ErrExists
	// when the id is taken; a retry that is equal in every field succeeds.
	CreateClient(ctx context.Context, c Client) error

	// UpdateClient replaces the client of c's id, which must be stored with c's
	// Revision, and raises that by one. ErrChanged when it has another by now,
	// ErrNotFound when it is there no more; a retry that is equal in every field
	// succeeds.
	UpdateClient(ctx context.Context, c Client) error

	// DeleteClient deletes the client called id. Deleting what is not there
	// succeeds.
	DeleteClient(ctx context.Context, id string) error
}

// UserRegistry writes users, by the rules of ClientRegistry.
type UserRegistry interface {
	// CreateUser stores a new user with Revision 1, or ErrExists when the name is
	// taken.
	CreateUser(ctx context.Context, u User) error

	// UpdateUser replaces the user of u's name, who must be stored with u's
	// Revision: ErrChanged, or ErrNotFound.
	UpdateUser(ctx context.Context, u User) error

	// DeleteUser deletes the user called name. Deleting who is not there
	// succeeds.
	DeleteUser(ctx context.Context, name string) error
}

// Registry writes clients and users.
type Registry interface {
	ClientRegistry
	UserRegistry
}
