package dynamodbtest

import (
	"fmt"
	"os/exec"
	"time"
)

const localImage = "amazon/dynamodb-local:3.3.1"

// startDocker runs DynamoDB Local. The Docker client passes the signal that
// ends it on to the container, which then removes itself.
func startDocker() (engine, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return engine{}, err
	}
	p := program{
		command: func(port int) []string {
			publish := fmt.Sprintf("127.0.0.1:%d:8000", port)
			return []string{docker, "run", "--rm", "-p", publish, localImage,
				"-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"}
		},
		ready: "Initializing DynamoDB Local",
		limit: 3 * time.Minute, // the first run downloads the image
	}
	return p.start()
}
