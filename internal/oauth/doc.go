// Package oauth is the vocabulary of Gatehouse: clients, users, sessions,
// requests, verdicts, protocol errors, and the contracts that a store keeps.
//
// Everything else imports it and it imports only the standard library. It
// decides nothing about HTTP transport and knows no database.
package oauth
