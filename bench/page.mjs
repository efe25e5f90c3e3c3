// SPDX-License-Identifier: AGPL-3.0-or-later
// page.mjs - how a form of 1,000 questions and 10,000 choices opens: the page
// over HTTP, cold and warm, and in Chromium until it is read, until it thinks
// along after the first key, and one changed answer.
//
//     COBIJO=build/release/cobijo node bench/page.mjs
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { binary, browse, log_in, page_of, password, run } from '../test/browser/harness.mjs';

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const show = (name, list) => console.log(`${name.padEnd(52)} ${list.map((n) => n.toFixed(0).padStart(6)).join('')}`);

function form() {
  const rows = ['survey,,,,,,,', ',type,name,label::Español (es),label::English (en),relevant,constraint,calculation'];
  for (let i = 0; i < 1000; i++) {
    if (i % 20 === 0) rows.push(`,begin_group,g${i},Grupo ${i},Group ${i},,,`);
    if (i % 10 === 9) rows.push(`,calculate,q${i},,,,,\${q${i - 3}} + 1`);
    else if (i % 10 === 6) rows.push(`,integer,q${i},¿Cuántos son en ${i}?,How many in ${i}?,\${q${i - 1}} != '',. >= 0 and . < 100,`);
    else if (i % 3 === 0) rows.push(`,select_one l${i % 100},q${i},¿Cuál es la opción ${i}?,Which is choice ${i}?,,,`);
    else rows.push(`,text,q${i},Diga el número ${i},Say the number ${i},,,`);
    if (i % 20 === 19) rows.push(',end_group,,,,,,');
  }
  rows.push('choices,,,,,,,', ',list_name,name,label::Español (es),label::English (en),state,,');
  for (let i = 0; i < 10000; i++) rows.push(`,l${i % 100},c${i},Opción número ${i},Choice number ${i},s${i % 32},,`);
  rows.push('settings,,,,,,,', ',form_id,version,default_language,,,,', ',big,1,Español (es),,,,');
  return rows.join('\n') + '\n';
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cobijo-page-'));
const store = `sqlite:${folder}/a.db`, file = path.join(folder, 'big.csv');
fs.writeFileSync(file, form());
run(['init', '--store', store, '--site', 'Banco', '--admin', 'marisol', '--password-stdin'], `${password}\n`);
run(['form', 'install', file, '--store', store]);
const child = spawn(binary(), ['serve', '--store', store, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
const url = await new Promise((done) => child.stdout.once('data', (text) => done(String(text).trim())));
const cpu = () => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
  .slice(11, 13).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);

const browser = await browse();
const page = await page_of(browser);
page.setDefaultTimeout(60000);
// Processor time of the page's main thread, by what it was spent on.
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
const spent = async () => Object.fromEntries((await devtools.send('Performance.getMetrics')).metrics
  .map((m) => [m.name, m.value * 1000]));
await log_in(page, url);
const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
const get = async () => {
  const began = performance.now();
  const answer = await fetch(`${url}/record/big/new`, { headers: { cookie, accept: 'text/html' } });
  const text = await answer.text();
  return [performance.now() - began, text.length];
};
console.log(`load ${os.loadavg()[0].toFixed(1)}; times in ms; 1,000 questions, 10,000 choices`);
const [cold, size] = await get();
const before = cpu(), warm = [];
for (let i = 0; i < 10; i++) warm.push((await get())[0]);
show('page over HTTP, cold', [cold]);
show('page over HTTP, warm: median', [median(warm)]);
show('... processor time of the server', [(cpu() - before) / 10]);
show('size of the HTML in KiB', [size / 1024]);

const parts = { response: [], read: [], ready: [], change: [] };
const used = { TaskDuration: [], LayoutDuration: [], RecalcStyleDuration: [], ScriptDuration: [] };
for (let i = 0; i < 5; i++) {
  await page.goto(`${url}/today`);
  const start = await spent();
  await page.goto(`${url}/record/big/new`, { waitUntil: 'domcontentloaded' });
  const at = await page.evaluate(() => {
    const [entry] = performance.getEntriesByType('navigation');
    return [entry.responseEnd, entry.domContentLoadedEventEnd];
  });
  const end = await spent();
  for (const name of Object.keys(used)) used[name].push(end[name] - start[name]);
  const first = await page.evaluate(() => new Promise((done) => {
    const form = document.querySelector('form[data-ready]') ?? [...document.forms].find((f) => f.querySelector('[name=q1]'));
    const began = performance.now();
    new MutationObserver((_, o) => { if (form.dataset.ready) { o.disconnect(); done(performance.now() - began); } })
      .observe(form, { attributes: true });
    if (form.dataset.ready) done(0);
    const field = form.querySelector('[name=q1]');
    field.focus();
    field.value = 'a';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }));
  const change = await page.evaluate(() => new Promise((done) => {
    const field = document.querySelector('[name=q5]'), box = document.querySelector('[data-q=q6]');
    const began = performance.now();
    new MutationObserver((_, o) => { o.disconnect(); done(performance.now() - began); })
      .observe(box, { attributes: true });
    field.value = 'si';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }));
  parts.response.push(at[0]);
  parts.read.push(at[1]);
  parts.ready.push(first);
  parts.change.push(change);
}
show('browser: last byte', [median(parts.response)]);
show('browser: page read, answers can be typed', [median(parts.read)]);
show('... processor time: all, layout, style, script', Object.values(used).map(median));
show('browser: first key until it thinks along', [median(parts.ready)]);
show('browser: an answer until another question opens', [median(parts.change)]);
await browser.close();
child.kill('SIGTERM');
fs.rmSync(folder, { recursive: true, force: true });
