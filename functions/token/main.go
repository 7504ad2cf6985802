// Command token is the Lambda function that issues tokens by xAuth and the OAuth 2 grants.
package main

import (
	"gatehouse/internal/authenticator/function"
	"gatehouse/internal/deployment"
)

func main() { deployment.Run(deployment.Asking(function.New, (*deployment.Deployment).Token)) }
