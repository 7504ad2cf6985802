// Command revoke is the Lambda function that ends sessions and shows a user's own.
package main

import "gatehouse/internal/deployment"

func main() { deployment.Run((*deployment.Deployment).Revoke) }
