// Package local is API Gateway on a laptop: a REST API (payload 1.0) that
// mounts what a SAM template declares, so that a route which works here exists
// when deployed.
//
// It reads the routes, authorizers, CORS preflights and gateway responses of
// the template's one AWS::Serverless::Api, calls the functions with the events
// that API Gateway makes, and maps their answers as API Gateway does. A function
// whose Condition does not hold for the parameters is not there. What the
// template declares and this package can't do is an error of New, never
// silently different.
//
// It differs from AWS in this: requests come by http; the names of headers
// arrive in their canonical form, whatever case was sent; functions are called
// in this process and have no time limit.
package local
