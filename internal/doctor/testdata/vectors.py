#!/usr/bin/env python3
"""Makes vectors.json: requests that are signed wrongly, and how.

    python3 vectors.py > vectors.json

It shares nothing with the doctor: it signs with the standard library, in the
way that a client's developer would, and makes each mistake by hand.
"""
import base64
import hashlib
import hmac
import json
from urllib.parse import quote, quote_plus

CLIENT, TOKEN = "cl&ent/secret+1", "tok=n secret%2"
NOW = 1500000000
CASES = []


def esc(text):
    return quote(text, safe="~")


def lower(text):
    out, i = esc(text), 0
    while (i := out.find("%", i)) >= 0:
        out = out[:i] + out[i:i + 3].lower() + out[i + 3:]
        i += 3
    return out


def oauth(**more):
    """The protocol parameters of the usual request."""
    params = {"oauth_consumer_key": "mobile", "oauth_token": "tok", "oauth_signature_method": "HMAC-SHA1",
              "oauth_timestamp": str(NOW), "oauth_nonce": "n0nce", "oauth_version": "1.0"}
    params.update(more)
    return [(name, value) for name, value in params.items() if value is not None]


def normal(params, name=esc, value=esc, key=None):
    pairs = sorted([(name(n), value(v)) for n, v in params], key=key)
    return "&".join(n + "=" + v for n, v in pairs)


def text(method, url, params):
    """The base string, done right."""
    return method + "&" + esc(url) + "&" + esc(normal(params))


def key(client=CLIENT, token=TOKEN):
    return esc(client) + "&" + esc(token)


def mac(key, base, hash=hashlib.sha1):
    return base64.b64encode(hmac.new(key.encode("latin-1"), base.encode("latin-1", "replace"), hash).digest()).decode()


def header(params, signature, realm=None, encode=esc):
    pairs = [("realm", realm)] if realm is not None else []
    text = ", ".join('%s="%s"' % p for p in pairs + [(esc(n), encode(v)) for n, v in params])
    return "Authorization: OAuth " + text + ', oauth_signature="' + esc(signature) + '"'


def http(method, target, *headers, body="", host="api.example.com"):
    lines = [method + " " + target + " HTTP/1.1", "Host: " + host] + list(headers)
    if body:
        lines.append("Content-Length: " + str(len(body.encode())))
    return "\r\n".join(lines) + "\r\n\r\n" + body


def add(name, want, request, **more):
    case = {"name": name, "want": want.split(), "http": request, "client_secret": CLIENT, "token_secret": TOKEN}
    case.update(more)
    CASES.append(case)


URL, PATH = "https://api.example.com/prod/notes", "/prod/notes"
QUERY = [("b", "2"), ("a", "hello world"), ("c", "x+y/z"), ("a", "first"), ("e", "")]
TARGET = PATH + "?b=2&a=hello%20world&c=x%2By%2Fz&a=first&e="
FORM_TYPE = "Content-Type: application/x-www-form-urlencoded"


def usual(name, want, base=None, k=None, signature=None, params=None, target=TARGET, method="GET", **more):
    """A request with a query, its parameters in the header."""
    params = params or oauth()
    if signature is None:
        signature = mac(k if k is not None else key(), base if base is not None else text(method, URL, params + QUERY))
    add(name, want, http(method, target, header(params, signature)), **more)


def form(name, want, base, body, params=None, k=None, mediatype=FORM_TYPE, target=PATH, **more):
    params = params or oauth()
    add(name, want, http("POST", target, header(params, mac(k or key(), base)), mediatype, body=body), **more)


# Right ones.

usual("right: header", "")
usual("right: SHA-256", "", params=(p := oauth(oauth_signature_method="HMAC-SHA256")),
      signature=mac(key(), text("GET", URL, p + QUERY), hashlib.sha256))
usual("right: SHA-512", "", params=(p := oauth(oauth_signature_method="HMAC-SHA512")),
      signature=mac(key(), text("GET", URL, p + QUERY), hashlib.sha512))
