package password

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// vector is a hash that another implementation made, once, of a random salt
// where the kind has one.
type vector struct{ maker, password, hash string }

// olderPassword is that of all vectors but one.
const olderPassword = "correct horse ✓"

// The vectors were made with passlib 1.7.4, bcrypt 4.0.1, argon2-cffi 25.1,
// Werkzeug 3.1 and Django 5.2 on Python 3.11, PHP 8.2, and scrypt-kdf 4.0.0 and
// @phc/pbkdf2 1.1.14 on Node 20. For the last two OpenSSL made the key, by
// hashlib of Python, which was then written as the library named does it.
func vectors() []vector {
	return []vector{
		{"bcrypt 4.0.1 of Python, $2b$", olderPassword, "$2b$05$OSaOS1o9bFq5I5QpkMxIc.eSsPIlXQFj4.9Q/6ANwqD81m0CF1edO"},
		{"bcrypt 4.0.1 of Python, $2a$", olderPassword, "$2a$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS"},
		{"passlib 1.7.4 bcrypt, $2y$", olderPassword, "$2y$04$327TqRpcJyQ10FZZhzDeQ.POdaAYrJiFXYNFs.uKdAvbWe8WDzfBG"},
		{"bcrypt of 80 bytes, of which 72 count", strings.Repeat("0123456789", 8), "$2b$04$wvIVHWyukh3i2ffwHjDnyuiUSIjyjoDUv7nEBNyyQ8s6b7yv5Jfz2"},
		{"passlib 1.7.4 scrypt", olderPassword, "$scrypt$ln=8,r=8,p=1$dK61ljKmFOIcIwTgfO99zw$j2L2+znk7ywx23WEsc8SPATWzAIpDST3r+qbvsTVA+4"},
		{"passlib 1.7.4 scrypt, r=4, p=3", olderPassword, "$scrypt$ln=6,r=4,p=3$ufd+j5GScm4Nwfh/rzUGAA$0mGiWdmWvARHIYN27BMrfDbTNSQa+y54ijk6R28lm6U"},
		{"passlib 1.7.4 pbkdf2_sha1", olderPassword, "$pbkdf2$1000$DgEAQKh1zrl3rtU6B2AsRQ$u3HCy0s25igyeH/XaKovft/.zxk"},
		{"passlib 1.7.4 pbkdf2_sha256", olderPassword, "$pbkdf2-sha256$1000$/1.rdS7lHEPI.T8HAABgbA$h5EMIr0YZlOYu.Fa43BQ..KMkTZN51AEZSiyHMd0WHg"},
		{"passlib 1.7.4 pbkdf2_sha512", olderPassword, "$pbkdf2-sha512$1000$HAPA2FuLEQJgrBViTMk55w$aWpZfdw.M.xx0384jL6zDHvsYfZA5cQz8IyXtpY6VcY4O3OKhrCn1tvtr0T.EnlzqA4N8EsteZ3dpttIhrL7Fw"},
		{"passlib 1.7.4 argon2, type i", olderPassword, "$argon2i$v=19$m=64,t=3,p=2$XQsBwHjPWUuJsVYqBUDonQ$TWEBZCQG2d+nascyvVrby6dIV4JwcL1hqkII8QMTJJE"},
		{"passlib 1.7.4 argon2, type id", olderPassword, "$argon2id$v=19$m=128,t=2,p=4$aU2JEeL8v9faG2MM4fz/Xw$BcCIqWY8Mity4sN+FmXNU3Jb319+pOnHIYCLe0Ez6JY"},
		{"argon2-cffi 25.1.0", olderPassword, "$argon2id$v=19$m=256,t=1,p=1$zNaLvaSkpOS2b+aya8jBbw$iuZ6Oy3sNW1VEvT+xLqc/4ToVK8WVbVvdHnuEutBsas"},
		{"werkzeug 3.1 scrypt", olderPassword, "scrypt:1024:8:1$nCQzGuTjMGSentSW$aa798a866ddb1627b23930517a4d4ffced47ce13b97cdb57b2d5901e70153e697a8d169cae1dccdeaaeb6ef4f6bcb7baade3027c395740093166bf637bd21b4b"},
		{"werkzeug 3.1 pbkdf2:sha256", olderPassword, "pbkdf2:sha256:1000$rO7F9t4aVD1A068l$317109d3052bb39a7646a78008d3357327bf10b5ca33ca1349f305d763532ae2"},
		{"werkzeug 3.1 pbkdf2:sha1", olderPassword, "pbkdf2:sha1:1000$65xIbb8m6QNC9hGZ$207ff95fa0f8a98e5e75f85189dd198f6694b0fb"},
		{"werkzeug 3.1 pbkdf2:sha512", olderPassword, "pbkdf2:sha512:1000$46Sny1kGKr1Mbdl2$26d33aa15cbab6a5374d1a0a8043be6a4724126d1e89f55514455149be8cba22a4c09ea95504613ab97666cf9977808f201a8f8c68bda257beb6f1cdaf0b379b"},
		{"django 5.2 PBKDF2PasswordHasher", olderPassword, "pbkdf2_sha256$1000$seasalt2$Mmrk6pki6MZwzvSkvmidH1N8wSJXdhxycT7oWQwmdbE="},
		{"django 5.2 PBKDF2SHA1PasswordHasher", olderPassword, "pbkdf2_sha1$1000$seasalt2$K0bIfGhFqI+R64MKfdfnZbFi0Dc="},
		{"django 5.2 ScryptPasswordHasher", olderPassword, "scrypt$1024$seasalt2$8$5$9NZw51KReY5ohrvzjGFHl+t2FVBeR4Twx4mYS8rP33Hc+lMojw6Cv2+vI4A6AFUw4lRAnUeB4bffyOdXgAexcQ=="},
		{"django 5.2 BCryptPasswordHasher", olderPassword, "bcrypt$$2b$04$AN8tT3277YiXA5glJFf5tescaH9jD3Fei1Urcmb6GgautU4QBq18q"},
		{"django 5.2 BCryptSHA256PasswordHasher", olderPassword, "bcrypt_sha256$$2b$04$ZxnT6oJwsCcDb9arVNOaSO0cydJNHM9pdW1OpQGxzVo02F6whSNc6"},
		{"django 5.2 Argon2PasswordHasher", olderPassword, "argon2$argon2id$v=19$m=128,t=1,p=2$cHNiS1lvWGxmd1l5Nk5YMUtBUWkzSg$aac+qKLvf9xmTOaibBLhgKYMG765RXQJa1NIj3JaDPA"},
		{"PHP 8.2 password_hash, bcrypt", olderPassword, "$2y$04$4ilotvjMIg3faW23NLPwku8pcsOh5ImAFybcnu5jfAOkZcRpL7nFe"},
		{"PHP 8.2 password_hash, argon2i", olderPassword, "$argon2i$v=19$m=64,t=2,p=1$TGpaZ045SS9EbDRGTFhHSQ$dUAkk7sgSSv/2fpO2L1hM29aZyJfy3Gmmsncl0HjTFU"},
		{"PHP 8.2 password_hash, argon2id", olderPassword, "$argon2id$v=19$m=64,t=2,p=1$VDNYbDNmcmlOSU1sTUtyRQ$FmbyOXpeX3SwwHFjatcvuUnU9MjDA9JEpYNKg2YuPOE"},
		{"scrypt-kdf of Node", olderPassword, "c2NyeXB0AAgAAAAIAAAAAVn0Sohc4sVTMAkhtiD/O7zq9jVAaTwnTEWqAg9MlyzC/daBNCHGmUuDFJz8pmpbQKzr892aCZYXmPLMvaRh+agj3TPM7jZ3kVjfBMhGTLkf"},
		{"@phc/pbkdf2 of Node", olderPassword, "$pbkdf2-sha512$i=1000$asCIz7P8FsCeLcmLWxaQfw$ueInn8FWTxDZe5TXFMpMVKfXVb6gfY6Cj0YT9nwT0/kY2iFOvy8HhUt4dnRZlp0A+G74bRIFRudir73eOjtFIQ"},
		{"@phc/pbkdf2 of Node", olderPassword, "$pbkdf2-sha1$i=1000$fJnEvtWBjAJJbXNrF0iW5g$gA+EuFpW3DP317dcFGR06yFz89k"},
		{"@phc/pbkdf2 of Node", olderPassword, "$pbkdf2-sha256$i=1000$YPjh3fTNDMPSzlBLHxKSrQ$YHk6BZkxYS8fcg8m6J+MVXpMAlQa+bbXwFhVn1qfWBM"},
		{"OpenSSL's scrypt, as simple-scrypt of Go writes it", olderPassword, "1024$8$2$a6f738f5b0d5b344b02e75fb7ce405bc$0f29dc0588f419d28a7c3df926beaa3cc5e4968b1376b50fed1ceedca9c565ef"},
		{"OpenSSL's PBKDF2, as password-hash of Rust writes it", olderPassword, "$pbkdf2-sha256$i=1000,l=32$pvc49bDVs0SwLnX7fOQFvA$y8csfFVb8scktRsbd6WaJ+yZ5bSHifjJVnJAqyOfr1g"},
	}
}

