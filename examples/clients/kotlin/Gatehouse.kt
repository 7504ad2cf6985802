// The session of an Android app, with OkHttp 5 (com.squareup.okhttp3:okhttp). Its calls
// wait for the network: make them in withContext(Dispatchers.IO).

import java.io.IOException
import okhttp3.Authenticator
import okhttp3.FormBody
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response
import okhttp3.Route
import org.json.JSONObject

data class Tokens(val access: String, val refresh: String)

/** Keeps tokens where only this app can read them, such as a file that is encrypted with a key of the Keystore. */
interface TokenStore { var tokens: Tokens? }

class SignInFailed(val code: String, message: String) : IOException(message)

/** An app is a public client, which has no secret: what is shipped in it is known to all. */
class Gatehouse(private val url: String, private val client: String, private val store: TokenStore) {
    private val plain = OkHttpClient()

    /** For requests to your API and to nobody else: it adds the token, and refreshes after a 401. */
    val api: OkHttpClient = plain.newBuilder()
        .addInterceptor { chain -> chain.proceed(authorized(chain.request(), store.tokens)) }
        .authenticator(Authenticator { _: Route?, answer: Response -> retried(answer) })
        .build()

    /** Throws SignInFailed with the code invalid_grant for a wrong name or password, slow_down for too many tries. */
    fun signIn(name: String, password: String) {
        store.tokens = grant(FormBody.Builder().add("grant_type", "password").add("username", name).add("password", password))
    }

    /** Ends the session; without a network it ends on this phone alone. */
    fun signOut() {
        val refresh = store.tokens?.refresh ?: return
        store.tokens = null
        post("/oauth/revoke", FormBody.Builder().add("token", refresh)).close()
    }

    private fun authorized(request: Request, tokens: Tokens?): Request =
        if (tokens == null) request else request.newBuilder().header("Authorization", "Bearer ${tokens.access}").build()

    /** What to send again; null gives up. One thread refreshes, and the others find its token. */
    @Synchronized
    private fun retried(answer: Response): Request? {
        val tokens = store.tokens ?: return null
        if (answer.priorResponse != null) return null // it was tried with a new token
        if (answer.request.header("Authorization") != "Bearer ${tokens.access}") return authorized(answer.request, tokens)
        return try {
            val renewed = grant(FormBody.Builder().add("grant_type", "refresh_token").add("refresh_token", tokens.refresh))
            store.tokens = renewed
            authorized(answer.request, renewed)
        } catch (refused: SignInFailed) {
            if (refused.code == "invalid_grant") store.tokens = null // the session is over: show the sign-in
            null
        }
    }

    private fun grant(form: FormBody.Builder): Tokens = post("/oauth/token", form).use { answer ->
        val fields = JSONObject(answer.body.string())
        if (!answer.isSuccessful) throw SignInFailed(fields.optString("error"), fields.optString("error_description"))
        Tokens(fields.getString("access_token"), fields.getString("refresh_token"))
    }

    private fun post(path: String, form: FormBody.Builder): Response =
        plain.newCall(Request.Builder().url(url + path).post(form.add("client_id", client).build()).build()).execute()
}