usual("right: without a version", "", params=oauth(oauth_version=None))
usual("right: PLAINTEXT", "", params=oauth(oauth_signature_method="PLAINTEXT"), signature=key())
usual("right: no token", "", params=(p := oauth(oauth_token=None)), k=key(token=""))
form("right: form", "", text("POST", URL, oauth() + [("status", "é ☃ +"), ("status", ""), ("x", "1")]),
     "status=%C3%A9+%E2%98%83+%2B&status=&x=1")
form("right: form and query", "", text("POST", URL, oauth() + [("q", "1"), ("s", "2")]), "s=2", target=PATH + "?q=1")
form("right: JSON body", "", text("POST", URL, oauth()), '{"a":1}', mediatype="Content-Type: application/json")
p = oauth()
s = mac(key(), text("GET", URL, p + [("q", "☃")]))
add("right: parameters in the query", "", http("GET", PATH + "?q=%E2%98%83&" + "&".join(esc(n) + "=" + esc(v) for n, v in p + [("oauth_signature", s)])))
s = mac(key(), text("POST", URL, p + [("q", "a b")]))
add("right: parameters in the form", "", http("POST", PATH, FORM_TYPE, body="q=a+b&" + "&".join(esc(n) + "=" + esc(v) for n, v in p + [("oauth_signature", s)])))
p = oauth(oauth_token=None)
x = [("x_auth_mode", "client_auth"), ("x_auth_username", "alice"), ("x_auth_password", "pass w&rd")]
form("right: xAuth", "", text("POST", URL, p + x), "x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=pass+w%26rd", params=p, k=key(token=""))

# The address.

P = oauth() + QUERY
usual("http for https", "scheme", text("GET", "http://api.example.com/prod/notes", P))
usual("https for http", "scheme", text("GET", URL, P), server="http://api.example.com")
usual("the scheme's own port", "port_added", text("GET", "https://api.example.com:443/prod/notes", P))
usual("the port behind the proxy", "port_added", text("GET", "https://api.example.com:8080/prod/notes", P))
add("a port left out", "port_left_out", http("GET", TARGET, header(oauth(), mac(key(), text("GET", URL, P))), host="api.example.com:8443"))
add("capitals in the host", "host_case", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "https://API.Example.com/prod/notes", P))), host="API.Example.com"))
usual("capitals in the host, of which nobody tells", "host_case", text("GET", "https://API.EXAMPLE.COM/prod/notes", P))
add("the host that the proxy sends", "host", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "https://internal.local/prod/notes", P))), host="internal.local"),
    server="https://api.example.com")
add("the forwarded host", "host", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "https://www2.example.org/prod/notes", P))), "X-Forwarded-Host: www2.example.org"))
usual("www.", "host", text("GET", "https://www.api.example.com/prod/notes", P))
add("localhost for 127.0.0.1", "host", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "http://localhost:8080/prod/notes", P))), host="127.0.0.1:8080"))
add("the address of API Gateway", "address", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "https://a1b2.execute-api.eu-west-1.amazonaws.com/prod/notes", P))),
    host="a1b2.execute-api.eu-west-1.amazonaws.com"), server="https://api.example.com/v1")
usual("the server on the laptop", "address", text("GET", "http://localhost:3000/prod/notes", P))
usual("the server on the laptop, without the stage", "address", text("GET", "http://127.0.0.1:8080/notes", P))
add("another port of the laptop", "host", http("GET", TARGET, header(oauth(), mac(key(), text("GET", "http://localhost:3000/prod/notes", P))), host="localhost:8080"))

# The path.

