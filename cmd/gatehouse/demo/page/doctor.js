// Why a signature is refused. The program knows the secrets, and makes the
// known mistakes until the signature is the one of the request.
import { find, make, onClick, say } from './dom.js';
import { signingToken } from './oauth1.js';
import { order } from './program.js';

const message = 'doctor-message';

/** startDoctor binds the buttons. */
export function startDoctor() {
  onClick('diagnose', message, diagnose);
  for (const mistake of ['scheme', 'plus', 'secrets']) onClick(`mistake-${mistake}`, message, () => fillIn(mistake));
}

/** fillIn writes a request with a mistake, signed a moment ago. */
async function fillIn(mistake) {
  find('diagnosis').hidden = true;
  const { text } = await order('mistake', { mistake, ...signingToken() });
  find('request').value = text;
  await diagnose();
}

/** diagnose says first what is wrong, and shows the difference below. */
async function diagnose() {
  find('diagnosis').hidden = true;
  const { right, text } = await order('diagnose', { text: find('request').value });
  const [sentences, ...details] = text.trim().split('\n\n');
  find('details').replaceChildren(...details.map(drawDetail));
  find('diagnosis').hidden = details.length === 0;
  say(message, sentences, right);
}

/** drawDetail keeps marks below what they mark; a base string is wrapped. */
function drawDetail(text) {
  const block = make('pre', text.includes('^') ? 'wide' : '', text.replaceAll(/^ {2}/gm, ''));
  block.tabIndex = 0; // for those who scroll by keyboard
  return block;
}
