import com.github.scribejava.core.builder.ServiceBuilder;
import com.github.scribejava.core.builder.ServiceBuilderOAuth20;
import com.github.scribejava.core.builder.api.DefaultApi20;
import com.github.scribejava.core.model.OAuth2AccessToken;
import com.github.scribejava.core.model.OAuth2AccessTokenErrorResponse;
import com.github.scribejava.core.model.OAuth2Authorization;
import com.github.scribejava.core.model.OAuthRequest;
import com.github.scribejava.core.model.Response;
import com.github.scribejava.core.model.Verb;
import com.github.scribejava.core.oauth.AccessTokenRequestParams;
import com.github.scribejava.core.oauth.AuthorizationUrlBuilder;
import com.github.scribejava.core.oauth.OAuth20Service;
import com.github.scribejava.core.oauth2.OAuth2Error;
import com.github.scribejava.core.oauth2.clientauthentication.ClientAuthentication;
import com.github.scribejava.core.oauth2.clientauthentication.HttpBasicAuthenticationScheme;
import com.github.scribejava.core.oauth2.clientauthentication.RequestBodyAuthenticationScheme;

/**
 * ScribeJava, OAuth 2: code with PKCE, refresh, revocation, password, a client's
 * own tokens. It leaves state, iss and error of the redirect to this program.
 */
final class ScribeJavaOAuth2 {
    private static final String STATE = "state & more";

    /** Where the endpoints are, and how the client shows who it is. */
    private static final class Gatehouse extends DefaultApi20 {
        private final String url;
        private final ClientAuthentication authentication;

        Gatehouse(String url, ClientAuthentication authentication) {
            this.url = url;
            this.authentication = authentication;
        }

        @Override
        public String getAccessTokenEndpoint() {
            return url + "/oauth/token";
        }

        @Override
        public String getRevokeTokenEndpoint() {
            return url + "/oauth/revoke";
        }

        @Override
        protected String getAuthorizationBaseUrl() {
            return url + "/oauth/authorize";
        }

        @Override
        public ClientAuthentication getClientAuthentication() {
            return authentication;
        }
    }

    private final Setup setup = new Setup();
    private final ClientAuthentication basic = HttpBasicAuthenticationScheme.instance();
    private final ClientAuthentication post = RequestBodyAuthenticationScheme.instance();

    private ScribeJavaOAuth2() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        new ScribeJavaOAuth2().run();
    }

    private void run() throws Exception {
        code("client_secret_basic", service("mobile", basic, Setup.CALLBACK), setup.alice);
        code("client_secret_post, hard characters", service("hard & fast/1", post, Setup.HARD_CALLBACK), setup.hard);
        code("public client, loopback", service("public", post, Setup.LOOPBACK), setup.hard);
        refusals(new Report("ScribeJava: code refused"));
        otherGrants(new Report("ScribeJava: OAuth 2"));
    }

    private OAuth20Service service(String client, ClientAuthentication authentication, String redirect) {
        ServiceBuilderOAuth20 builder = new ServiceBuilder(client).defaultScope("read write");
        String secret = setup.secret(client);
        if (secret != null) {
            builder.apiSecret(secret);
        }
        builder.callback(redirect);
        return builder.build(new Gatehouse(setup.url, authentication));
    }

    private void code(String how, OAuth20Service service, Setup.User user) throws Exception {
        Report report = new Report("ScribeJava: code, " + how);
        try (service) {
            AuthorizationUrlBuilder asked = service.createAuthorizationUrlBuilder().state(STATE).initPKCE();
            String came = Person.answer(setup, asked.build(), user, "allow");
            OAuth2Authorization authorization = service.extractAuthorization(came);
            report.equal("the browser comes back to the redirect URI", came.startsWith(service.getCallback()), true);
            report.equal("state", authorization.getState(), STATE);
            report.equal("iss", Person.parameter(came, "iss"), setup.url);
            AccessTokenRequestParams redeem = AccessTokenRequestParams.create(authorization.getCode())
                    .pkceCodeVerifier(asked.getPkce().getCodeVerifier());
            OAuth2AccessToken token = service.getAccessToken(redeem);
            report.equal("GET /oauth/session", ScribeJavaOAuth1.who(call(service, token)),
                    ScribeJavaOAuth1.who(service.getApiKey(), user, "oauth2"));

            OAuth2AccessToken renewed = service.refreshAccessToken(token.getRefreshToken());
            report.equal("refresh", renewed.getAccessToken().equals(token.getAccessToken()), false);
            report.equal("call with the new token", call(service, renewed).getCode(), 200);
            report.equal("the code again", error(() -> service.getAccessToken(redeem)), OAuth2Error.INVALID_GRANT);
            report.equal("ends what it made", call(service, renewed).getCode(), 401);
        }
    }

    private Response call(OAuth20Service service, OAuth2AccessToken token) throws Exception {
        OAuthRequest request = new OAuthRequest(Verb.GET, setup.url + "/oauth/session");
        service.signRequest(token, request);
        return service.execute(request);
    }

    /** The error as the library reports it, or null. */
    private static OAuth2Error error(Report.Attempt attempt) {
        return Report.refusal(attempt) instanceof OAuth2AccessTokenErrorResponse refused ? refused.getError() : null;
    }

    private void refusals(Report report) throws Exception {
        try (OAuth20Service service = service("public", post, Setup.LOOPBACK)) {
            AuthorizationUrlBuilder asked = service.createAuthorizationUrlBuilder().state(STATE).initPKCE();
            String came = Person.answer(setup, asked.build(), setup.alice, "deny");
            report.equal("denied", Person.parameter(came, "error"), "access_denied");
            report.equal("denied: no code", service.extractAuthorization(came).getCode(), null);
            report.equal("denied: state", service.extractAuthorization(came).getState(), STATE);

            came = Person.answer(setup, asked.build(), setup.alice, "allow");
            String code = service.extractAuthorization(came).getCode();
            String other = service.createAuthorizationUrlBuilder().initPKCE().getPkce().getCodeVerifier();
            report.equal("code_verifier of another request", error(() -> service.getAccessToken(
                    AccessTokenRequestParams.create(code).pkceCodeVerifier(other))), OAuth2Error.INVALID_GRANT);
            report.equal("no code_verifier", error(() -> service.getAccessToken(code)), OAuth2Error.INVALID_GRANT);
        }
    }

    private void otherGrants(Report report) throws Exception {
        try (OAuth20Service service = service("mobile", basic, Setup.CALLBACK)) {
            OAuth2AccessToken token = service.getAccessTokenPasswordGrant(setup.hard.name(), setup.hard.password());
            report.equal("password grant", ScribeJavaOAuth1.who(call(service, token)),
                    ScribeJavaOAuth1.who("mobile", setup.hard, "oauth2"));
            service.revokeToken(token.getAccessToken());
            report.equal("call after revokeToken", call(service, token).getCode(), 401);
            report.equal("refresh after revokeToken", error(() -> service.refreshAccessToken(token.getRefreshToken())),
                    OAuth2Error.INVALID_GRANT);
            report.equal("client_credentials", service.getAccessTokenClientCredentialsGrant("read").getScope(), "read");
        }
    }
}