usual("stage left out", "path_prefix_left_out", text("GET", "https://api.example.com/notes", P), server="https://api.example.com/prod")
usual("stage left out, of which nobody tells", "path_prefix_left_out", text("GET", "https://api.example.com/notes", P))
add("stage added", "path_prefix_added", http("GET", "/notes", header(oauth(), mac(key(), text("GET", URL, oauth())))))
usual("slash added", "path_slash_added", text("GET", URL + "/", P))
add("slash left out", "path_slash_left_out", http("GET", PATH + "/", header(oauth(), mac(key(), text("GET", URL, oauth())))))
add("no slash at the root", "path_slash_left_out", http("GET", "/", header(oauth(), mac(key(), text("GET", "https://api.example.com", oauth())))))
usual("slash doubled", "path_slash_doubled", text("GET", "https://api.example.com//prod/notes", P))
for name, want, sent, signed in [
        ("path not escaped", "path_not_escaped", "/a%20b/%C3%A9", "/a b/é"),
        ("path escaped twice", "path_escaped_twice", "/a%20b", "/a%2520b"),
        ("escapes of the path in lower case", "path_escapes_case", "/a%2Fb", "/a%2fb"),
        ("more of the path escaped", "path_encoding", "/a(b):c", "/a%28b%29%3Ac"),
        ("less of the path escaped", "path_encoding", "/a%28b%29%20c", "/a(b)%20c"),
        ("+ for a space in the path", "path_plus", "/a%20b", "/a+b"),
        ("path in lower case", "path_case", "/Notes", "/notes"),
        ("slashes collapsed", "path_slash_collapsed", "/a//b", "/a/b")]:
    base = "GET&" + esc("https://api.example.com" + signed) + "&" + esc(normal(oauth()))
    add(name, want, http("GET", sent, header(oauth(), mac(key(), base))))
usual("query in the URL", "query_in_url", text("GET", URL + "?b=2&a=hello%20world&c=x%2By%2Fz&a=first&e=", P))
usual("query in the URL only", "query_only_in_url", text("GET", URL + "?b=2&a=hello%20world&c=x%2By%2Fz&a=first&e=", oauth()))

# Encoding.

usual("values not escaped", "values_not_escaped", "GET&" + esc(URL) + "&" + esc(normal(P, value=str)))
add("names not escaped", "names_not_escaped", http("GET", PATH + "?ids%5B%5D=1%2F2", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("ids[]", "1/2")], name=str))))))
usual("values escaped twice", "values_escaped_twice", text("GET", URL, oauth() + [(n, esc(v)) for n, v in QUERY]))
usual("+ for a space", "space_as_plus", "GET&" + esc(URL) + "&" + esc(normal(P, quote_plus, quote_plus)))
STAR = [("q", "a b*~")]
add("encoded as a form", "form_encoder", http("GET", PATH + "?q=a%20b%2A~", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + STAR, value=lambda v: quote_plus(v, safe="*").replace("~", "%7E")))))))
add("encodeURIComponent", "marks_not_escaped", http("GET", PATH + "?q=it%27s%20%28ok%29%21", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("q", "it's (ok)!")], value=lambda v: quote(v, safe="~!'()*")))))))
usual("slashes of the URL not escaped", "slash_not_escaped", "GET&" + quote(URL, safe="~/") + "&" + esc(normal(P)))
add("only a slash, and it is not escaped", "slash_not_escaped", http("GET", PATH + "?q=a%2Fb", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("q", "a/b")], value=str))))))
usual("slashes of values not escaped", "slash_not_escaped", "GET&" + esc(URL) + "&" + esc(normal(P, value=lambda v: quote(v, safe="~/"))))
add("~ escaped", "tilde_escaped", http("GET", PATH + "?q=~me", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("q", "~me")], value=lambda v: esc(v).replace("~", "%7E")))))))
usual("lower case", "escapes_lower_case", "GET&" + lower(URL) + "&" + lower(normal(P, value=lower)))
add("Latin-1", "not_utf8", http("GET", PATH + "?q=caf%C3%A9", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("q", "café")], value=lambda v: quote(v, safe="~", encoding="latin-1")))))))
usual("parameters not escaped again", "parameters_not_escaped_again", "GET&" + esc(URL) + "&" + normal(P))
usual("URL not escaped", "url_not_escaped", "GET&" + URL + "&" + esc(normal(P)))
usual("nothing escaped", "base_string_not_escaped", "GET&" + URL + "&" + normal(P))
usual("URL without its host", "url_relative", text("GET", PATH, P))

