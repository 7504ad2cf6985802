// Command authorize is the Lambda function of the sign-in and consent pages.
package main

import "gatehouse/internal/deployment"

func main() { deployment.Run((*deployment.Deployment).Authorize) }
