/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper.mjs - every shipped form printed by `cobijo form print` and by the
 * page: each asked question once and in order, as the form's own CSV (read
 * here independently) says; no page of the PDF tears a question; nothing is
 * fetched; axe finds nothing; sums by hand are what the program scores. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync }
  from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, binary, is, log_in, ok, page_of, picture, test }
  from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-paper-'));
const print = (...args) => execFileSync(binary(), ['form', 'print', ...args],
                                        { encoding: 'utf8' });

/* --- a form, read without the program --------------------------------------- */

function csv(text) {
  const rows = [[]];
  let cell = '', quoted = false;

  for (let i = 0; i < text.length; i++) {
    const c = text[i];

    if (quoted && c === '"' && text[i + 1] === '"') { cell += c; i++; }
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ',') { rows.at(-1).push(cell); cell = ''; }
    else if (!quoted && c === '\n') {
      rows.at(-1).push(cell); cell = ''; rows.push([]);
    } else if (c !== '\r') cell += c;
  }
  return rows;
}

function asked(path) {
  const silent = /^(begin|end|calculate|hidden|note|start|today|username)/;
  const names = [];
  let sheet = '', head = null;

  for (const row of csv(readFileSync(path, 'utf8'))) {
    if (row[0]) { sheet = row[0]; head = null; continue; }
    if (sheet !== 'survey' || row.length < 3) continue;
    if (!head) { head = row; continue; }
    const at = name => row[head.indexOf(name)] || '';

    if (at('type') && !silent.test(at('type')) && !at('calculation') &&
        at('bind::cobijo:system') !== 'yes' &&
        ['', 'person', 'place', 'user'].includes(at('bind::cobijo:ref')) &&
        !(at('readonly') === 'yes' && !at('relevant')))
      names.push(at('name'));
  }
  return names;
}

const plain = key => key.split('/').pop();

/* --- what is printed ---------------------------------------------------------- */

function codes(path) {
  const lists = {}, of = {};
  let sheet = '', head = null;

  for (const row of csv(readFileSync(path, 'utf8'))) {
    if (row[0]) { sheet = row[0]; head = null; continue; }
    if (!head) { head = row; continue; }
    const at = name => row[head.indexOf(name)] || '';

    if (sheet === 'survey') of[at('name')] = at('type').split(' ')[1];
    if (sheet === 'choices') (lists[at('list_name')] ||= []).push(at('name'));
  }
  return Object.fromEntries(Object.entries(of).map(([key, list]) =>
    [key, lists[list] || []]));
}

