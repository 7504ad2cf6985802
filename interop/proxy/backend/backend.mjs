// An Express backend for the proxy's kit: writes down what it sees, answers as
// it is told, and checks the proxy's assertion. What a backend is asked for is
// in ../README.md. Run as: backend.mjs PORT

import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const port = Number(process.argv[2]);
const { ISSUER: issuer, SEEN, ANSWERS } = process.env;
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
const app = express().disable('x-powered-by').disable('etag');

app.use(async (request, response, next) => {
  const { method, originalUrl, httpVersion, rawHeaders, socket } = request;
  const body = Buffer.concat(await request.toArray());
  response.locals.seen = JSON.stringify({
    method, target: originalUrl, version: `HTTP/${httpVersion}`, headers: pairs(rawHeaders),
    length: body.length, sha256: createHash('sha256').update(body).digest('hex'),
    body: body.subarray(0, 4096).toString('base64'), port: socket.remotePort,
  }) + '\n';
  appendFileSync(SEEN, response.locals.seen);
  next();
});

app.use((request, response) => {
  const [path, query] = request.originalUrl.split('?');
  if (path.includes('/verify')) return verify(request, response, path, new URLSearchParams(query));
  if (path.includes('/answer/')) return tell(JSON.parse(readFileSync(ANSWERS))[path.split('/').pop()], response);
  response.type('json').end(response.locals.seen);
});

const pairs = (flat) => flat.flatMap((name, i) => (i % 2 ? [] : [[name, flat[i + 1]]]));

/** Answers in two parts where it is not whole; of a cut answer only the first. */
async function tell(told, response) {
  const body = Buffer.from(told.body, 'base64');
  await sleep(1000 * (told.seconds ?? 0));
  if (told.way === 'hints') response.writeEarlyHints({ link: '</style.css>; rel=preload' });
  response.writeHead(told.status, told.headers.flat());
  if (told.way === 'whole' || told.way === 'hints') return response.end(body);
  await new Promise((sent) => response.write(body.subarray(0, body.length / 2), sent));
  if (told.way.startsWith('cut')) return response.socket.destroySoon();
  if (told.way === 'trailers') response.addTrailers({ 'X-Checksum': '1' });
  response.end(body.subarray(body.length / 2));
}

/** A skew, in seconds, is how far this backend's clock is ahead. */
async function verify(request, response, path, query) {
  const currentDate = new Date(Date.now() + 1000 * Number(query.get('skew') ?? 0));
  try {
    const { payload } = await jwtVerify(request.get('X-OAuth-Assertion') ?? '', keys, {
      algorithms: ['ES256'], typ: 'gatehouse-assertion+jwt', audience: `http://127.0.0.1:${port}`, issuer,
      requiredClaims: ['exp', 'sub'], currentDate,
    });
    if (payload.htm !== request.method || payload.path !== path) throw new Error('it is for another request');
    response.json({ claims: payload });
  } catch (error) {
    response.status(401).json({ refused: error.message });
  }
}

app.listen(port, '127.0.0.1');
