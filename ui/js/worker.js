/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* worker.js - answers for the public side when the network does not, on a
 * telephone whose owner chose to save it; nobody else gets this script. Served
 * as /sw.js. Pages of the team are never answered here, and nothing that was
 * looked for is kept.
 */
'use strict';
const STORE = 'cobijo';
const PAGES = /^\/($|directory($|\/)|know($|\/)|alerts($|\/))/;
const PATIENCE = 20000; /* ms that a network with one bar is waited for */

async function shell(request, fields) {
  const kept = await caches.match('/offline/shell', { cacheName: STORE });

  if (!kept)
    return Response.error();
  const asked = JSON.stringify({
    path: new URL(request.url).pathname, fields,
  }).replace(/</g, '\\u003c');
  const text = (await kept.text())
    .replace('<html ', '<html data-offline ')
    .replace('</main>', '<script type="application/json" id="asked">' +
      asked.replace(/\$/g, '$$$$') + '</script></main>');
  const headers = new Headers(kept.headers);

  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  headers.set('Cache-Control', 'no-store');
  return new Response(text, { headers });
}

async function page(event) {
  const request = event.request;
  const copy = request.method === 'POST' ? request.clone() : null;
  let late;

  try {
    /* A page from the browser's own store would not say that it is old. */
    const answer = copy ? fetch(request) : fetch(request, { cache: 'no-cache' });

    return await Promise.race([answer, new Promise((_, reject) => {
      late = setTimeout(() => reject(new Error('late')), PATIENCE);
    })]);
  } catch (error) {
    const fields = copy
      ? Object.fromEntries((await copy.formData()).entries())
      : Object.fromEntries(new URL(request.url).searchParams.entries());

    return shell(request, fields);
  } finally {
    clearTimeout(late);
  }
}

async function asset(request) {
  const kept = await caches.match(request.url, { cacheName: STORE });

  return kept || fetch(request);
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => {
  event.waitUntil(self.clients.claim());
});
self.addEventListener('fetch', event => {
  const url = new URL(event.request.url);

  if (url.origin !== self.location.origin)
    return;
  if (event.request.mode === 'navigate' && PAGES.test(url.pathname))
    event.respondWith(page(event));
  else if (url.pathname.startsWith('/asset/'))
    event.respondWith(asset(event.request));
});
