// Package stress asks a whole deployment on a DynamoDB engine for the same
// thing many times at once, and for everything while the engine goes wrong.
package stress
