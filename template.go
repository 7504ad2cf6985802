// Package gatehouse holds what the programs of this module share with the
// deployment: its template.
package gatehouse

import _ "embed"

// Template is template.yaml as it was when the program was built, in UTF-8.
// The local gateway reads the routes, authorizers and gateway responses in it,
// so that what works locally exists when deployed. It must not be changed.
//
//go:embed template.yaml
var Template []byte
