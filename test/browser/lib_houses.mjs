/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib_houses.mjs - for tests of two houses: a record made as a page would, a port
 * that is free. */
import { createServer } from 'node:net';

export async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });
  const text = await answer.text();

  if (!answer.ok())
    console.log(`# ${path}: ${answer.status()} ${text.slice(0, 400)}`);
  return { status: answer.status(), ...JSON.parse(text) };
}

export async function free_port() {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();

      probe.close(() => resolve(port));
    });
  });
}
