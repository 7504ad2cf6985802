// Command proxy is the Lambda function that carries valid requests to a backend: the OAuth reverse proxy.
package main

import "gatehouse/internal/deployment"

func main() { deployment.Run((*deployment.Deployment).Proxy) }