# Which parameters.

usual("query left out", "query_left_out", text("GET", URL, oauth()))
form("form left out", "form_left_out", text("POST", URL, oauth()), "a=1&b=2")
form("xAuth left out", "xauth_left_out", text("POST", URL, oauth(oauth_token=None) + [("extra", "1")]),
     "x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=pass+word&extra=1", params=oauth(oauth_token=None), k=key(token=""))
usual("empty value left out", "empty_left_out", text("GET", URL, oauth() + QUERY[:-1]))
usual("duplicates left out", "duplicates_left_out", text("GET", URL, oauth() + [p for p in QUERY if p[1] != "first"]))
usual("no equals sign", "equals_left_out", "GET&" + esc(URL) + "&" + esc(normal(P).replace("&e=&", "&e&")))
usual("version left out", "parameter_left_out", text("GET", URL, oauth(oauth_version=None) + QUERY), params=oauth())
usual("one parameter left out", "parameter_left_out", text("GET", URL, oauth() + [p for p in QUERY if p[0] != "c"]))
usual("oauth_signature signed", "signature_signed", text("GET", URL, P + [("oauth_signature", "")]))
usual("signed twice", "signature_signed", text("GET", URL, P + [("oauth_signature", mac(key(), text("GET", URL, P)))]))
add("realm signed", "realm_signed", http("GET", PATH, header(oauth(), mac(key(), text("GET", URL, oauth() + [("realm", "Notes")])), realm="Notes")))
usual("version signed and not sent", "version_signed", text("GET", URL, P), params=oauth(oauth_version=None))
usual("empty token signed", "token_signed", text("GET", URL, oauth(oauth_token="") + QUERY), params=oauth(oauth_token=None), k=key(token=""))
form("no type of form", "form_type_absent", text("POST", URL, oauth() + [("a", "1")]), "a=1", mediatype="Content-Type: text/plain")
form("JSON signed", "body_signed", text("POST", URL, oauth() + [('{"password":"hunter22"}', "")]), '{"password":"hunter22"}', mediatype="Content-Type: application/json")

# What arrives is not what was signed.

add("query escaped twice when sent", "sent_escaped_twice", http("GET", PATH + "?q=a%2520b", header(oauth(), mac(key(), text("GET", URL, oauth() + [("q", "a b")])))))
p = oauth(oauth_callback="https://app.example.com/cb?x=1", oauth_token=None)
add("callback escaped twice when sent", "sent_escaped_twice", http("POST", PATH, header(p, mac(key(token=""), text("POST", URL, p)), encode=lambda v: esc(esc(v)))))
add("plus sign sent as it is", "plus_not_escaped", http("GET", PATH + "?q=a+b", header(oauth(), mac(key(), text("GET", URL, oauth() + [("q", "a+b")])))))
add("plus sign signed as a space", "plus_as_space", http("GET", PATH + "?q=a%2Bb", header(oauth(), mac(key(), text("GET", URL, oauth() + [("q", "a b")])))))
add("&amp;", "entity", http("GET", PATH + "?q=1&amp;r=2", header(oauth(), mac(key(), text("GET", URL, oauth() + [("q", "1"), ("r", "2")])))))
form("line breaks", "line_breaks", text("POST", URL, oauth() + [("t", "a\nb")]), "t=a%0D%0Ab")
usual("white space cut off", "white_space", text("GET", URL, oauth() + [("q", "a")]), target=PATH + "?q=a%20")
usual("timestamp made twice", "timestamp_made_twice", text("GET", URL, oauth(oauth_timestamp=str(NOW - 1)) + QUERY))

