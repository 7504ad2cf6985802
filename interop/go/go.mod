module interop

go 1.26.0

require (
	github.com/dghubble/oauth1 v0.7.3
	golang.org/x/net v0.62.0
	golang.org/x/oauth2 v0.37.0
)
