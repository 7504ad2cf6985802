// Verifies with passport-http-oauth, as its strategy does behind Express.
import { main } from './common.mjs';
import passport from 'passport-http-oauth';

const window = 300;

function prepared({ method, url, authorization, content_type: type, body }) {
  const { host, pathname, search, searchParams } = new URL(url);
  const headers = { host, authorization };
  if (type) headers['content-type'] = type;
  return {
    method, headers, url: pathname + search, connection: { encrypted: true },
    query: Object.fromEntries(searchParams), body: Object.fromEntries(new URLSearchParams(body)),
  };
}

function signed(turn) {
  const nonces = new Set();
  let key, token;
  const strategy = new passport.TokenStrategy(
    (presented, done) => { key = presented; done(null, presented === turn.client && { id: presented }, turn.client_secret); },
    (presented, done) => { token = presented; done(null, presented === turn.token && { id: 'u1' }, turn.token_secret); },
    (timestamp, nonce, done) => {
      const spent = `${key}\n${token}\n${timestamp}\n${nonce}`;
      if (Math.abs(Date.now() / 1000 - timestamp) > window || nonces.has(spent)) return done(null, false);
      nonces.add(spent);
      return done(null, true);
    });
  let accepted;
  strategy.success = () => { accepted = true; };
  strategy.fail = () => { accepted = false; };
  strategy.error = (error) => { throw error; };
  const verify = (request) => {
    accepted = false;
    strategy.authenticate(request);
    return accepted;
  };
  const right = turn.right.map(prepared);
  return {
    right: (n) => verify(right[n]),
    wrong: turn.wrong.map(prepared).map((request) => () => verify(request)),
    renew: () => nonces.clear(),
  };
}

await main({ 'signed-get': signed, 'signed-form': signed });
