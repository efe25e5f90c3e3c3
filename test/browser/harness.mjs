/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* harness.mjs - what the browser tests share: a server of their own with a
 * store of their own on a free port, a browser, TAP, axe, pictures.
 *
 *   COBIJO        the binary (default: build/sanitize, then build/release)
 *   COBIJO_STORE_URL  a store to make anew (default: a temporary SQLite file)
 *   PICTURES      a folder: pages are photographed there
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
         writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const password = 'tres palabras largas';

/* --- TAP ------------------------------------------------------------------ */

let count = 0;
let failed = 0;

export function ok(good, name, detail) {
  count++;
  if (!good)
    failed++;
  console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!good && detail !== undefined)
    for (const line of String(detail).split('\n'))
      console.log(`# ${line}`);
  return good;
}

export function is(got, want, name) {
  return ok(got === want, name, `got:  ${got}\nwant: ${want}`);
}

export function like(text, pattern, name) {
  return ok(pattern.test(text), name, `${pattern} not in: ${text.slice(0, 600)}`);
}

/* The plan, and what the test came to. */
export function finish() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}

/* --- the server -------------------------------------------------------------- */

export function binary() {
  const given = process.env.COBIJO_BIN || process.env.COBIJO;
  const places = given ? [given]
    : ['build/sanitize/cobijo', 'build/release/cobijo', 'build/web/cobijo']
      .map(path => join(root, path));
  const found = places.find(existsSync);

  if (!found) {
    console.log('1..0 # SKIP there is no cobijo binary; run make first');
    process.exit(0);
  }
  return found;
}

export function run(args, input) {
  return execFileSync(binary(), args, { input, encoding: 'utf8' });
}

export async function serve(options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cobijo-browser-'));
  const store = options.store ||
    !options.closed && process.env.COBIJO_STORE_URL || `sqlite:${folder}/cobijo.db`;
  const admin = options.first_run ? ['--no-admin']
    : ['--admin', 'marisol', '--password-stdin'];

  execFileSync(binary(), ['init', '--store', store, '--site',
                          'Casa de Prueba', ...admin],
               { input: `${password}\n`, encoding: 'utf8' });
  for (const [name, text] of Object.entries(options.forms || {}))
    run(['--store', store, 'form', 'install', file(folder, name, text)]);
  if (options.closed) /* as after the machine was switched off */
    run(['--store', store, 'key', 'forget']);
  const child = spawn(binary(), ['serve', '--store', store, '--listen',
                                 '127.0.0.1:0', ...(options.args || [])],
                      { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  /* a test that breaks off leaves no server behind */
  process.on('exit', () => child.exitCode === null && child.kill('SIGKILL'));
  child.stderr.on('data', text => { errors += text; });
  const url = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', text => {
      out += text;
      if (out.includes('\n'))
        resolve(out.split('\n')[0].trim());
    });
    child.on('exit', code => reject(new Error(`server ended: ${code}\n${errors}`)));
  });
  return {
    url, store, folder, child,
    errors: () => errors,
    stop: () => new Promise(resolve => {
      child.on('exit', code => {
        rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
        resolve(code);
      });
      child.kill('SIGTERM');
    }),
  };
}

/* --- the browser ---------------------------------------------------------------- */

/* The same engine of the same package without windows, profiles and what else
 * nobody sees costs a third: tests that are about the page run in it. */
const shell = '/usr/lib/chromium/chromium-headless-shell';

/* whole: the browser that people have. COBIJO_BROWSER names another one. */
export async function browse(args = [], { whole = false } = {}) {
  const executablePath = process.env.COBIJO_BROWSER ||
    (whole || !existsSync(shell) ? '/usr/bin/chromium' : shell);

  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...args] });
}

/* A page that remembers what its console said. axe: every page it shows will be
 * asked with axe, which is handed over once then. */
export async function page_of(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: options.width || 1280, height: options.height || 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    locale: options.language === 'en' ? 'en-US' : 'es-MX',
    javaScriptEnabled: options.script !== false,
    ignoreHTTPSErrors: true,
    storageState: options.state,
  });
  if (options.axe)
    await context.addInitScript(axeSource);
  const page = await context.newPage();

  page.complaints = [];
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning')
      page.complaints.push(message.text());
  });
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.setDefaultTimeout(10000);
  return page;
}

export async function log_in(page, url, name = 'marisol', word = password) {
  await page.goto(`${url}/login`);
  await page.fill('input[name=name]', name);
  await page.fill('input[name=password]', word);
  await page.press('input[name=password]', 'Enter');
  await page.waitForURL(/\/today/);
}

/* Does what leads to another page, and waits until that page is there: a click
 * returns before a slow answer has come, and what is read then is the old one. */
export async function turn(page, act) {
  await Promise.all([page.waitForEvent('domcontentloaded'), act()]);
  await page.waitForLoadState();
}

/* Opens the part of a page that is folded, as a person does. */
export async function unfold(page, part) {
  if (!await page.locator(part).evaluate(one => one.open))
    await page.click(`${part} > summary`);
}

/* WCAG 2.2 AA, what a program can tell of it. Without script in the page axe
 * cannot run; then nothing is asked. */
export async function accessible(page, name) {
  if (!await page.evaluate(() => 'axe' in window))
    await page.evaluate(axeSource);
  /* what is in order is not told: it would be most of the page, word by word */
  const violations = await page.evaluate(async () => (await window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
              'best-practice'],
    resultTypes: ['violations'],
  })).violations);

  return ok(violations.length === 0, `axe: ${name}`,
            violations.map(v => `${v.id} (${v.impact}): ${v.help}\n` +
              v.nodes.slice(0, 4).map(n => `  ${n.target} ${n.html.slice(0, 160)}\n  ${n.any.concat(n.all, n.none).map(c => c.message).join('; ').slice(0, 300)}`).join('\n')).join('\n'));
}

export async function picture(page, name) {
  if (!process.env.PICTURES)
    return;
  mkdirSync(process.env.PICTURES, { recursive: true });
  await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`),
                          fullPage: true });
}

export function file(folder, name, text) {
  const path = join(folder, name);

  writeFileSync(path, text);
  return path;
}

/* Runs one test file: server and browser up, the body, down again. */
export async function test(body, options = {}) {
  const server = await serve(options);
  const browser = await browse(options.browser, options);

  try {
    await body(server, browser);
  } catch (error) {
    ok(false, `no exception: ${error.message}`, error.stack);
  }
  await browser.close();
  const code = await server.stop();
  ok(code === 0, 'the server ends well on SIGTERM', server.errors());
  finish();
}
