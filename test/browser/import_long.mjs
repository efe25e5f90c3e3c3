/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_long.mjs - a long register comes in by itself: its page says how far
 * it is, without script too; killed in the middle it goes on from where it
 * was; taken back in the middle it leaves nothing. The people are invented.
 *
 *   COBIJO_IMPORT_ROWS   how many (default 1500)
 */
import { execFileSync, spawn } from 'node:child_process';
import { accessible, binary, file, is, like, log_in, ok, page_of,
         picture, run, test } from './harness.mjs';

const rows = Number(process.env.COBIJO_IMPORT_ROWS || 1500);

/* The same number gives the same file; no two rows are alike. */
function register(name) {
  const given = ['Ana', 'Brayan', 'Delmy', 'Elsa', 'Iván', 'Marlon', 'Óscar'];
  const family = ['Prueba', 'Muestra', 'Ejemplo', 'Ficticio', 'Inventado'];
  let text = 'FECHA;NOMBRE COMPLETO;EDAD;SEXO;PAIS;FOLIO\n';

  for (let i = 0; i < rows; i++)
    text += `2025-0${1 + i % 9}-1${i % 10};${given[i % 7]} ${family[i % 5]} ` +
      `${name}${i.toString(26).replace(/\d/g, d => 'qrstuvwxyz'[d])};` +
      `${i % 80};${i % 2 ? 'hombre' : 'mujer'};Honduras;${name}-${i}\n`;
  return text;
}

async function send(page, url, path) {
  await page.goto(`${url}/import`);
  await page.setInputFiles('#file', path);
  await page.click('main button[type=submit]');
  await page.locator('button[name=_run]').waitFor({ timeout: 120000 });
  const began = Date.now();
  await page.click('button[name=_run]');
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/, { timeout: 120000 });
  return Date.now() - began;
}

const progress = async page => {
  const text = await page.locator('#progress b').textContent().catch(() => '');
  return text === '' ? -1 : Number(text);
};

/* Some are in, some are not. */
async function under_way(page) {
  await page.waitForFunction(() => {
    const at = document.querySelector('#progress b');
    return !at || Number(at.textContent) > 0;
  });
}

async function finished(page) {
  for (let i = 0; i < 600; i++) {
    await page.goto(page.url());
    if (!await page.locator('#progress').count())
      return;
    await page.waitForTimeout(500);
  }
}

/* By the invented surname: a case code, all capitals, may hold BETA. */
function people(server, word) {
  const name = new RegExp(`[${word[0]}${word[0].toUpperCase()}]${word.slice(1)}[a-z]`);

  return execFileSync(binary(), ['export', 'person', '--store', server.store],
                      { encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n').filter(line => name.test(line)).length;
}

async function again(server) {
  const child = spawn(binary(), ['serve', '--store', server.store, '--listen',
                                 '127.0.0.1:0'],
                      { stdio: ['ignore', 'pipe', 'inherit'] });

  child.stderr?.resume();
  return new Promise(resolve => {
    child.stdout.once('data', text =>
      resolve({ child, url: String(text).split('\n')[0].trim() }));
  });
}

await test(async (server, browser) => {
  const page = await page_of(browser);
  const took = async (name, what) => {
    const path = file(server.folder, `${name}.csv`, register(name));
    const ms = await send(page, server.url, path);
    console.log(`# ${what}: answered after ${ms} ms`);
  };

  page.setDefaultTimeout(120000);
  await log_in(page, server.url);

  /* it goes on by itself */
  await took('alfa', `${rows} rows`);
  const batch = page.url();
  const state = await page.context().storageState();
  const plain = await page_of(browser, { script: false, state });
  await plain.goto(batch);
  const seen = await progress(plain);
  ok(seen >= 0 && seen < rows, `the page says how far it is: ${seen}`);
  is(await plain.locator('meta[http-equiv=refresh]').count(), 1,
     'without script it comes again by itself');
  await accessible(page, 'an import under way');
  await picture(page, 'import-progress');
  await plain.goto(`${server.url}/import`);
  like(await plain.textContent('main'), new RegExp(`en curso|${rows} personas`),
       'and it is found again under Import');
  await page.locator('#progress').waitFor({ state: 'detached' });
  like(await page.textContent('.figures'), new RegExp(`${rows}\\s+personas entraron`),
       'with script the page turns by itself when all are in');

  /* taken back in the middle */
  await took('beta', 'another file');
  await under_way(page);
  await page.click('text=Deshacer esta importación');
  await page.waitForURL(/said=undone/);
  like(await page.textContent('main'), /se deshizo/, 'taken back in the middle');
  await page.waitForTimeout(1500);
  is(people(server, 'beta'), 0, 'and nobody of it is left or comes in later');
  is(page.complaints.join('; '), '', 'the console is silent');

  /* killed in the middle */
  await took('gama', 'a third file');
  const third = new URL(page.url()).pathname;
  await under_way(page);
  server.child.removeAllListeners('exit');
  await new Promise(resolve => {
    server.child.once('exit', resolve);
    server.child.kill('SIGKILL');
  });
  const next = await again(server);
  await page.goto(next.url + third);
  const half = await progress(page);
  ok(half >= 0 && half < rows, `after the kill the page knows where it was: ${half}`);
  await finished(page);
  like(await page.textContent('.figures'), new RegExp(`${rows}\\s+personas entraron`),
       'and the import goes on to the end by itself');
  next.child.kill('SIGTERM');
  const code = await new Promise(resolve => next.child.once('exit', resolve));
  is(code, 0, 'the second server ends well');
  is(people(server, 'gama'), rows, 'each row is in once');
  like(run(['log', 'verify', '--store', server.store]), /\S/, 'the log is whole');
  server.stop = async () => 0;
});
