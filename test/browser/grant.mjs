/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant.mjs - a sealed file between two houses: made on the page, downloaded,
 * opened at the other house by its command line, which fetches the keys over
 * the network; the page says that they were taken; another is taken back in
 * time. Examples are invented.
 */
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, binary, is, like, log_in, ok, page_of, password, picture,
         run, test, turn } from './harness.mjs';

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });
  const text = await answer.text();

  if (!answer.ok())
    console.log(`# ${path}: ${answer.status()} ${text.slice(0, 400)}`);
  return { status: answer.status(), ...JSON.parse(text) };
}

async function look(page, name) {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth - window.innerWidth);

    ok(wide <= 0, `fits the screen: ${name}-${width}`, `${wide} px too wide`);
    await accessible(page, `${name}-${width}`);
    await picture(page, `grant-${name}-${width}`);
  }
}

async function fetched(page, href) {
  const answer = await page.request.get(href);

  return { name: answer.headers()['content-disposition'],
           status: answer.status(), text: await answer.text() };
}

const port = await new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: found } = probe.address();

    probe.close(() => resolve(found));
  });
});

await test(async (server, browser) => {
  const folder = mkdtempSync(join(tmpdir(), 'cobijo-grant-'));
  const other = ['--store', `sqlite:${folder}/other.db`];
  const page = await page_of(browser);
  /* what it says on stdout, or its exit code and what it says on stderr */
  const there = (...args) => {
    try {
      return { code: 0, text: execFileSync(binary(), [...other, ...args],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) };
    } catch (error) {
      return { code: error.status, text: String(error.stderr) };
    }
  };

  run([...other, 'init', '--site', 'Clínica (ejemplo)', '--admin', 'ana',
       '--password-stdin'], `${password}\n`);
  await log_in(page, server.url);
  const key = run([...other, 'key', 'public']).trim();
  const ours = run(['--store', server.store, 'key', 'public']).trim();
  const place = (await post(page, '/record/place', {
    name: 'Clínica (ejemplo)', place_type: 'CS', house_key: key })).id;
  const person = (await post(page, '/record/person', {
    given_names: 'Zunzunegui', alias: 'Zunzunegui', sex: 'M',
    nationality: 'HND', phone: '+50455501234' })).id;
  await post(page, '/record/consent', {
    person, purpose: 'referencia', given: 'yes', given_by: 'titular',
    basis: 'consentimiento_expreso', data_scope: 'identidad contacto' });
  const referral = (await post(page, '/record/referral', {
    person, urgency: 'U2', service_code: 'LE1', to_place: place,
    share_fields: 'alias phone' })).id;
  is((await post(page, '/record/place', { name: 'x', place_type: 'CS',
    house_key: 'cobijo1+x' })).status, 422, 'a key that is none is refused');
  await post(page, `/referral/${referral}/send`, {});

  await page.goto(`${server.url}/referral/${referral}`);
  await look(page, 'offered');
  await turn(page, () => page.click('button[value=apart]'));
  like(await page.locator('main').innerText(), /Nadie ha tomado las llaves/,
       'made, and nobody has the keys');
  await look(page, 'made');
  const href = await page.getAttribute('a[download]', 'href');
  const file = await fetched(page, new URL(href, page.url()).href);
  like(file.name, /filename="permiso-cobijo\.txt"/, 'a file without a name');
  ok(/^cobijo grant v1\n/.test(file.text) &&
     !/Zunzunegui|50455501234/.test(file.text), 'nobody is to be read in it');
  const path = join(folder, 'file.txt');
  writeFileSync(path, file.text);
  like(there('grant', 'open', path).text, /primera vez/,
       'the other house asks for the key first');
  const opened = there('grant', 'open', path, '--key', ours);
  is(opened.code, 0, 'with it, it fetches the keys and opens');
  like(opened.text, /Zunzunegui[^]*50455501234|50455501234[^]*Zunzunegui/,
       'and reads what was shared');
  await page.reload();
  like(await page.locator('main').innerText(), /ya tomó las llaves/,
       'our page says that they were taken');
  await page.goto(`${server.url}/person/${person}/consents`);
  like(await page.locator('main').innerText(), /ya tomó las llaves/,
       'and so does the page of her consents');
  await look(page, 'consents');

  await page.goto(`${server.url}/referral/${referral}`);
  await turn(page, () => page.click('button[value=apart]'));
  const again = await fetched(page, new URL(href, page.url()).href);
  writeFileSync(path, again.text);
  await page.goto(`${server.url}/person/${person}/consents`);
  await turn(page, () => page.click('button:has-text("Retirar este permiso")'));
  const refused = there('grant', 'open', path);
  ok(refused.code === 1 && /retiró, o venció/.test(refused.text),
     'withdrawn in time: the other house hears so', refused.text);
  is((await fetched(page, new URL(href, page.url()).href)).status, 410,
     'and the file is not handed out any more');

  const english = await page_of(browser, { language: 'en' });
  await log_in(english, server.url);
  await english.goto(`${server.url}/referral/${referral}`);
  await turn(english, () => english.click('button:has-text("English"), ' +
                                          'a:has-text("English")'));
  like(await english.locator('main').innerText(),
       /Nobody opened it and it can no longer be read/,
       'what was not fetched is told as it is');
  like(await english.locator('main').innerText(), /Sealed file[^]*taken the keys/,
       'in English, too');
  await look(english, 'english');
  is(page.complaints.filter(c => !/410|422/.test(c)).join('\n'), '',
     'nothing in the console');
  rmSync(folder, { recursive: true, force: true });
}, { args: ['--listen', `127.0.0.1:${port}`, '--public-url',
             `http://127.0.0.1:${port}`] });
