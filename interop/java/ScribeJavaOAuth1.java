import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.scribejava.core.builder.ServiceBuilder;
import com.github.scribejava.core.builder.ServiceBuilderOAuth10a;
import com.github.scribejava.core.builder.api.DefaultApi10a;
import com.github.scribejava.core.builder.api.OAuth1SignatureType;
import com.github.scribejava.core.exceptions.OAuthException;
import com.github.scribejava.core.model.OAuth1AccessToken;
import com.github.scribejava.core.model.OAuth1RequestToken;
import com.github.scribejava.core.model.OAuthRequest;
import com.github.scribejava.core.model.Response;
import com.github.scribejava.core.model.Verb;
import com.github.scribejava.core.oauth.OAuth10aService;
import com.github.scribejava.core.services.HMACSha1SignatureService;
import com.github.scribejava.core.services.PlaintextSignatureService;
import com.github.scribejava.core.services.RSASha1SignatureService;
import com.github.scribejava.core.services.SignatureService;

/** ScribeJava, OAuth 1.0a: three-legged, signed calls, refusals, and the way to OAuth 2. */
final class ScribeJavaOAuth1 {
    private static final String OUT_OF_BAND = "oob";
    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    /** Where the endpoints are, and how to sign. */
    private static final class Gatehouse extends DefaultApi10a {
        private final String url;
        private final SignatureService signatures;
        private final OAuth1SignatureType place;

        Gatehouse(String url, SignatureService signatures, OAuth1SignatureType place) {
            this.url = url;
            this.signatures = signatures;
            this.place = place;
        }

        @Override
        public String getRequestTokenEndpoint() {
            return url + "/oauth/request_token";
        }

        @Override
        public String getAccessTokenEndpoint() {
            return url + "/oauth/access_token";
        }

        @Override
        protected String getAuthorizationBaseUrl() {
            return url + "/oauth/authorize";
        }

        @Override
        public SignatureService getSignatureService() {
            return signatures;
        }

        @Override
        public OAuth1SignatureType getSignatureType() {
            return place;
        }
    }

    private final Setup setup = new Setup();

