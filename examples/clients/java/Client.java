import com.github.scribejava.core.builder.ServiceBuilder;
import com.github.scribejava.core.builder.api.DefaultApi20;
import com.github.scribejava.core.model.OAuth2AccessToken;
import com.github.scribejava.core.model.OAuthRequest;
import com.github.scribejava.core.model.Response;
import com.github.scribejava.core.model.Verb;
import com.github.scribejava.core.oauth.OAuth20Service;

/**
 * A program that signs a user in by password, calls the API, refreshes and signs out.
 * It needs com.github.scribejava:scribejava-core, which runs on Android as well.
 */
final class Client {
    /** Where Gatehouse's endpoints are. The client shows its secret by HTTP Basic. */
    private static final class Gatehouse extends DefaultApi20 {
        @Override
        public String getAccessTokenEndpoint() {
            return URL + "/oauth/token";
        }

        @Override
        public String getRevokeTokenEndpoint() {
            return URL + "/oauth/revoke";
        }

        @Override
        protected String getAuthorizationBaseUrl() {
            return URL + "/oauth/authorize";
        }
    }

    private static final String URL = System.getenv("GATEHOUSE_URL");

    private final OAuth20Service service = new ServiceBuilder(System.getenv("GATEHOUSE_CLIENT"))
            .apiSecret(System.getenv("GATEHOUSE_SECRET")).build(new Gatehouse());
    private volatile OAuth2AccessToken tokens; // store them where only this app can read them

    /** Throws OAuth2AccessTokenErrorResponse, with INVALID_GRANT for a wrong name or password. */
    private void signIn(String name, String password) throws Exception {
        tokens = service.getAccessTokenPasswordGrant(name, password);
    }

    /** Sends a request with the token, and once more where a refresh helps. */
    private Response call(Verb method, String path) throws Exception {
        Response answer = send(method, path);
        if (answer.getCode() != 401) {
            return answer;
        }
        answer.close();
        refresh();
        return send(method, path);
    }

    private Response send(Verb method, String path) throws Exception {
        OAuthRequest request = new OAuthRequest(method, URL + path);
        service.signRequest(tokens, request);
        return service.execute(request);
    }

    /** Each refresh token works once, so that no two threads may have the same. */
    private synchronized void refresh() throws Exception {
        tokens = service.refreshAccessToken(tokens.getRefreshToken());
    }

    public static void main(String[] arguments) throws Exception {
        Client client = new Client();
        client.signIn(System.getenv("GATEHOUSE_USER"), System.getenv("GATEHOUSE_PASSWORD"));
        System.out.println("signed in: " + client.call(Verb.GET, "/oauth/session").getBody());
        client.tokens = new OAuth2AccessToken("run out", "Bearer", 0, client.tokens.getRefreshToken(), null, null);
        System.out.println("refreshed: " + client.call(Verb.GET, "/oauth/session").getBody());
        client.service.revokeToken(client.tokens.getRefreshToken());
        System.out.println("signed out: " + client.send(Verb.GET, "/oauth/session").getCode());
    }
}
