// Command authorize is the Lambda function of the sign-in and consent pages.
package main

import (
	"gatehouse/internal/authenticator/function"
	"gatehouse/internal/deployment"
)

func main() { deployment.Run(deployment.Asking(function.New, (*deployment.Deployment).Authorize)) }
