import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** What the Java programs share: where the server is and who is registered there. */
final class Setup {
    record User(String name, String password) {}

    static final String CALLBACK = "https://client.example/cb";
    static final String HARD_CALLBACK = "https://client.example/cb?to=a%20b%2Bc&x=";
    static final String LOOPBACK = "http://127.0.0.1:54321/callback";

    final String url = System.getenv("GATEHOUSE_URL");
    final User alice;
    final User hard;
    private final JsonNode seed;

    Setup() throws IOException {
        seed = new ObjectMapper().readTree(new File(System.getenv("GATEHOUSE_SEED")));
        alice = user(0);
        hard = user(1);
    }

    private User user(int index) {
        JsonNode user = seed.get("users").get(index);
        return new User(user.get("name").asText(), user.get("password").asText());
    }

    /** The secret of a client, or null where it has none. */
    String secret(String client) {
        for (JsonNode known : seed.get("clients")) {
            if (known.get("id").asText().equals(client)) {
                return known.path("secret").asText(null);
            }
        }
        throw new IllegalArgumentException(client);
    }

    /** The private key of the client called rsa. */
    static PrivateKey testKey() throws IOException, GeneralSecurityException {
        String text = Files.readString(Path.of(System.getenv("GATEHOUSE_TEST_KEY")));
        byte[] key = Base64.getMimeDecoder().decode(text.replaceAll("(?s).*-----BEGIN PRIVATE KEY-----|-----END.*", ""));
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key));
    }
}
