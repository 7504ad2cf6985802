// The person at a browser: fetch with cookies, which reads the server's pages,
// fills in their forms and presses their buttons.

import { parse } from 'node-html-parser';
import { URL_ } from './common.mjs';

/**
 * Opens url, signs in as user and presses button, "allow" or "deny". Returns
 * where the server then sends the browser, which does not go there.
 */
export async function answer(url, { name: username, password }, button) {
  const browser = new Browser();
  await browser.visit(url);
  await browser.press('sign-in', { username, password });
  return browser.press(button);
}

class Browser {
  #cookies = new Map();
  #page = { address: '', document: parse('') };

  /** Sends the form of the page. Returns what visit returns. */
  press(button, typed = {}) {
    const { address, document } = this.#page;
    if (!document.querySelector(`button[name=action][value=${button}]`)) throw new Error(`no button ${button}: ${document}`);
    const body = new URLSearchParams({ ...typed, action: button });
    for (const input of document.querySelectorAll('input[type=hidden]')) {
      body.append(input.getAttribute('name'), input.getAttribute('value'));
    }
    return this.visit(new URL(document.querySelector('form').getAttribute('action'), address), { method: 'POST', body });
  }

  /**
   * Follows redirects as long as they stay on the server. Returns the address
   * beyond it, or nothing where there is a page.
   */
  async visit(url, options = {}) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { ...options, headers: cookie ? { cookie } : {}, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) {
      this.#page = { address: response.url, document: parse(await response.text()) };
      return undefined;
    }
    const next = new URL(location, url).href;
    return next.startsWith(`${URL_}/`) ? this.visit(next) : location;
  }
}