# The order.

usual("as sent", "not_sorted", "GET&" + esc(URL) + "&" + esc("&".join(esc(n) + "=" + esc(v) for n, v in P)))
usual("by name only", "sorted_by_name_only", "GET&" + esc(URL) + "&" + esc("&".join(esc(n) + "=" + esc(v) for n, v in sorted(P, key=lambda p: p[0]))))
add("before encoding", "sorted_before_encoding", http("GET", PATH + "?a=1&%C3%A9=2&z=3", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc("&".join(esc(n) + "=" + esc(v) for n, v in sorted(oauth() + [("a", "1"), ("é", "2"), ("z", "3")])))))))
add("joined", "sorted_as_pairs", http("GET", PATH + "?a=1&a-b=2", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc("&".join(sorted(esc(n) + "=" + esc(v) for n, v in oauth() + [("a", "1"), ("a-b", "2")])))))))
add("without case", "sorted_without_case", http("GET", PATH + "?a=1&B=2&c=3", header(oauth(),
    mac(key(), "GET&" + esc(URL) + "&" + esc(normal(oauth() + [("a", "1"), ("B", "2"), ("c", "3")], key=lambda p: p[0].lower()))))))

# The method.

usual("method in lower case", "method_case", text("get", URL, P))
usual("another method", "method", text("POST", URL, P))

# Secrets.

usual("no ampersand", "ampersand_left_out", k=esc(CLIENT) + esc(TOKEN))
usual("no ampersand without a token", "ampersand_left_out", k=esc(CLIENT), params=oauth(oauth_token=None))
usual("no token secret", "token_secret_left_out", k=key(token=""))
usual("no client secret", "client_secret_left_out", k=key(client=""))
usual("swapped", "secrets_swapped", k=key(TOKEN, CLIENT))
usual("not escaped", "secrets_not_escaped", k=CLIENT + "&" + TOKEN)
usual("secrets escaped twice", "secrets_escaped_twice", k=esc(esc(CLIENT)) + "&" + esc(esc(TOKEN)))
usual("secrets as a form", "secrets_form_encoded", k=quote_plus(CLIENT) + "&" + quote_plus(TOKEN))
usual("ampersand escaped", "ampersand_escaped", k=esc(CLIENT) + "%26" + esc(TOKEN))
usual("token for its secret", "token_for_secret", k=key(token="tok"))
usual("key for its secret", "key_for_secret", k=key(client="mobile"))
usual("line break behind the secret", "secret_white_space", k=key(client=CLIENT + "\n"))
usual("token secret without a token", "token_secret_added", params=oauth(oauth_token=None))
usual("PLAINTEXT not escaped", "secrets_not_escaped", params=oauth(oauth_signature_method="PLAINTEXT"), signature=CLIENT + "&" + TOKEN)
usual("PLAINTEXT without ampersand", "ampersand_left_out", params=oauth(oauth_signature_method="PLAINTEXT"), signature=esc(CLIENT) + esc(TOKEN))
usual("PLAINTEXT swapped", "secrets_swapped", params=oauth(oauth_signature_method="PLAINTEXT"), signature=key(TOKEN, CLIENT))

# The hash, and how the signature is written.