    private ScribeJavaOAuth1() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        new ScribeJavaOAuth1().run();
    }

    private void run() throws Exception {
        SignatureService hmac = new HMACSha1SignatureService();
        SignatureService rsa = new RSASha1SignatureService(Setup.testKey());
        SignatureService plain = new PlaintextSignatureService();
        OAuth1SignatureType header = OAuth1SignatureType.HEADER;
        OAuth1SignatureType query = OAuth1SignatureType.QUERY_STRING;
        flow("mobile", hmac, header, Setup.CALLBACK, setup.alice);
        flow("hard & fast/1", hmac, query, Setup.HARD_CALLBACK, setup.hard);
        flow("mobile", hmac, header, OUT_OF_BAND, setup.hard);
        flow("rsa", rsa, header, Setup.LOOPBACK, setup.alice);
        flow("rsa", rsa, query, OUT_OF_BAND, setup.hard);
        flow("plaintext", plain, header, Setup.CALLBACK, setup.alice);
        refusals(new Report("ScribeJava: OAuth 1.0 refused"));
        exchange(new Report("ScribeJava: from OAuth 1.0 to 2"));
    }

    private OAuth10aService service(String client, SignatureService signatures, OAuth1SignatureType place, String callback) {
        ServiceBuilderOAuth10a builder = new ServiceBuilder(client);
        String secret = setup.secret(client);
        if (secret != null) {
            builder.apiSecret(secret);
        }
        builder.callback(callback);
        return builder.build(new Gatehouse(setup.url, signatures, place));
    }

    private OAuth10aService mobile(String callback) {
        return service("mobile", new HMACSha1SignatureService(), OAuth1SignatureType.HEADER, callback);
    }

    private void flow(String client, SignatureService signatures, OAuth1SignatureType place, String callback,
            Setup.User user) throws Exception {
        Report report = new Report("ScribeJava: three-legged, %s in the %s to %s"
                .formatted(signatures.getSignatureMethod(), place, callback));
        try (OAuth10aService service = service(client, signatures, place, callback)) {
            OAuth1RequestToken temporary = service.getRequestToken();
            String came = Person.answer(setup, service.getAuthorizationUrl(temporary), user, "allow");
            String verifier = came;
            if (!callback.equals(OUT_OF_BAND)) {
                report.equal("the browser comes back to the callback", came.startsWith(callback), true);
                report.equal("oauth_token", Person.parameter(came, "oauth_token"), temporary.getToken());
                verifier = Person.parameter(came, "oauth_verifier");
            }
            OAuth1AccessToken token = service.getAccessToken(temporary, verifier);
            report.equal("GET /oauth/session", who(call(service, token, Verb.GET, "/oauth/session")),
                    who(client, user, "oauth1"));
            report.equal("the verifier again", refused(service, temporary, verifier), true);
            report.equal("POST /oauth/revoke", call(service, token, Verb.POST, "/oauth/revoke").getCode(), 200);
            report.equal("call after revocation", call(service, token, Verb.GET, "/oauth/session").getCode(), 401);
        }
    }

    private Response call(OAuth10aService service, OAuth1AccessToken token, Verb verb, String path) throws Exception {
        OAuthRequest request = new OAuthRequest(verb, setup.url + path);
        service.signRequest(token, request);
        return service.execute(request);
    }

    static String who(Response response) throws Exception {
        JsonNode session = new ObjectMapper().readTree(response.getBody());
        return "%s, %s, %s, %s".formatted(session.path("client").asText(), session.path("user_name").asText(),
                session.path("scope").asText(), session.path("protocol").asText());
    }

    static String who(String client, Setup.User user, String protocol) {
        return "%s, %s, read write, %s".formatted(client, user.name(), protocol);
    }

    /** Whether the library finds no token in the answer. */
    private static boolean refused(OAuth10aService service, OAuth1RequestToken temporary, String verifier) {
        return Report.refusal(() -> service.getAccessToken(temporary, verifier)) instanceof OAuthException;
    }

    private void refusals(Report report) throws Exception {
        try (OAuth10aService service = mobile(Setup.CALLBACK); OAuth10aService evil = mobile("https://evil.example/cb")) {
            OAuth1RequestToken temporary = service.getRequestToken();
            String came = Person.answer(setup, service.getAuthorizationUrl(temporary), setup.alice, "deny");
            report.equal("denied: oauth_problem", Person.parameter(came, "oauth_problem"), "user_refused");
            report.equal("denied: no verifier", Person.parameter(came, "oauth_verifier"), null);
            report.equal("denied: a made-up verifier", refused(service, temporary, "gthv_junk"), true);
            boolean unknown = Report.refusal(evil::getRequestToken) instanceof OAuthException;
            report.equal("callback that is not registered", unknown, true);
        }
    }

    private void exchange(Report report) throws Exception {
        try (OAuth10aService service = mobile(OUT_OF_BAND)) {
            OAuth1RequestToken temporary = service.getRequestToken();
            String verifier = Person.answer(setup, service.getAuthorizationUrl(temporary), setup.hard, "allow");
            OAuth1AccessToken token = service.getAccessToken(temporary, verifier);
            OAuthRequest request = new OAuthRequest(Verb.POST, setup.url + "/oauth/token");
            request.addBodyParameter("grant_type", TOKEN_EXCHANGE);
            request.addBodyParameter("client_id", "public");
            service.signRequest(token, request);
            JsonNode tokens = new ObjectMapper().readTree(service.execute(request).getBody());
            OAuthRequest call = new OAuthRequest(Verb.GET, setup.url + "/oauth/session");
            call.addHeader("Authorization", "Bearer " + tokens.path("access_token").asText());
            report.equal("call as the linked client", who(service.execute(call)), who("public", setup.hard, "oauth2"));
            report.equal("the old token works on", call(service, token, Verb.GET, "/oauth/session").getCode(), 200);
        }
    }
}
