import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResourceOwnerPasswordCredentialsGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Nimbus OAuth 2.0 SDK with DPoP: tokens bound to a key, calls by the authorizer
 * and the reverse proxy, refresh, introspection. It leaves keeping nonces, and
 * sending a request again with one, to this program.
 */
final class NimbusDPoP {
    private final Setup setup = new Setup();
    private final boolean nonces = "true".equals(System.getenv("GATEHOUSE_NONCES"));
    private final ClientAuthentication mobile =
            new ClientSecretBasic(new ClientID("mobile"), new Secret(setup.secret("mobile")));

    /** A client's key, and the nonce that the server gave last. */
    private static final class Key {
        final JWK jwk;
        final DPoPProofFactory proofs;
        Nonce nonce;

        Key(JWK jwk, JWSAlgorithm algorithm) throws Exception {
            this.jwk = jwk;
            this.proofs = new DefaultDPoPProofFactory(jwk, algorithm);
        }

        static Key ofCurve() throws Exception {
            return new Key(new ECKeyGenerator(Curve.P_256).generate(), JWSAlgorithm.ES256);
        }
    }

    private NimbusDPoP() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        HttpServer backend = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("GATEHOUSE_BACKEND"))), 0);
        backend.createContext("/", exchange -> {
            boolean shown = exchange.getRequestHeaders().containsKey("DPoP");
            exchange.sendResponseHeaders(shown ? 500 : 204, -1);
            exchange.close();
        });
        backend.start();
        new NimbusDPoP().run();
        backend.stop(0);
    }

    private void run() throws Exception {
        JWK rsa = new RSAKeyGenerator(2048).generate();
        flow("ES256", Key.ofCurve());
        flow("RS256", new Key(rsa, JWSAlgorithm.RS256));
        flow("PS256", new Key(rsa, JWSAlgorithm.PS256));
    }

    private void flow(String algorithm, Key key) throws Exception {
        Report report = new Report("Nimbus, DPoP" + (nonces ? " with nonces" : "") + ": " + algorithm);
        if (nonces) {
            HTTPResponse first = ask(key, new ClientCredentialsGrant());
            report.equal("without a nonce", TokenResponse.parse(first).toErrorResponse().getErrorObject().getCode(), "use_dpop_nonce");
            key.nonce = first.getDPoPNonce();
        }
        Tokens tokens = tokens(key, new ResourceOwnerPasswordCredentialsGrant(setup.alice.name(), new Secret(setup.alice.password())));
        report.equal("token_type", tokens.getAccessToken().getType().getValue(), "DPoP");
        DPoPAccessToken token = tokens.getDPoPAccessToken();
        report.equal("GET /oauth/session", call(key, "/oauth/session?a=b", token).getBodyAsJSONObject().get("user_name"), setup.alice.name());
        report.equal("through the proxy", call(key, "/api/notes/a%2Fb?x=1", token).getStatusCode(), 204);

        Tokens renewed = tokens(key, new RefreshTokenGrant(tokens.getRefreshToken()));
        report.equal("call with the new token", call(key, "/oauth/session", renewed.getDPoPAccessToken()).getStatusCode(), 200);
        TokenIntrospectionResponse said = TokenIntrospectionResponse.parse(new TokenIntrospectionRequest(
                URI.create(setup.url + "/oauth/introspect"), mobile, renewed.getAccessToken()).toHTTPRequest().send());
        report.equal("cnf of the introspection", said.toSuccessResponse().getJWKThumbprintConfirmation().getValue().toString(),
                key.jwk.computeThumbprint().toString());
        report.equal("client_credentials", tokens(key, new ClientCredentialsGrant()).getAccessToken().getType().getValue(), "DPoP");
        refusals(report, key, renewed);
    }

    private void refusals(Report report, Key key, Tokens tokens) throws Exception {
        HTTPRequest once = proven(key, "/oauth/session", tokens.getDPoPAccessToken());
        report.equal("a proof", once.send().getStatusCode(), 200);
        report.equal("used twice", once.send().getStatusCode(), 401);
        HTTPRequest elsewhere = new HTTPRequest(HTTPRequest.Method.GET, URI.create(setup.url + "/oauth/sessions"));
        elsewhere.setAuthorization(tokens.getDPoPAccessToken().toAuthorizationHeader());
        elsewhere.setDPoP(proven(key, "/oauth/session", tokens.getDPoPAccessToken()).getDPoP());
        report.equal("for another address", elsewhere.send().getStatusCode(), 401);
        HTTPRequest bearer = new HTTPRequest(HTTPRequest.Method.GET, URI.create(setup.url + "/oauth/session"));
        bearer.setAuthorization(new BearerAccessToken(tokens.getAccessToken().getValue()).toAuthorizationHeader());
        report.equal("as a bearer token", bearer.send().getStatusCode(), 401);
        report.equal("which ended the token", call(key, "/oauth/session", tokens.getDPoPAccessToken()).getStatusCode(), 401);
        Key other = Key.ofCurve();
        other.nonce = key.nonce;
        report.equal("refresh with another key", TokenResponse.parse(ask(other, new RefreshTokenGrant(tokens.getRefreshToken())))
                .toErrorResponse().getErrorObject().getCode(), "invalid_grant");
    }

    private HTTPResponse ask(Key key, AuthorizationGrant grant) throws Exception {
        URI endpoint = URI.create(setup.url + "/oauth/token");
        HTTPRequest request = new TokenRequest.Builder(endpoint, mobile, grant).scope(new Scope("read", "write")).build().toHTTPRequest();
        request.setDPoP(key.proofs.createDPoPJWT("POST", endpoint, key.nonce));
        return request.send();
    }

    private Tokens tokens(Key key, AuthorizationGrant grant) throws Exception {
        return TokenResponse.parse(ask(key, grant)).toSuccessResponse().getTokens();
    }

    private HTTPRequest proven(Key key, String path, AccessToken token) throws Exception {
        HTTPRequest request = new HTTPRequest(HTTPRequest.Method.GET, URI.create(setup.url + path));
        request.setAuthorization(token.toAuthorizationHeader());
        request.setDPoP(key.proofs.createDPoPJWT("GET", URI.create(setup.url + path.replaceAll("\\?.*", "")), token, key.nonce));
        return request;
    }

    private HTTPResponse call(Key key, String path, AccessToken token) throws Exception {
        return proven(key, path, token).send();
    }
}
