// Command authorize is the Lambda function of the sign-in and consent pages.
package main

import (
	"gatehouse/internal/authenticator/function"
	"gatehouse/internal/deployment"
	"gatehouse/internal/oauth/consent/pages"
)

func main() {
	deployment.Run(deployment.Asking(function.New, deployment.Showing(pages.Write, (*deployment.Deployment).Authorize)))
}