usual("SHA-256 for SHA-1", "hash", signature=mac(key(), text("GET", URL, P), hashlib.sha256))
usual("SHA-1 for SHA-256", "hash", params=(p := oauth(oauth_signature_method="HMAC-SHA256")), signature=mac(key(), text("GET", URL, p + QUERY)))
usual("PLAINTEXT for SHA-1", "plaintext_sent", signature=key())
usual("HMAC the wrong way round", "hmac_swapped", signature=mac(text("GET", URL, P), key()))
raw = base64.b64decode(mac(key(), text("GET", URL, oauth(oauth_nonce="n6") + QUERY)))
assert b"-" in base64.urlsafe_b64encode(raw) or b"_" in base64.urlsafe_b64encode(raw)
usual("base64 of URLs", "signature_base64url", params=oauth(oauth_nonce="n6"), signature=base64.urlsafe_b64encode(raw).decode())
usual("unpadded", "signature_unpadded", signature=mac(key(), text("GET", URL, P)).rstrip("="))
usual("hexadecimal", "signature_hex", signature=base64.b64decode(mac(key(), text("GET", URL, P))).hex())
usual("base64 of hexadecimal", "signature_hex", signature=base64.b64encode(base64.b64decode(mac(key(), text("GET", URL, P))).hex().encode()).decode())
usual("signature escaped twice", "signature_escaped_twice", signature=esc(mac(key(), text("GET", URL, P))))
usual("line break in the signature", "signature_white_space", signature=mac(key(), text("GET", URL, P)) + "\n")
p = oauth(oauth_nonce="n6")
s = mac(key(), text("GET", URL, p))
assert "+" in s, s
add("signature not escaped", "signature_not_escaped", http("GET", PATH + "?" + "&".join(n + "=" + v for n, v in p) + "&oauth_signature=" + s))

# Clock and form.

usual("clock behind", "clock", now=NOW + 3600)
usual("clock ahead", "clock", now=NOW - 301)
usual("milliseconds", "timestamp_unit", params=oauth(oauth_timestamp=str(NOW) + "123"))
usual("no timestamp at all", "timestamp_format", params=oauth(oauth_timestamp="now"))
usual("nonce used", "nonce_used", nonce_seen=True)
usual("unknown client", "client_unknown", unknown=True, client_secret="")
usual("timestamp absent", "parameter_absent", params=oauth(oauth_timestamp=None))
usual("version 1.0a", "version", params=oauth(oauth_version="1.0a"))
usual("method misspelt", "method_spelling", params=oauth(oauth_signature_method="hmac_sha1"))
usual("method unknown", "method_unknown", params=oauth(oauth_signature_method="HMAC-MD5"))
add("two headers", "two_authorization_headers", http("GET", PATH, header(oauth(), "x"), "Authorization: Basic abc"))
add("two places", "two_places", http("GET", PATH + "?oauth_token=tok", header(oauth(), mac(key(), text("GET", URL, oauth() + [("oauth_token", "tok")])))))
add("repeated", "parameter_repeated", http("GET", PATH, header(oauth() + [("oauth_nonce", "n0nce")], mac(key(), text("GET", URL, oauth() + [("oauth_nonce", "n0nce")])))))
add("header not quoted", "header_syntax", http("GET", PATH, "Authorization: OAuth oauth_consumer_key=mobile"))
add("bearer", "not_signed", http("GET", PATH, "Authorization: Bearer abc"))
add("body hash of nothing", "body_hash_empty", http("POST", PATH, header((p := oauth(oauth_body_hash=base64.b64encode(hashlib.sha1(b"").digest()).decode())),
    mac(key(), text("POST", URL, p))), "Content-Type: application/json", body="{}"))
add("body hash in hexadecimal", "body_hash_hex", http("POST", PATH, header((p := oauth(oauth_body_hash=hashlib.sha1(b"{}").hexdigest())),
    mac(key(), text("POST", URL, p))), "Content-Type: application/json", body="{}"))
add("body hash of a form", "body_hash_of_form", http("POST", PATH, header((p := oauth(oauth_body_hash=base64.b64encode(hashlib.sha1(b"a=1").digest()).decode())),
    mac(key(), text("POST", URL, p + [("a", "1")]))), FORM_TYPE, body="a=1"))
usual("junk", "unexplained", signature=base64.b64encode(hashlib.sha1(b"junk").digest()).decode())
usual("junk for PLAINTEXT", "unexplained", params=oauth(oauth_signature_method="PLAINTEXT"), signature="other&secrets")
usual("no signature at all", "unexplained", signature="!")

# Two at a time.

