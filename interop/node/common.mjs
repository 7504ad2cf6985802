// What the Node programs share: where the server is, who is registered there,
// and how a check is reported.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual, inspect } from 'node:util';

export const URL_ = process.env.GATEHOUSE_URL;
const seed = JSON.parse(readFileSync(process.env.GATEHOUSE_SEED, 'utf8'));
export const secrets = Object.fromEntries(seed.clients.map(({ id, secret }) => [id, secret]));
export const [alice, hard] = seed.users;

/** Prints one line for each check. */
export class Report {
  constructor(subject) { this.subject = subject; }

  equal(what, got, want) {
    const shown = isDeepStrictEqual(got, want) ? 'ok  ' : 'FAIL';
    const difference = shown === 'FAIL' ? `: got ${inspect(got)}, want ${inspect(want)}` : '';
    console.log(`${shown} ${this.subject}: ${what}${difference}`);
  }

  differ(what, got, other) { this.equal(what, got !== other, true); }
}

/** What GET /oauth/session says of who asked. */
export const caller = ({ client, user_name, scope, protocol }) => ({ client, user_name, scope, protocol });

/** The id of the session that asked, from an answer of GET /oauth/sessions. */
export const current = ({ sessions = [] }) => sessions.find((session) => session.current)?.id;
