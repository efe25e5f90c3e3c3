/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* first_run.mjs - an empty store: the first page asks for the first account,
 * keeps what was typed when something is wrong, and asks only once.
 */
import { accessible, is, like, ok, page_of, password, picture, test }
  from './harness.mjs';

await test(async (server, browser) => {
  const page = await page_of(browser, { width: 360 });

  await page.goto(server.url);
  like(page.url(), /\/start$/, 'an empty store begins with the first account');
  await accessible(page, 'first run');
  await picture(page, 'start-360');
  await page.fill('input[name=name]', 'marisol');
  await page.fill('input[name=display]', 'Marisol R.');
  await page.fill('input[name=password]', 'palabras que no');
  await page.fill('input[name=again]', 'son las mismas');
  await page.click('main button[type=submit]');
  like(await page.textContent('.problem'), /no son iguales/,
       'two passwords that differ are told');
  is(await page.inputValue('input[name=display]'), 'Marisol R.',
     'what was typed is kept');
  await page.fill('input[name=password]', password);
  await page.fill('input[name=again]', password);
  await page.click('main button[type=submit]');
  await page.waitForURL(/\/today/);
  like(await page.textContent('.said'), /Todo listo/, 'then Today');
  await page.goto(`${server.url}/start`);
  ok(!/\/start$/.test(page.url()), 'the first account is made only once');
  is(page.complaints.filter(t => !/422/.test(t)).join('; '), '',
     'the console is silent');
}, { first_run: true });
