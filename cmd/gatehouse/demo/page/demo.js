// The demo page: a web page that is a client of the server it comes from.
import { startDoctor } from './doctor.js';
import { find } from './dom.js';
import { logReturn, watchTraffic } from './log.js';
import { startOAuth1 } from './oauth1.js';
import { showState, startOAuth2 } from './oauth2.js';

function broken(text) {
  find('broken').textContent = text;
  find('broken').hidden = false;
}

async function start() {
  if (typeof Gatehouse === 'undefined') {
    broken('The script /oauth/client.js did not load. Can this browser reach the server’s public address?');
    return;
  }
  watchTraffic();
  logReturn(new URLSearchParams(location.search));
  await startOAuth2(document.body.dataset.public);
  await startOAuth1(showState);
  startDoctor();
}

start().catch((failure) => broken(`The page failed: ${failure.message}`));
