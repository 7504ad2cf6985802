package authenticator

import (
	"errors"
	"regexp"
)

// ErrARN means that a text names no Lambda function.
var ErrARN = errors.New("takes the ARN of a Lambda function, like arn:aws:lambda:eu-central-1:123456789012:function:check-password")

// arnPattern is that of template.yaml.
const arnPattern = `^arn:aws[a-z-]*:lambda:[a-z0-9-]{1,32}:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?$`

// ParseARN returns the ARN of a Lambda function, with a version or alias or
// without, or ErrARN.
func ParseARN(text string) (string, error) {
	if !regexp.MustCompile(arnPattern).MatchString(text) {
		return "", ErrARN
	}
	return text, nil
}