func TestHashesOfOthers(t *testing.T) {
	for _, v := range vectors() {
		if err := Check(v.hash); err != nil {
			t.Errorf("%s: %v", v.maker, err)
		}
		for _, test := range []struct {
			password string
			right    bool
		}{{v.password, true}, {v.password[1:], false}, {"", false}, {strings.ToUpper(v.password), v.password[0] == '0'},
			{v.password + "x", len(v.password) > 72}} {
			right, err := Matches(oauth.NewSecret(test.password), v.hash)
			if err != nil || right != test.right {
				t.Errorf("%s, %q: %v, %v, want %v", v.maker, test.password, right, err, test.right)
			}
		}
	}
}

// Any one character of a hash that is another makes it the hash of another
// password, or of none.
func TestChangedHashesOfOthers(t *testing.T) {
	for _, v := range vectors() {
		for _, at := range []int{len(v.hash) - 5, len(v.hash) - 20} {
			other := byte('a')
			if v.hash[at] == other {
				other = 'b'
			}
			changed := v.hash[:at] + string(other) + v.hash[at+1:]
			if right, _ := Matches(oauth.NewSecret(v.password), changed); right {
				t.Errorf("%s: matches with %q at %d", v.maker, other, at)
			}
		}
	}
}

// Whoever comes from elsewhere signs in as before, and the hash that is kept is
// the deployment's own from then on.
func TestOlderHashIsRenewed(t *testing.T) {
	d := newDearDoor(t)
	for _, v := range vectors() {
		storetest.PutUser(t, d.store, oauth.User{ID: "u9", Name: v.maker, PasswordHash: v.hash})
		if code, _ := d.try(v.maker, "wrong", home); code != oauth.PermissionDenied || d.hashOf(v.maker) != v.hash {
			t.Errorf("%s: a wrong password gives %q and the hash %s", v.maker, code, d.hashOf(v.maker))
		}
		if code, _ := d.try(v.maker, v.password, home); code != "" || costOf(t, d.hashOf(v.maker)) != dear() {
			t.Errorf("%s: %q, and the hash is %s", v.maker, code, d.hashOf(v.maker))
		}
		if code, _ := d.try(v.maker, v.password, home); code != "" {
			t.Errorf("%s, again: %q", v.maker, code)
		}
	}
}

