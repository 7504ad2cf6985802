package oauth

import (
	"crypto/sha256"
	"testing"
)

// Databases have these texts.
func TestSpendKeyAsText(t *testing.T) {
	for _, test := range []struct {
		kind SpendKind
		text string
		want string
	}{
		{SpentNonce, "6:mobile5:token10:17000001001:n", "nonce:hBxBSguyx8Urs8ahfTiZ3426SMDXKK3izf6Xx3dB8nw"},
		{SpentProof, "a thumbprint an id", "dpop:trC7kE1YlSVcZgdrX3DODtJBY-Cp3dfQ2nxFar76oU4"},
		{SpentSealed, "gthc_a code", "sealed:kaPKzrFw3EhFXfayIAWxW09R_lV2oOAcTnSHhheOscM"},
		{0, "", ":47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"},
	} {
		if got := (SpendKey{test.kind, sha256.Sum256([]byte(test.text))}).String(); got != test.want {
			t.Errorf("%d: got %s, want %s", test.kind, got, test.want)
		}
	}
}
