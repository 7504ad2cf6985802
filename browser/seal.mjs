// The server's sealed values, opened and made again with the key of its
// keyring: what happens when time has passed, without the wait.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [header, nonce, tag] = [12, 12, 16]; // sizes in bytes; the header is key id and expiry
const cipher = 'aes-256-gcm';

function keyOf(box) {
  const keyring = JSON.parse(readFileSync(process.env.KEYS, 'utf8'));
  return Buffer.from(hkdfSync('sha256', keyring[box.readUInt32BE(0)], '', 'gatehouse sealed value', 32));
}

const additional = (box, purpose) => Buffer.concat([box.subarray(0, header), Buffer.from(purpose)]);

function open(box, purpose) {
  const opener = createDecipheriv(cipher, keyOf(box), box.subarray(header, header + nonce));
  opener.setAAD(additional(box, purpose)).setAuthTag(box.subarray(-tag));
  return JSON.parse(Buffer.concat([opener.update(box.subarray(header + nonce, -tag)), opener.final()]));
}

/** The sealed value of a purpose with some fields of its JSON set to others. */
export function resealed(sealed, purpose, fields) {
  const box = Buffer.from(sealed, 'base64url');
  const fresh = randomBytes(nonce);
  const sealer = createCipheriv(cipher, keyOf(box), fresh).setAAD(additional(box, purpose));
  const text = sealer.update(JSON.stringify({ ...open(box, purpose), ...fields }));
  return Buffer.concat([box.subarray(0, header), fresh, text, sealer.final(), sealer.getAuthTag()]).toString('base64url');
}
