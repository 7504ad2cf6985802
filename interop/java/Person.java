import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jsoup.Connection;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;

/**
 * The person at a browser: an HTTP client with cookies that reads the server's
 * pages, fills in their forms and presses their buttons.
 */
final class Person {
    private final String server;
    // API Gateway calls an answer without a body JSON, redirects too.
    private final Connection browser =
            Jsoup.newSession().followRedirects(false).ignoreHttpErrors(true).ignoreContentType(true);

    private Person(String server) {
        this.server = server;
    }

    /**
     * Opens address, signs in and presses button, "allow" or "deny". Returns
     * where the server then sends the browser, which does not go there; or the
     * verifier that the page shows instead.
     */
    static String answer(Setup setup, String address, Setup.User user, String button) throws IOException {
        Person person = new Person(setup.url);
        Connection.Response page = person.visit(person.browser.newRequest(address));
        FormElement form = form(page);
        form.selectFirst("input[name=username]").val(user.name());
        form.selectFirst("input[name=password]").val(user.password());
        page = person.press(form, "sign-in");
        page = person.press(form(page), button);
        return page.hasHeader("Location") ? page.header("Location") : page.parse().getElementById("verifier").text();
    }

    private static FormElement form(Connection.Response page) throws IOException {
        return page.parse().expectForm("form");
    }

    private Connection.Response press(FormElement form, String button) throws IOException {
        Element pressed = form.expectFirst("button[name=action][value=" + button + "]");
        Connection sent = browser.newRequest(form.absUrl("action")).method(Connection.Method.POST);
        return visit(sent.data(form.formData()).data(pressed.attr("name"), pressed.attr("value")));
    }

    /** Follows redirects as long as they stay on the server. */
    private Connection.Response visit(Connection request) throws IOException {
        Connection.Response page = request.execute();
        while (page.hasHeader("Location")) {
            String next = URI.create(page.url().toString()).resolve(page.header("Location")).toString();
            if (!next.startsWith(server + "/")) {
                break;
            }
            page = browser.newRequest(next).execute();
        }
        return page;
    }

    /** A parameter of a redirect's query, or null. */
    static String parameter(String address, String name) {
        for (String pair : URI.create(address).getRawQuery().split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        return null;
    }
}
