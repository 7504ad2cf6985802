// OAuth 2, by the script that the server has for every web page.
import { attempt, complain, describe, find, make, onClick, onSubmit, say, short, until, when } from './dom.js';
import { logLeaving } from './log.js';

const message = 'oauth2-message';
const names = { oauth1: 'OAuth 1.0', oauth2: 'OAuth 2' };

let gatehouse;

/** startOAuth2 binds the buttons, completes a sign-in by redirect, and shows who is signed in. */
export async function startOAuth2(client) {
  gatehouse = new Gatehouse({ client, scope: 'read write' });
  bind();
  try {
    if (await gatehouse.completed()) say(message, 'You are signed in.');
  } catch (failure) {
    complain(message, failure);
  }
  gatehouse.addEventListener('change', showState);
  await showState();
}

function bind() {
  onSubmit('oauth2-password', message, async (username, password) => {
    await gatehouse.signIn(username, password);
    say(message, 'You are signed in.');
  });
  onClick('oauth2-redirect', message, () => {
    logLeaving(`${gatehouse.base}/oauth/authorize`, 'to sign in and allow');
    return gatehouse.redirect();
  });
  onClick('oauth2-ask', message, askWhoIAm);
  onClick('oauth2-refresh', message, refresh);
  onClick('oauth2-signout', message, signOut);
  onClick('sessions-end', message, () => end('', 'You are signed out everywhere.'));
  onClick('sessions-more', message, () => listSessions(find('sessions-more').dataset.cursor));
}

/** showState shows the forms, or what there is to see when signed in. */
export async function showState() {
  const signedIn = gatehouse.session !== null;
  find('oauth2-out').hidden = signedIn;
  find('oauth2-in').hidden = !signedIn;
  if (!signedIn) return;
  try {
    await askWhoIAm();
    await listSessions();
  } catch (failure) {
    complain(message, failure);
  }
}

/** call asks the API; a refusal is an error. */
async function call(path, init) {
  const response = await gatehouse.fetch(gatehouse.base + path, init);
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error_description);
  return answer;
}

async function askWhoIAm() {
  const me = await call('/oauth/session');
  describe(find('whoami'), [['User', me.user_name], ['Client', me.client], ['Scope', me.scope], ['Protocol', names[me.protocol]],
    ['Session', short(me.session)], ['Access token', `${short(gatehouse.session.access_token)}, ${until(me.expiry)}`]]);
}

async function refresh() {
  if (await gatehouse.refresh() === null) throw new Error('the session had ended, so it was not refreshed');
  await askWhoIAm();
  say(message, 'The access token and the refresh token are new.');
}

async function signOut() {
  const told = await gatehouse.signOut();
  say(message, told ? 'You are signed out.' : 'You are signed out here, but the server could not be told.', told);
}

/** listSessions shows the first page of sessions, or with a cursor a further one. */
async function listSessions(cursor) {
  const { sessions, next } = await call(`/oauth/sessions?limit=10${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
  if (!cursor) find('sessions').replaceChildren();
  find('sessions').append(...sessions.map(drawSession));
  find('sessions-more').hidden = !next;
  find('sessions-more').dataset.cursor = next ?? '';
}

function drawSession(session) {
  const title = make('b', '', `${names[session.protocol]}, client ${session.client}`);
  const about = make('div', '', title, ...session.current ? [' ', make('span', 'mark', 'this page')] : [],
    make('small', '', `since ${when(session.created)}, ${until(session.expiry)}`));
  const button = make('button', 'plain danger', 'End');
  button.type = 'button';
  button.setAttribute('aria-label', `End the session by ${title.textContent}, since ${when(session.created)}`);
  button.addEventListener('click', () => attempt(message, button, () => end(`/${session.id}`, 'The session has ended.')));
  return make('li', '', about, button);
}

/** end ends one session, or all; when it was the page's own, the script finds out. */
async function end(which, done) {
  await call(`/oauth/sessions${which}`, { method: 'DELETE' });
  await listSessions().catch((failure) => {
    if (gatehouse.session) throw failure;
  });
  say(message, done);
}
