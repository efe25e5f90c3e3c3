/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib_vendor.mjs - what stands in for the push service of the browser's maker,
 * which no test may reach. Chromium is pointed at it (its switches gcm-…-url): it
 * checks in, registers and keeps a line open as it does at home, so subscribing,
 * opening a sealed message and showing it are the browser's own. Speaks as much
 * of checkin, registration and MCS (protobuf over TLS) as that takes.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createServer as createSecure } from 'node:tls';

/* --- protobuf, as far as it is needed --------------------------------------- */

function number(value) {
  const bytes = [];

  for (; value > 127; value = Math.floor(value / 128))
    bytes.push(value % 128 + 128);
  return Buffer.from([...bytes, value]);
}

function field(at, value) {
  const bytes = Buffer.from(value);

  return Buffer.concat([number(at * 8 + 2), number(bytes.length), bytes]);
}

function long(at, value) {
  const bytes = Buffer.alloc(9);

  bytes[0] = at * 8 + 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

function framed(tag, message) {
  return Buffer.concat([Buffer.from([tag]), number(message.length), message]);
}

/* --- the service ------------------------------------------------------------ */

const LOGGED_IN = 3, MESSAGE = 8, VERSION = 41;

function certificate(folder) {
  const key = join(folder, 'vendor.key'), cert = join(folder, 'vendor.pem');

  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-subj',
    '/CN=127.0.0.1', '-days', '2'], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

const open = server => new Promise(done => {
  server.listen(0, '127.0.0.1', () => done(server.address().port));
});

/* {args, asked, sent, url, pass(), stop()}: what the browser registered, what was
 * pushed, and handing a pushed body to the browser, by a name that is new. */
export async function vendor(folder) {
  const asked = [], sent = [];
  let line = null;

  const web = createServer((request, response) => {
    const parts = [];

    request.on('data', part => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);

      if (request.url === '/checkin') {
        response.writeHead(200, { 'Content-Type': 'application/x-protobuf' });
        return response.end(Buffer.concat([Buffer.from([8, 1]), long(7, 1234567890n),
                                           long(8, 9876543210n)]));
      }
      if (request.url === '/register') {
        const wish = Object.fromEntries(new URLSearchParams(body.toString()));

        asked.push(wish);
        return response.end(wish.delete ? `token=${wish['X-subtype'] || wish.app}`
          : `token=made-up-${asked.length}`);
      }
      sent.push({ url: request.url, headers: request.headers, body });
      response.writeHead(201);
      return response.end();
    });
  });
  const line_server = createSecure(certificate(folder), socket => {
    socket.on('error', () => {});
    socket.once('data', () => {
      line = socket;
      socket.write(Buffer.concat([Buffer.from([VERSION]), framed(LOGGED_IN, field(1, 'x'))]));
    });
  });

  line_server.on('tlsClientError', () => {});
  const port = await open(web), line_port = await open(line_server);
  return {
    asked, sent, url: `http://127.0.0.1:${port}`,
    args: [`--gcm-checkin-url=http://127.0.0.1:${port}/checkin`,
           `--gcm-registration-url=http://127.0.0.1:${port}/register`,
           `--gcm-mcs-endpoint=https://127.0.0.1:${line_port}`,
           '--ignore-certificate-errors'],
    listening: () => line !== null,
    /* The body as it came, for the app that registered with `wish`. */
    pass(wish, body, name) {
      line.write(framed(MESSAGE, Buffer.concat([
        field(3, wish.sender), field(5, wish.app),
        field(7, Buffer.concat([field(1, 'subtype'), field(2, wish['X-subtype'])])),
        field(7, Buffer.concat([field(1, 'content-encoding'), field(2, 'aes128gcm')])),
        field(9, name), field(21, body)])));
    },
    stop() {
      if (line)
        line.destroy();
      line_server.close();
      web.close();
      web.closeAllConnections();
    },
  };
}
