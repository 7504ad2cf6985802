// Package apigateway translates between AWS events and the vocabulary of
// package oauth: events to requests, responses to event answers, verdicts to
// IAM policies. It decides nothing about OAuth.
//
// It reads, each decoded once:
//
//   - REST API proxy events (payload 1.0), with or without an authorizer;
//   - HTTP API proxy events (payload 2.0) and Lambda function URL events,
//     which have the same shape;
//   - REST API REQUEST authorizer events;
//   - HTTP API authorizer events (payload 2.0). The answer is an IAM policy
//     there too, so EnableSimpleResponses must stay off: with it on, API
//     Gateway looks for isAuthorized, does not find it and refuses everything.
//
// The URL of a request is made only of what the gateway itself says, or of
// Gateway.BaseURL; no header that a client can send takes part in it.
package apigateway
