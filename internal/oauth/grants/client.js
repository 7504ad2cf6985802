/*
 * Gatehouse in a web page: signs a user in, keeps and refreshes the session
 * over all tabs, and calls APIs with its token. The client is a public one,
 * since a page keeps no secret.
 *
 *   <script src="https://api.example.com/oauth/client.js"></script>
 *   import { Gatehouse } from 'https://api.example.com/oauth/client.js?module';
 *
 *   const gatehouse = new Gatehouse({
 *     client,   // id of the client; default: data-client of the script tag
 *     base,     // address of the API; default: the one that this script is from
 *     scope,    // separated by spaces; default: all that the client may have
 *     redirect, // a redirect URI of the client; default: this page without its query
 *     storage,  // default: localStorage; sessionStorage keeps a session to its tab
 *     apis,     // list of other origins that get the token; default: none
 *     onchange, // called when the session has changed, here or in another tab
 *   });
 *
 *   await gatehouse.signIn(username, password)  the session, by the password grant
 *   await gatehouse.redirect()          leaves for the sign-in and consent pages
 *   await gatehouse.completed()         back from them: the session; else null
 *   await gatehouse.fetch(url, init)    as fetch, with the token where it belongs
 *   await gatehouse.token()             an access token that works; null: signed out
 *   await gatehouse.refresh()           refreshes now: the session; null: signed out
 *   await gatehouse.signOut()           whether the server could be told, too
 *   gatehouse.session                   the token answer and expires_at (ms); or null
 *
 * It is an EventTarget with the event "change". Errors have code (as in RFC
 * 6749, or network_error, invalid_state, invalid_issuer, insecure_context),
 * description, and where there was an answer status and retryAfter (seconds).
 * Only a refresh that is refused signs out; a fault of the network does not.
 *
 * A form with the class oauth and the fields username and password signs in by
 * itself: window.oauthResponseHandler gets the JSON of the answer or error. The
 * client is the form's data-client, its field client_id, or the script tag's
 * data-client.
 */