const (
	someSalt = "c29tZXNhbHQ"
	someHash = "g6mE6wHZ7bZQTsL0eWPTvQ"
	someHex  = "000102030405060708090a0b0c0d0e0f"
)

// Each of these would take the function's memory, or its time.
func TestOlderHashesOfHugeCost(t *testing.T) {
	for _, hash := range []string{
		"$2b$16$" + strings.Repeat("a", 53), "$2y$31$" + strings.Repeat("a", 53), "bcrypt$$2b$31$" + strings.Repeat("a", 53),
		"bcrypt_sha256$$2b$20$" + strings.Repeat("a", 53),
		"$scrypt$ln=19,r=8,p=1$" + someSalt + "$" + someHash, "$scrypt$ln=18,r=8,p=3$" + someSalt + "$" + someHash,
		"$scrypt$ln=1,r=2147483647,p=2147483647$" + someSalt + "$" + someHash, "$scrypt$ln=30,r=1,p=1$" + someSalt + "$" + someHash,
		"$scrypt$ln=1,r=1,p=2147483647$" + someSalt + "$" + someHash,
		"scrypt:4194304:8:1$salt$" + someHex, "scrypt$1073741824$salt$8$1$AAAAAAAAAAAAAAAAAAAAAA==", "33554432$8$1$00$" + someHex,
		"$pbkdf2-sha256$4194305$" + someSalt + "$" + someHash, "$pbkdf2-sha512$i=2147483647$" + someSalt + "$" + someHash,
		"$pbkdf2$2097153$" + someSalt + "$" + strings.Repeat("A", 32), "pbkdf2:sha256:2147483647$salt$" + someHex,
		"pbkdf2_sha256$2147483647$salt$AAAAAAAAAAAAAAAAAAAAAA==",
		"$argon2i$v=19$m=4194304,t=1,p=1$" + someSalt + "$" + someHash, "argon2$argon2i$v=19$m=8,t=4294967295,p=1$" + someSalt + "$" + someHash,
	} {
		if err := Check(hash); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", hash, err)
		}
		if right, err := Matches(oauth.NewSecret("a"), hash); right || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, %v at sign-in, want ErrFormat", hash, right, err)
		}
	}
}