HTTP = URL.replace("https", "http")
usual("http, and a port", "scheme port_added", text("GET", HTTP.replace(".com", ".com:80"), P))
usual("http, and the stage left out", "scheme path_prefix_left_out", text("GET", "http://api.example.com/notes", P))
usual("http, and the query left out", "scheme query_left_out", text("GET", HTTP, oauth()))
usual("http, and secrets not escaped", "scheme secrets_not_escaped", text("GET", HTTP, P), k=CLIENT + "&" + TOKEN)
usual("http, and SHA-256", "scheme hash", signature=mac(key(), text("GET", HTTP, P), hashlib.sha256))
usual("port, and slash", "port_added path_slash_added", text("GET", "https://api.example.com:443/prod/notes/", P))
usual("stage left out, and + for a space", "path_prefix_left_out space_as_plus", "GET&" + esc("https://api.example.com/notes") + "&" + esc(normal(P, quote_plus, quote_plus)))
usual("slash, and lower-case method", "path_slash_added method_case", text("get", URL + "/", P))
usual("query left out, and no ampersand", "query_left_out ampersand_left_out", text("GET", URL, oauth()), k=esc(CLIENT) + esc(TOKEN))
usual("duplicates and empty values left out", "empty_left_out duplicates_left_out", text("GET", URL, oauth() + [p for p in QUERY[:-1] if p[1] != "first"]))
usual("+ for a space, and not sorted", "space_as_plus not_sorted", "GET&" + esc(URL) + "&" + esc("&".join(quote_plus(n) + "=" + quote_plus(v) for n, v in P)))
usual("no token secret, and no ampersand", "ampersand_left_out token_secret_left_out", k=esc(CLIENT))
usual("swapped, and not escaped", "secrets_swapped secrets_not_escaped", k=TOKEN + "&" + CLIENT)
usual("http, and hexadecimal", "scheme signature_hex", signature=base64.b64decode(mac(key(), text("GET", HTTP, P))).hex())
usual("SHA-256, and unpadded", "hash signature_unpadded", signature=mac(key(), text("GET", URL, P), hashlib.sha256).rstrip("="))
usual("oauth_signature signed, and another method", "signature_signed method", text("POST", URL, P + [("oauth_signature", "")]))
form("form left out, and http", "scheme form_left_out", text("POST", HTTP, oauth()), "a=1&b=2")
usual("not escaped again, and lower-case method", "method_case parameters_not_escaped_again", "get&" + esc(URL) + "&" + normal(P))
usual("http, and the clock", "scheme clock", text("GET", HTTP, P), now=NOW + 4000)
usual("query left out, and version 1.0a", "version query_left_out", text("GET", URL, (p := oauth(oauth_version="1.0a"))), params=p)
usual("slash, and a nonce used", "path_slash_added nonce_used", text("GET", URL + "/", P), nonce_seen=True)

# The client's base string.

usual("base string: right", "", base_string=text("GET", URL, P))
usual("base string: http", "scheme", text("GET", HTTP, P), base_string=text("GET", HTTP, P))
usual("base string: http, and no ampersand", "scheme ampersand_left_out", text("GET", HTTP, P), k=esc(CLIENT) + esc(TOKEN), base_string=text("GET", HTTP, P))
usual("base string: three mistakes", "base_method base_url base_parameters", (b := text("POST", "http://elsewhere.example/x", oauth())), base_string=b)
usual("base string: three mistakes and a wrong secret", "base_method base_url base_parameters base_string_other", (b := text("POST", "http://elsewhere.example/x", oauth())),
      k=key("a", "b"), base_string=b)
usual("base string: right, of another signature", "base_string_other", k=key("a", "b"), base_string=text("GET", URL, P))
usual("base string: no base string", "base_syntax", "hello", base_string="hello")
usual("base string: another order", "base_order", (b := "GET&" + esc(URL) + "&" + esc("&".join(reversed(normal(P).split("&"))))), base_string=b)

print(json.dumps(CASES, indent=1, ensure_ascii=True))
