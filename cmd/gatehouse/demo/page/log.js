// The panel of requests and answers. It lasts as long as the tab, since some
// steps leave the page. What it keeps is already shortened.
import { find, make, short } from './dom.js';

const most = 40;
const secret = /(token|secret|code|verifier|challenge|state|signature|nonce|password)$/;

let entries = JSON.parse(sessionStorage.getItem('demo.traffic') ?? '[]');

const browserFetch = window.fetch.bind(window);

/** send is fetch without a log, and with words for no answer. */
export function send(input, init) {
  return browserFetch(input, init).catch(() => { throw new Error('the server does not answer; does it still run?'); });
}

/** watchTraffic logs all that the page fetches from now on. */
export function watchTraffic() {
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const sent = await describeRequest(request.clone());
    const response = await send(request);
    const answer = await response.clone().text();
    add({ method: request.method, url: request.url, status: response.status, sent, got: pretty(answer) });
    return response;
  };
  find('traffic').replaceChildren(...entries.map(drawEntry));
  find('traffic-clear').addEventListener('click', clear);
  kept();
}

/** logLeaving notes that the browser goes to another page, and what for. */
export function logLeaving(url, why) {
  add({ method: 'GET', url: new URL(url, location).href, status: 'leaves', sent: why, got: '' });
}

/** logReturn notes with which parameters the browser came back, if it did. */
export function logReturn(params) {
  if (params.size > 0) add({ method: 'GET', url: location.href.split('?')[0], status: 'is back', sent: fields(params), got: '' });
}

async function describeRequest(request) {
  const lines = [];
  const authorization = request.headers.get('Authorization');
  if (authorization) lines.push('Authorization: ' + shortHeader(authorization));
  const body = await request.text();
  if (body) lines.push(fields(new URLSearchParams(body)));
  return lines.join('\n\n');
}

/** fields writes parameters one a line. */
function fields(params) {
  return [...params].map(([name, value]) => `${name} = ${hide(name, value)}`).join('\n');
}

/** hide leaves a password out and shortens what is secret for others. */
function hide(name, value) {
  if (name.endsWith('password')) return '(not shown)';
  return secret.test(name) && typeof value === 'string' ? short(value) : value;
}

/** shortHeader shortens the token of a header, or its OAuth 1.0 parameters. */
function shortHeader(header) {
  if (!header.startsWith('OAuth ')) return header.split(' ').map(short).join(' ');
  return header.replace(/(\w+)="([^"]*)"/g, (_, name, value) => `\n  ${name}="${hide(name, value)}"`);
}

/** pretty is an answer for people: JSON, or a form. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text, hide), null, 2);
  } catch {
    return /^\w+=/.test(text) ? fields(new URLSearchParams(text)) : text;
  }
}

function add(entry) {
  entries = [entry, ...entries].slice(0, most);
  find('traffic').prepend(drawEntry(entry));
  find('traffic').children[most]?.remove();
  kept();
}

function clear() {
  entries = [];
  find('traffic').replaceChildren();
  kept();
}

function kept() {
  sessionStorage.setItem('demo.traffic', JSON.stringify(entries));
  find('traffic-empty').hidden = entries.length > 0;
  find('traffic-clear').hidden = entries.length === 0;
}

function drawEntry({ method, url, status, sent, got }) {
  const summary = make('summary', '', make('b', '', method), ' ', make('span', 'path', new URL(url).pathname), ' ',
    make('span', status >= 400 ? 'status bad' : 'status', String(status)));
  const parts = [summary];
  if (sent) parts.push(make('pre', '', sent));
  if (got) parts.push(make('pre', 'got', got));
  return make('li', '', make('details', '', ...parts));
}