func TestMisshapenHashesOfOthers(t *testing.T) {
	b := "$2b$04$" + strings.Repeat("a", 53)
	if err := Check(b); err != nil {
		t.Fatal(err)
	}
	bad := []string{b[:59], b + "a", strings.Replace(b, "$2b", "$2x", 1), strings.Replace(b, "$2b", "$2", 1), strings.Replace(b, "04", "4$", 1),
		strings.Replace(b, "04", "03", 1), strings.Replace(b, "04$", "04.", 1), strings.Replace(b, "aaa", "a=a", 1), b[:20] + "\n" + b[21:],
		"bcrypt$" + b[1:], "bcrypt_sha256$" + b[1:], "bcrypt_sha256$", "$2b$",
		"$scrypt$", "$scrypt$ln=8,r=8,p=1$" + someSalt, "$scrypt$ln=8,r=8$" + someSalt + "$" + someHash, "$scrypt$n=8,r=8,p=1$" + someSalt + "$" + someHash,
		"$scrypt$ln=08,r=8,p=1$" + someSalt + "$" + someHash, "$scrypt$ln=8,r=0,p=1$" + someSalt + "$" + someHash, "$scrypt$ln=8,r=8,p=-1$" + someSalt + "$" + someHash,
		"$scrypt$ln=8,r=8,p=1$$" + someHash, "$scrypt$ln=8,r=8,p=1$" + someSalt + "$", "$scrypt$ln=8,r=8,p=1$" + someSalt + "$AAAA",
		"$scrypt$ln=8,r=8,p=1$" + someSalt + "$" + someHash + "=", "$scrypt$ln=8,r=8,p=1$*$" + someHash,
		"scrypt:", "scrypt:1000:8:1$salt$" + someHex, "scrypt:1024:8$salt$" + someHex, "scrypt:1024:8:1$salt$xyz", "scrypt:1024:8:1$$" + someHex, "scrypt:1:8:1$salt$" + someHex,
		"scrypt$", "scrypt$1024$salt$8$1", "scrypt$1024$salt$8$1$****", "1024$8$1$00", "1024$8$1$0$" + someHex, "1024$8$1$00$xyz", "01024$8$1$00$" + someHex,
		scryptFile, scryptFile + strings.Repeat("A", 120), "c2NyeXB0AAgAAAAIAAAAAVn0Sohc4sVTMAkhtiD/O7zq9jVAaTwnTEWqAg9MlyzC/daBNCHGmUuDFJz8pmpbQKzr892aCZYXmPLMvaRh",
		"$pbkdf2", "$pbkdf2$", "$pbkdf2-md5$1000$" + someSalt + "$" + someHash, "$pbkdf2x$1000$" + someSalt + "$" + someHash, "$pbkdf2-sha256$0$" + someSalt + "$" + someHash,
		"$pbkdf2-sha256$i=1000,l=32$" + someSalt + "$" + someHash, "$pbkdf2-sha256$i=1000,k=16$" + someSalt + "$" + someHash, "$pbkdf2-sha256$+1000$" + someSalt + "$" + someHash,
		"$pbkdf2-sha256$1000$" + someSalt, "pbkdf2:", "pbkdf2:sha256$salt$" + someHex, "pbkdf2:sha256:1000$salt", "pbkdf2:md5:1000$salt$" + someHex, "pbkdf2:sha256:1000$salt$xyz",
		"pbkdf2_sha256$1000$salt", "pbkdf2_sha256$1000$salt$****", "pbkdf2_$1000$salt$AAAAAAAAAAAAAAAAAAAAAA==",
		"argon2$argon2i", "argon2$argon2d$v=19$m=8,t=1,p=1$" + someSalt + "$" + someHash, "$argon2i$v=19$m=8,t=1,p=1$" + someSalt,
		"md5$salt$0123456789abcdef0123456789abcdef", "5f4dcc3b5aa765d61d8327deb882cf99", "$6$salt$hash", "{SSHA}AAAA", "sha256:1000$a$b", strings.Repeat("1", maxHash+1)}
	for _, hash := range bad {
		if right, err := Matches(oauth.NewSecret("right"), hash); !errors.Is(err, ErrFormat) || right {
			t.Errorf("%q: %v, %v, want ErrFormat", hash, right, err)
		}
	}
}

// What is said of a hash that is refused goes to logs and reports.
func TestReasonsTellNothingOfTheHash(t *testing.T) {
	for _, hash := range []string{"plain password", "a-plain-password", "pbkdf2_secretword$1$salt$x", "pbkdf2:secretword:1$salt$" + someHex} {
		if err := Check(hash); err == nil || strings.Contains(err.Error(), "plain") || strings.Contains(err.Error(), "secretword") {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, v := range vectors() {
		f.Add(v.hash)
	}
	f.Add("")
	f.Fuzz(func(t *testing.T, hash string) {
		if err := Check(hash); err != nil && !errors.Is(err, ErrFormat) {
			t.Fatalf("%q: %v", hash, err)
		}
	})
}