await test(async (server, browser) => {
const page = await page_of(browser);
const forms = readdirSync('forms').filter(name => name.endsWith('.csv'));
const fetched = [];

page.on('request', request => {
  if (!request.url().startsWith('file:'))
    fetched.push(request.url());
});

for (const name of forms) {
  const file = join(folder, `${name}.html`);

  for (const language of ['es', 'en']) {
    writeFileSync(file, print(`forms/${name}`, '--language', language));
    await page.goto(`file://${file}`);
    const found = await page.$$eval('[data-q]', all => all.map(e => e.dataset.q));
    is(found.map(plain).join(' '), asked(`forms/${name}`).join(' '),
       `${name} ${language}: every question once, in order`);
    const numbers = await page.$$eval('[data-q]', all => all.map(e =>
      (e.querySelector('.number') || e).textContent.match(/\d+/)[0]));
    ok(numbers.every((number, i) => +number === i + 1), `${name}: numbered`);
  }
}
is(fetched.join(' '), '', 'a printed form fetches nothing');

/* Where a question's text begins and ends in the PDF: on the same page. Marks
 * that no form has stand at both ends while it is measured. */
for (const name of ['screening', 'person', 'best_interest', 'shelter_check',
                    'ofam_evaluation']) {
  for (const format of ['Letter', 'A4']) {
    const file = join(folder, 'torn');

    writeFileSync(`${file}.html`, print(`forms/${name}.csv`, '--language', 'es'));
    await page.goto(`file://${file}.html`);
    const count = await page.evaluate(() => {
      const all = document.querySelectorAll('tr.q');
      all.forEach((row, i) => {
        const cell = row.firstElementChild;
        const mark = text => {
          const b = document.createElement('b');
          b.textContent = text;
          b.style.cssText = 'position:absolute;font-size:4pt;color:#111';
          return b;
        };
        cell.style.position = 'relative';
        cell.prepend(mark(`Qa${i}z`));
        const last = mark(`Qb${i}z`);
        last.style.bottom = '0';
        last.style.right = '0';
        cell.append(last);
      });
      return all.length;
    });
    await page.pdf({ path: `${file}.pdf`, format });
    const pages = execFileSync('pdftotext', ['-layout', `${file}.pdf`, '-'],
                               { encoding: 'utf8' }).split('\f');
    const torn = [];

    for (let i = 0; i < count; i++) {
      const from = pages.findIndex(text => text.includes(`Qa${i}z`));
      const to = pages.findIndex(text => text.includes(`Qb${i}z`));

      if (from < 0 || from !== to)
        torn.push(`${i}: ${from} ${to}`);
    }
    is(torn.join(', '), '', `${name} ${format}: ${count} rows, none torn`);
    ok(pages.filter(text => text.trim()).every(text => text.includes(`${name} · `)),
       `${name} ${format}: every page says form and version`);
  }
}

/* --- conditions, points, refusals ---------------------------------------------- */

const text_of = (...args) => print(...args).replace(/<[^>]*>/g, ' ')
  .replace(/&#?\w+;/g, '"').replace(/\s+/g, ' ');
const conditions = join(folder, 'conditions.csv');

writeFileSync(conditions, `survey
,type,name,label::Español (es),relevant,constraint,appearance
,select_one abc,one,Uno,,,
,select_multiple abc,many,Muchos,,,
,integer,n,Número,,. >= 0 and . <= 120,
,hidden,secret,,,,
,text,c1,C1,"\${one} = 'a'",,
,text,c2,C2,"\${one} != 'a'",,
,text,c3,C3,"\${one} = 'a' or \${one} = 'b'",,
,text,c4,C4,"not(\${one} = 'a') and \${one} != ''",,
,text,c5,C5,"selected(\${many}, 'a') or selected(\${many}, 'c')",,
,text,c6,C6,"not(selected(\${many}, 'b'))",,
,text,c7,C7,"\${n} >= 18 and \${one} = 'c'",,
,text,c8,C8,"\${secret} = 'x'",,
,text,c9,C9,"starts-with(\${one}, 'b')",,
,text,c10,C10,"today() > date('2026-01-01') and \${n} = 3",,
,text,c11,C11,"(\${n} < 5 or \${one} = 'a') and selected(\${many}, 'b')",,
,text,c12,C12,"not(selected(\${many}, 'a')) or not(selected(\${many}, 'b'))",,
,text,c13,C13,multiline?,,multiline
choices
,list_name,name,label::Español (es)
,abc,a,Alfa
,abc,b,Beta
,abc,c,Gama
settings
,form_id,form_title,version
,conditions,Condiciones,1
`.replace('multiline?', ''));
const said = text_of(conditions, '--language', 'es');

for (const [name, want] of [
  ['C1', 'Solo si la 1 (Uno) es «Alfa».'],
  ['C2', 'Solo si la 1 (Uno) no es «Alfa».'],
  ['C3', 'Solo si la 1 (Uno) es «Alfa» o «Beta».'],
  ['C4', 'Solo si la 1 (Uno) es «Beta» o «Gama».'],
  ['C5', 'Solo si en la 2 (Muchos) marcó «Alfa» o «Gama».'],
  ['C6', 'Solo si en la 2 (Muchos) no marcó «Beta».'],
  ['C7', 'Solo si la 3 (Número) es 18 o más y además la 1 (Uno) es «Gama».'],
  ['C8', 'Según datos que ya están en el registro.'],
  ['C9', 'Solo si la 1 (Uno) es «Beta».'],
  ['C10', 'Según la respuesta a la pregunta 3.'],
  ['C11', 'Solo si (la 3 (Número) es menos de 5 o bien la 1 (Uno) es «Alfa») ' +
          'y además en la 2 (Muchos) marcó «Beta».'],
  ['C12', 'Solo si en la 2 (Muchos) no marcó «Alfa» o bien en la 2 (Muchos) ' +
          'no marcó «Beta».'],
])
  ok(said.includes(`${name} ${want}`) || said.includes(`${name}  ${want}`),
     `${name}: ${want}`, said.slice(said.indexOf(`${name} `)).slice(0, 200));
ok(said.includes('de 0 a 120'), 'the range of a number is printed');

/* Every worked example, added up from the sheet's points alone, is what the
 * program says. */
let sums = 0;
for (const name of readdirSync('test/instruments')) {
  const example = JSON.parse(readFileSync(`test/instruments/${name}`, 'utf8'));
  const answers = example.answers || example;
  const kind = name.replace('.json', '');
  const form = forms.find(one => one === `${kind}.csv`) ||
               (example.form && `${example.form}.csv`);

  if (!form)
    continue;
  const file = join(folder, 'sum.html');
  writeFileSync(file, print(`forms/${form}`, '--language', 'es'));
  await page.goto(`file://${file}`);
  const points = await page.evaluate(() =>
    [...document.querySelectorAll('[data-q]')].map(row => [row.dataset.q,
      [...row.querySelectorAll('.choice')].map(choice =>
        (choice.querySelector('.points') || { textContent: '' }).textContent)]));
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll('.score')].filter(row =>
      row.querySelector('.letter') && !row.textContent.includes('÷'))
      .map(row => [row.querySelector('.letter').textContent,
                   row.firstElementChild.textContent.slice(2).trim()]));
  const scored = JSON.parse(execFileSync(binary(), ['form', 'score',
    `forms/${form}`, '--answers', `test/instruments/${name}`, '--format',
    'json'], { encoding: 'utf8', env: { ...process.env, LANG: 'es_MX.UTF-8' } }));
  const values = [scored.total, ...scored.subtotals].filter(Boolean);
  const lists = codes(`forms/${form}`);

  for (const [letter, label] of boxes) {
    const score = values.find(one => one.label === label);
    let sum = 0;

    for (const [key, choices] of points) {
      const given = String(answers[key] ?? '').split(' ');

      choices.forEach((text, i) => {
        const part = text.split(', ').find(one => one.startsWith(`${letter} `));
        if (part && given.includes(lists[key][i]))
          sum += +part.slice(2);
      });
    }
    if (!score)
      continue;
    sums++;
    is(sum, Number(score.value || 0), `${kind}: ${label} by hand`);
  }
}
ok(sums >= 8, `sums by hand were compared (${sums})`);

let refused = '';
try {
  execFileSync(binary(), ['form', 'print', conditions, '--language', 'xx'],
               { stdio: 'pipe', env: { ...process.env, LANG: 'es_MX.UTF-8' } });
} catch (error) { refused = `${error.status} ${error.stderr}`; }
ok(/^[12] .*«xx»/.test(refused), 'a language it does not have is refused',
   refused);

/* --- the page --------------------------------------------------------------------- */

for (const width of [360, 1280]) {
  const screen = await page_of(browser, { width });

  await log_in(screen, server.url);
  await screen.goto(`${server.url}/form`);
  ok(await screen.$('a[href="/form/person/paper"]'), 'linked from the list');
  await screen.goto(`${server.url}/form/shelter_check`);
  await screen.click('text=Imprimir en papel');
  await screen.waitForURL(/paper/);
  await picture(screen, `paper-${width}`);
  await accessible(screen, `the paper page at ${width}`);
  ok(await screen.evaluate(() => document.documentElement.scrollWidth <=
    window.innerWidth), `nothing hangs out at ${width}`);
  ok((await screen.textContent('.site')).includes('Casa de Prueba'),
     'the house is named');
  await screen.goto(`${server.url}/form/shelter_check/paper?language=en`);
  is(await screen.getAttribute('html', 'lang'), 'en', 'in English');
  ok((await screen.textContent('.legend')).includes('mark one'),
     'the words around it too');
  is(screen.complaints.join('\n'), '', 'the console is quiet');
  await screen.context().close();
}

/* The code at the foot of an older sheet leads to that version, and says what
 * changed. */
const older = await page_of(browser);
await log_in(older, server.url);
for (const [version, question] of [['1', 'vieja'], ['2', 'nueva']])
  is(await older.evaluate(async source => {
    const body = new FormData();

    body.append('source', source);
    body.append('_install', 'yes');
    body.append('_csrf', document.body.dataset.csrf);
    return (await fetch('/form/upload', { method: 'POST', body })).status;
  }, `survey\n,type,name,label\n,text,igual,Igual\n,text,${question},${question}
settings\n,form_id,form_title,version\n,prueba,Prueba,${version}\n`), 200,
     `version ${version} put to use`);
await older.goto(`${server.url}/form/prueba/paper?version=1`);
const warning = await older.textContent('.tools');
ok(/versión anterior/.test(warning) && /«vieja»/.test(warning) &&
   /«nueva»/.test(warning), 'an older sheet says what changed', warning);
is((await older.$$('[data-q=vieja]')).length, 1, 'and asks what it asked');
await older.goto(`${server.url}/form/prueba/paper`);
ok(!/versión anterior/.test(await older.textContent('.tools')),
   'the present one does not');
is((await older.goto(`${server.url}/form/nada/paper`)).status(), 404,
   'a form that is not there');
await older.context().close();
rmSync(folder, { recursive: true, force: true });
});