var Gatehouse = (() => {
  'use strict';
  // Null in a module. Markup that is called currentScript is none (DOM clobbering).
  const current = document.currentScript;
  const script = current instanceof HTMLScriptElement ? current : null;
  const refreshAhead = 30_000; // ms
  const patience = 30_000; // ms that an answer may take; tabs wait for each other's refresh
  const spread = 100; // ms until tabs of other processes see what was stored

  class Gatehouse extends EventTarget {
    static base = script?.src && new URL('..', script.src).href;
    #client; #scope; #redirect; #storage; #key; #apis;

    constructor({ client = script?.dataset.client, base = Gatehouse.base, scope,
      redirect = location.origin + location.pathname, storage = localStorage, apis = [], onchange = null } = {}) {
      super();
      if (!client || !base) throw new TypeError('Gatehouse needs client and base');
      this.base = new URL(base, document.baseURI).href.replace(/\/+$/, '');
      this.onchange = onchange;
      this.#client = client;
      this.#scope = scope;
      this.#redirect = redirect;
      this.#storage = storage;
      this.#key = `gatehouse ${this.base} ${client}`;
      this.#apis = apis.map((api) => new URL(api).origin);
      addEventListener('storage', ({ storageArea, key }) => {
        if (storageArea === storage && (key === this.#key || key === null)) this.#changed();
      });
    }

    get session() { return JSON.parse(this.#storage.getItem(this.#key)); }

    async signIn(username, password) {
      return this.#keep(await this.#grant({ grant_type: 'password', username, password, scope: this.#scope }));
    }

    async redirect() {
      if (!isSecureContext) throw fault('insecure_context', 'sign-in by redirect needs https or a loopback address');
      const { issuer } = await this.#call('/.well-known/oauth-authorization-server');
      if (issuer !== this.base) throw fault('invalid_issuer', `base has to be ${issuer}`); // RFC 8414 §3.3
      const [state, verifier] = [random(), random()];
      const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
      sessionStorage.setItem(`${this.#key} ${state}`, JSON.stringify({ verifier, issuer, redirect: this.#redirect }));
      location.assign(`${this.base}/oauth/authorize?${parameters({
        response_type: 'code', client_id: this.#client, redirect_uri: this.#redirect, scope: this.#scope,
        state, code_challenge: challenge, code_challenge_method: 'S256',
      })}`);
    }

    async completed() {
      const url = new URL(location);
      const { code, error, error_description, state, iss } = Object.fromEntries(url.searchParams);
      if (!state || !(code || error)) return null;
      for (const name of ['code', 'error', 'error_description', 'state', 'iss']) url.searchParams.delete(name);
      history.replaceState(history.state, '', url);
      const key = `${this.#key} ${state}`;
      const begun = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.removeItem(key);
      if (!begun) throw fault('invalid_state', 'this tab did not begin the sign-in that ends here');
      if (iss !== begun.issuer) throw fault('invalid_issuer', 'the answer is of another server'); // RFC 9207 §2.4
      if (error) throw fault(error, error_description);
      return this.#keep(await this.#grant({
        grant_type: 'authorization_code', code, code_verifier: begun.verifier, redirect_uri: begun.redirect,
      }));
    }

    async fetch(input, init) {
      const request = new Request(input, init);
      if (!this.#trusts(request.url)) return fetch(request);
      const token = await this.token();
      if (!token) return fetch(request);
      const response = await fetch(authorized(request.clone(), token));
      if (response.status !== 401 || !this.session?.refresh_token) return response;
      const renewed = await this.refresh(token);
      return renewed ? fetch(authorized(request, renewed.access_token)) : response;
    }

    async token() {
      let session = this.session;
      if (session && !session.refresh_token && session.expires_at <= Date.now()) session = this.#keep(null);
      if (session?.refresh_token && session.expires_at - Date.now() < refreshAhead) {
        try {
          session = await this.refresh(session.access_token);
        } catch (error) {
          if (session.expires_at <= Date.now()) throw error;
        }
      }
      return session?.access_token ?? null;
    }

    /** One tab at a time; the others find what it stored. */
    async refresh(token = this.session?.access_token) {
      return exclusively(this.#key, async () => {
        const session = this.session;
        if (!session?.refresh_token || session.access_token !== token) return session;
        const renewed = await this.#grant({ grant_type: 'refresh_token', refresh_token: session.refresh_token })
          .catch((error) => {
            if (error.code === 'invalid_grant' || error.code === 'invalid_client') return null;
            throw error;
          });
        // Who signed out or in meanwhile has the last word.
        if (this.session?.access_token !== token) return this.session;
        this.#keep(renewed);
        await new Promise((done) => setTimeout(done, spread));
        return renewed;
      });
    }

    async signOut() {
      const session = this.session;
      if (!session) return true;
      this.#keep(null);
      const body = this.#form({ token: session.refresh_token ?? session.access_token });
      return this.#call('/oauth/revoke', { method: 'POST', body, keepalive: true }).then(() => true, () => false);
    }

    #trusts(url) { return url.startsWith(`${this.base}/`) || this.#apis.includes(new URL(url).origin); }

    #keep(session) {
      if (session) this.#storage.setItem(this.#key, JSON.stringify(session));
      else this.#storage.removeItem(this.#key);
      this.#changed();
      return session;
    }

    #changed() {
      this.dispatchEvent(new Event('change'));
      this.onchange?.(this.session);
    }

    async #grant(fields) {
      const answer = await this.#call('/oauth/token', { method: 'POST', body: this.#form(fields) });
      if (!answer.access_token) throw fault('server_error', 'the answer holds no token');
      return { ...answer, expires_at: Date.now() + answer.expires_in * 1000 };
    }

    #form(fields) { return parameters({ client_id: this.#client, ...fields }); }

    /** The JSON that the server answers, {} for none. */
    async #call(path, init) {
      let response, answer;
      try {
        response = await fetch(this.base + path, { credentials: 'omit', signal: AbortSignal.timeout(patience), ...init });
        answer = parse(await response.text());
      } catch (cause) {
        throw fault('network_error', 'the server could not be reached', { cause });
      }
      if (response.ok) return answer;
      const { error = 'server_error', error_description = `status ${response.status}` } = answer;
      const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
      throw fault(error, error_description, { status: response.status, retryAfter });
    }
  }

  function fault(code, description, details) {
    return Object.assign(new Error(`${code}: ${description}`), { code, description }, details);
  }

  function parse(text) {
    try { return JSON.parse(text) ?? {}; } catch { return {}; }
  }

  function parameters(fields) {
    return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined));
  }

  function authorized(request, token) {
    request.headers.set('Authorization', `Bearer ${token}`);
    return request;
  }

  function random() { return base64url(crypto.getRandomValues(new Uint8Array(32))); }

  function base64url(bytes) {
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }

  // Without Web Locks tabs may refresh at once; the server gives them the same tokens.
  let turn = Promise.resolve();
  function exclusively(name, work) {
    return navigator.locks ? navigator.locks.request(name, work) : (turn = turn.then(work, work));
  }

  async function submitted(event) {
    const form = event.target;
    if (!form.matches('form.oauth') || event.gatehouse) return;
    event.gatehouse = true; // another copy of this script leaves it alone
    event.preventDefault();
    const buttons = [...form.elements].filter((element) => element.type === 'submit' && !element.disabled);
    for (const button of buttons) button.disabled = true;
    const answer = await signInBy(form);
    for (const button of buttons) button.disabled = false;
    window.oauthResponseHandler?.(answer);
  }

  async function signInBy(form) {
    const { username, password, client_id } = form.elements;
    const client = form.dataset.client || client_id?.value || script?.dataset.client;
    try {
      const gatehouse = new Gatehouse({ client, scope: form.dataset.scope });
      const { expires_at, ...answer } = await gatehouse.signIn(username.value, password.value);
      password.value = '';
      return answer;
    } catch ({ code = 'invalid_request', description, message }) {
      return { error: code, error_description: description ?? message };
    }
  }

  document.addEventListener('submit', submitted);
  return Gatehouse;
})();
