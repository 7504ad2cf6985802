// Command authorizer is the Lambda function that is API Gateway's custom authorizer: it verifies signatures and tokens.
package main

import "gatehouse/internal/deployment"

func main() { deployment.Run((*deployment.Deployment).Authorizer) }
