/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* widgets.mjs - test/forms/muestrario.csv has every type and appearance that a
 * page draws. It is filled in by keyboard on a telephone and by pointer on a
 * desk, in both languages; what is saved is what was filled in. Then: photos
 * lose their place, files come back after a problem, are replaced and taken
 * away, run nothing and are closed to whom the answer is closed; all of it
 * without script; and a browser killed while somebody fills it in. Everything
 * here is invented.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { accessible, is, like, log_in, ok, page_of, password, picture, test }
  from './harness.mjs';

const source = readFileSync(new URL('../forms/muestrario.csv', import.meta.url), 'utf8');

/* --- files, made here ------------------------------------------------------- */

/* A JPEG that a canvas made, with an Exif segment as telephones write it: how
 * it is turned (6), and a place. */
function with_place(jpeg) {
  const tiff = Buffer.concat([
    Buffer.from('MM\0\x2a\0\0\0\x08', 'latin1'), Buffer.from([0, 1]),
    Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]),
    Buffer.from([0, 0, 0, 0]), Buffer.from('GPS-14.9N-92.2W-SECRET', 'latin1')]);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);

  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2),
                        Buffer.from('after-the-end-SECRET')]);
}

async function photo(page, width, height) {
  const text = await page.evaluate(async ([w, h]) => {
    const canvas = document.createElement('canvas');

    canvas.width = w;
    canvas.height = h;
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#2a6';
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = '#fff';
    pen.fillRect(w / 4, h / 4, w / 4, h / 4);
    return canvas.toDataURL('image/jpeg').split(',')[1];
  }, [width, height]);

  return { name: 'juana-perez.jpg', mimeType: 'image/jpeg',
           buffer: with_place(Buffer.from(text, 'base64')) };
}

function box(name, ...parts) {
  const body = Buffer.concat(parts.map(p => Buffer.from(p)));
  const head = Buffer.alloc(8);

  head.writeUInt32BE(body.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body]);
}

const film = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.concat([
  box('ftyp', 'isom\0\0\0\0isom'),
  box('moov', box('mvhd', Buffer.alloc(100)), box('udta', '+14.9-092.2-SECRET/')),
  box('mdat', 'pictures')]) };
const paper = { name: 'papel.pdf', mimeType: 'application/pdf',
                buffer: Buffer.from('%PDF-1.4 inventado') };

/* --- looking ---------------------------------------------------------------- */

const block = (page, name) => page.locator(`[data-q="${name}"]`);
const input = (page, name) => page.locator(`[name="${name}.file"]`);

async function put_in(page, url, kind_source = source) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const made = await page.request.post(`${url}/form/upload`, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'text/html' },
    form: { source: kind_source, _install: 'yes' } });

  ok(made.ok(), 'the form is put in', (await made.text()).slice(0, 2000));
}

async function record_of(page, url, path) {
  const got = await page.request.get(url + path, {
    headers: { Accept: 'application/json' } });

  const body = await got.json();

  return body.answers || body;
}

async function send(page) {
  await page.locator('main .acts button[type=submit]').click();
}

async function saved(page) {
  await page.waitForURL(at => /\/record\/muestrario\/[0-9a-f-]{36}$/.test(at.pathname));
  return new URL(page.url()).pathname;
}

/* Wide enough is not too wide. */
async function fits(page, width, name) {
  is(await page.evaluate(most => Array.from(document.querySelectorAll('main *'))
    .filter(one => one.getBoundingClientRect().right > most + 1 &&
      !one.closest('.likert label, .sr, [hidden], svg, .bare label'))
    .map(one => `${one.tagName}.${one.className}#${one.id} ` +
      Math.round(one.getBoundingClientRect().right)).join(' '), width), '', name);
}

async function ready(page, url, path = '/record/muestrario/new') {
  await page.goto(url + path);
  await page.locator('[name=nombre]').click();
  await page.locator('form[data-ready=here]').waitFor();
}

/* --- by keyboard ------------------------------------------------------------ */

/* Tab from the first field to the last: which questions does it come by? */
async function walk(page) {
  const seen = new Set();

  await page.locator('[name=nombre]').focus();
  for (let i = 0; i < 400; i++) {
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const q = one.closest('[data-q]:not(.group)');
      const edge = one.getBoundingClientRect();

      return { q: q && q.dataset.q, end: one.matches('.acts [type=submit]'),
               seen: edge.width > 0 && edge.height > 0 };
    });

    if (at.q && at.seen)
      seen.add(at.q);
    if (at.end)
      break;
    await page.keyboard.press('Tab');
  }
  const all = await page.evaluate(() =>
    Array.from(document.querySelectorAll('main form [data-q]:not(.group, .note)'))
      .filter(one => one.offsetParent && one.querySelector('input:not([type=hidden]), select, textarea'))
      .map(one => one.dataset.q));

  is(all.filter(name => !seen.has(name)).join(' '), '',
     `by keyboard Tab comes by every question (${seen.size})`);
}

async function press(page, where, ...keys) {
  const one = typeof where === 'string' ? page.locator(where).first() : where;

  await one.focus();
  for (const key of keys)
    await page.keyboard.press(key);
}

async function by_keyboard(page, url) {
  const write = async (name, text) => {
    await page.locator(`[name="${name}"]`).first().focus();
    await page.keyboard.type(text);
  };
  const radio = (name, ...keys) => press(page, `[name="${name}"][type=radio]`, 'Space', ...keys);

  await ready(page, url);
  await write('nombre', 'Persona Inventada');
  await write('relato', 'Una línea');
  await page.keyboard.press('Enter');
  await page.keyboard.type('y otra');
  await write('clave', 'colibrí');
  await write('digitos', '007');
  await write('pagina', 'https://ejemplo.org/a');
  await write('barras', 'A1');
  await write('entero', '1250000');
  like(await block(page, 'entero').textContent(), /1[ ,.\u00a0\u202f]250[ ,.\u00a0\u202f]000/,
       'a large number is told in groups');
  await write('decimal', '2.5');
  await page.fill('[name=dia]', '2026-11-22');
  await write('dia_partes.d', '3');
  await press(page, '[name="dia_partes.m"]', 'f');
  await write('dia_partes.y', '1999');
  await press(page, '[name="mes.m"]', 'm');
  await write('mes.y', '2020');
  await write('anio.y', '1987');
  await write('parcial.y', '2001');
  await page.fill('[name=hora]', '14:30');
  await page.fill('[name=momento]', '2026-11-22T09:15');
  await radio('s_simple');
  await press(page, '[name=s_minimal]', 'v');
  await press(page, '#q-s_auto');
  await page.keyboard.type('hond');
  await page.keyboard.press('Tab');
  await radio('s_likert', 'ArrowRight');
  await radio('s_quick');
  await radio('s_quickcompact', 'ArrowDown');
  await radio('s_columns');
  await radio('s_columns3', 'ArrowRight');
  await radio('s_pack');
  await radio('s_nobuttons', 'ArrowRight', 'ArrowRight');
  await radio('s_compact');
  await radio('s_horizontal');
  await press(page, '[name=s_filtro]', 'c');
  await press(page, '[name=m_simple][value=rojo]', 'Space');
  await press(page, '[name=m_simple][value=azul]', 'Space');
  await press(page, '[name=m_minimal][value=hn]', 'Space');
  await press(page, '[name=m_columns][value=verde]', 'Space');
  await press(page, block(page, 'orden').locator('li').first().locator('button').nth(1), 'Enter');
  is(await page.evaluate(() => document.activeElement.textContent), 'Bajar Rojo',
     'the focus stays with what is moved');
  await press(page, '[name=leido]', 'Space');
  await radio('t_dormir', 'ArrowRight');
  await radio('t_comer');
  await radio('l_uno', 'ArrowRight', 'ArrowRight');
  await radio('l_dos');
  await press(page, block(page, 'r_simple').locator('[type=range]'), 'Home', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await press(page, block(page, 'r_vertical').locator('[type=range]'), 'ArrowUp');
  await press(page, '[name=r_picker]', '3');
  await radio('r_rating', 'ArrowRight', 'ArrowRight');
  for (const [name, count] of [['punto', 1], ['camino', 3], ['terreno', 3]]) {
    await press(page, block(page, name).locator('[data-map-open]'), 'Enter');
    await block(page, name).locator('[data-drawn] svg').waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'svg');
    for (let i = 0; i < 4; i++)
      await page.keyboard.press('+');
    for (let i = 0; i < count; i++) {
      await page.keyboard.press('Enter');
      await page.keyboard.press(i % 2 ? 'ArrowDown' : 'ArrowRight');
    }
    if (name === 'camino') {
      await page.keyboard.press('Backspace');
      is((await page.inputValue('[name=camino]')).split(';').length, 2,
         'the last point is taken back');
    }
  }
  await input(page, 'foto').setInputFiles(await photo(page, 1600, 1200));
  await block(page, 'foto').locator('[data-look] canvas').waitFor();
  ok(await block(page, 'gracias').isVisible(), 'a photo is an answer at once');
  await press(page, block(page, 'firma').locator('[data-typed] input'));
  await page.keyboard.type('Inventada');
  await page.keyboard.press('Tab');
  await block(page, 'firma').locator('[data-shown]').waitFor();
  await input(page, 'dibujo').setInputFiles(await photo(page, 300, 200));
  await input(page, 'marcas').setInputFiles(await photo(page, 300, 200));
  await block(page, 'marcas').locator('canvas').waitFor();
  await press(page, block(page, 'voz').locator('[data-start]'), 'Enter');
  await block(page, 'voz').locator('[data-stop]').waitFor();
  await page.waitForTimeout(1300);
  is(await page.evaluate(() => document.activeElement.hasAttribute('data-stop')), true,
     'recording: the focus is on what ends it');
  await page.keyboard.press('Enter');
  await block(page, 'voz').locator('audio').waitFor();
  await input(page, 'video').setInputFiles(film);
  await input(page, 'papel').setInputFiles(paper);
  await press(page, 'button[name=_add][value=maleta]', 'Enter');
  await page.keyboard.type('Ropa');
  await input(page, 'maleta.0.retrato').setInputFiles(await photo(page, 200, 200));
  await press(page, 'button[name=_add][value=maleta]', 'Enter');
  await page.keyboard.type('Libros');
  await input(page, 'maleta.1.retrato').setInputFiles(await photo(page, 210, 200));
  await press(page, block(page, 'maleta.1.peso').locator('[type=range]'), 'End');
  await press(page, block(page, 'maleta.1.gusto').locator('li').nth(2).locator('button').first(), 'Enter');
  await write('maleta.1.donde', '14.9 -92.26');
}

const answers = { nombre: 'Persona Inventada', relato: 'Una línea\ny otra',
  clave: 'colibrí', digitos: '007', pagina: 'https://ejemplo.org/a', barras: 'A1',
  entero: '1250000', decimal: '2.5', dia: '2026-11-22', dia_partes: '1999-02-03',
  mes: '2020-03-01', anio: '1987-01-01', parcial: '2001', hora: '14:30',
  s_simple: 'rojo', s_minimal: 'verde', s_auto: 'hn', s_likert: '2',
  s_quick: 'rojo', s_quickcompact: 'verde', s_columns: 'gt', s_columns3: 'hn',
  s_pack: 'gt', s_nobuttons: 'azul', s_compact: 'rojo', s_horizontal: 'rojo',
  s_filtro: 'cho', m_simple: 'rojo azul', m_minimal: 'hn', m_columns: 'verde',
  orden: 'verde rojo azul', leido: 'OK', t_dormir: '2', t_comer: '1', l_uno: '3',
  l_dos: '1', r_simple: '6', r_vertical: '3.5', r_picker: '3', r_rating: '3' };

function same(record, wanted, how) {
  const wrong = Object.keys(wanted).filter(key => String(record[key]) !== wanted[key])
    .map(key => `${key}: got ${JSON.stringify(record[key])}, want ${wanted[key]}`);

  is(wrong.join('\n'), '', `${how}: ${Object.keys(wanted).length} answers as they were filled in`);
}

function places(record, how) {
  const trace = String(record.camino).split(';');
  const shape = String(record.terreno).split(';').map(one => one.trim());

  like(String(record.punto), /^[12]\d\.\d+ -\d+\.\d+ 0 \d+/, `${how}: a point in the region, as near as a finger is`);
  is(trace.length, 2, `${how}: a way of two points`);
  ok(shape.length === 4 && shape[0] === shape[3], `${how}: a shape is closed`, record.terreno);
}

/* --- by pointer ------------------------------------------------------------- */

async function by_pointer(page, url) {
  const tap = selector => page.locator(selector).first().click({ force: true });
  const pick = (name, value) => page.locator(`[name="${name}"][value="${value}"]`).first()
    .check();
  const drag = async (canvas, ...at) => {
    await canvas.scrollIntoViewIfNeeded();
    const edge = await canvas.boundingBox();

    await page.mouse.move(edge.x + at[0][0], edge.y + at[0][1]);
    await page.mouse.down();
    for (const [x, y] of at)
      await page.mouse.move(edge.x + x, edge.y + y, { steps: 4 });
    await page.mouse.up();
  };

  await ready(page, url);
  for (const [name, text] of [['nombre', 'Persona Inventada'], ['relato', 'Una línea\ny otra'],
    ['clave', 'colibrí'], ['digitos', '007'], ['pagina', 'https://ejemplo.org/a'],
    ['barras', 'A1'], ['entero', '1250000'], ['decimal', '2.5'], ['dia', '2026-11-22'],
    ['dia_partes.d', '3'], ['dia_partes.y', '1999'], ['mes.y', '2020'], ['anio.y', '1987'],
    ['parcial.y', '2001'], ['hora', '14:30'], ['momento', '2026-11-22T09:15']])
    await page.fill(`[name="${name}"]`, text);
  await page.selectOption('[name="dia_partes.m"]', '02');
  await page.selectOption('[name="mes.m"]', '03');
  await page.selectOption('[name=s_minimal]', 'verde');
  await tap('#q-s_auto');
  await page.locator('.choices li', { hasText: 'Honduras' }).click();
  for (const name of ['s_simple', 's_likert', 's_quick', 's_quickcompact', 's_columns',
    's_columns3', 's_pack', 's_nobuttons', 's_compact', 's_horizontal', 't_dormir',
    't_comer', 'l_uno', 'l_dos', 'r_rating'])
    await pick(name, answers[name]);
  await page.selectOption('[name=s_filtro]', 'cho');
  await pick('m_simple', 'rojo');
  await pick('m_simple', 'azul');
  await pick('m_minimal', 'hn');
  await pick('m_columns', 'verde');
  await block(page, 'orden').locator('li').nth(1).locator('button').first().click();
  await tap('[name=leido]');
  await page.fill('[name=r_simple]', '6');
  is(await block(page, 'r_simple').locator('[type=range]').inputValue(), '6', 'the slider follows the number');
  await page.fill('[name=r_vertical]', '3.5');
  await page.selectOption('[name=r_picker]', '3');
  for (const name of ['punto', 'camino', 'terreno']) {
    const here = block(page, name);

    await here.locator('[data-map-open]').click();
    await here.locator('[data-drawn] svg').waitFor();
    const svg = here.locator('svg');
    await svg.scrollIntoViewIfNeeded();
    const edge = await svg.boundingBox();
    const at = (x, y) => [edge.x + edge.width * x, edge.y + edge.height * y];

    await page.mouse.move(...at(0.62, 0.6));
    for (let i = 0; i < 6; i++)
      await page.mouse.wheel(0, -100);
    await page.waitForTimeout(100);
    if (name === 'punto') { /* dragged, it does not set a point */
      await page.mouse.down();
      await page.mouse.move(...at(0.5, 0.5), { steps: 5 });
      await page.mouse.up();
      is(await page.inputValue('[name=punto]'), '', 'moving the map is no answer');
    }
    await page.mouse.click(...at(0.6, 0.6));
    if (name !== 'punto') {
      await page.mouse.click(...at(0.7, 0.5));
      await page.mouse.click(...at(0.5, 0.4));
    }
    if (name === 'camino')
      await here.locator('[data-undo]').click();
  }
  await input(page, 'foto').setInputFiles(await photo(page, 1600, 1200));
  await drag(block(page, 'firma').locator('canvas').first(), [20, 30], [120, 80], [220, 30]);
  await block(page, 'firma').locator('[data-shown]').waitFor();
  await drag(block(page, 'dibujo').locator('canvas').first(), [20, 30], [120, 80]);
  await drag(block(page, 'dibujo').locator('canvas').first(), [50, 90], [120, 20]);
  await block(page, 'dibujo').locator('[data-back]').click();
  await input(page, 'marcas').setInputFiles(await photo(page, 300, 200));
  await block(page, 'marcas').locator('[data-drawing]').waitFor();
  await page.waitForTimeout(200);
  await drag(block(page, 'marcas').locator('canvas').first(), [20, 30], [60, 50]);
  await block(page, 'voz').locator('[data-start]').click();
  await page.waitForTimeout(700);
  await block(page, 'voz').locator('[data-stop]').click();
  await block(page, 'voz').locator('audio').waitFor();
  await input(page, 'video').setInputFiles(film);
  await input(page, 'papel').setInputFiles(paper);
}

/* --- what came -------------------------------------------------------------- */

async function file_of(page, url, path, name) {
  const got = await page.request.get(`${url}${path}/file/${name}`);

  return { status: got.status(), headers: got.headers(), body: await got.body() };
}

async function files_came(page, url, path, how) {
  const record = await record_of(page, url, path);

  for (const [name, pattern] of [['foto', /^foto-[0-9a-f]{16}\.jpg$/],
    ['firma', /\.png$/], ['dibujo', /\.(png|jpg)$/], ['marcas', /\.jpg$/],
    ['voz', /\.(weba|m4a)$/], ['video', /\.mp4$/], ['papel', /\.pdf$/]]) {
    like(String(record[name]), pattern, `${how}: ${name} has a name of ours`);
    const got = await file_of(page, url, path, record[name]);

    ok(got.status === 200 && got.body.length > 0 && !got.body.includes('SECRET'),
       `${how}: ${name} is there and says no place`, `${got.status} ${got.body.length}`);
    like(got.headers['content-security-policy'], /sandbox/, `${how}: ${name} runs nothing`);
    is(got.headers['x-content-type-options'], 'nosniff', `${how}: ${name} is what it says`);
    like(got.headers['content-disposition'], name === 'papel' ? /^attachment/ : /^inline/,
         `${how}: ${name} is ${name === 'papel' ? 'handed out' : 'shown'}`);
  }
  return record;
}

async function on_the_page(page, how) {
  like(await page.content(), /<audio controls/, `${how}: a voice can be heard`);
  is(await page.evaluate(async () => {
    const list = Array.from(document.querySelectorAll('.facts img'));

    await Promise.all(list.map(one => { one.loading = 'eager'; return one.decode(); }));
    return list.every(one => one.naturalWidth > 0) && list.length > 3;
  }), true, `${how}: pictures are seen`);
}

/* Replaced, taken away, kept. */
async function changed(page, url, path) {
  const before = await record_of(page, url, path);

  await page.goto(`${url}${path}/edit`);
  ok(await block(page, 'foto').locator('.kept img').isVisible(), 'what is kept is shown where it is changed');
  await page.locator('[name="marcas.drop"]').check();
  await input(page, 'foto').setInputFiles(await photo(page, 90, 60));
  await page.waitForFunction(() => document.querySelector('[name="foto.file"]').files[0].name === 'foto.jpg');
  await send(page);
  await saved(page);
  const after = await record_of(page, url, path);

  ok(after.foto && after.foto !== before.foto, 'another photo, another name');
  ok(!after.marcas, 'what is taken away is no answer any more', after.marcas);
  is(after.firma, before.firma, 'what nobody touched stays');
  is((await file_of(page, url, path, before.foto)).status, 404, 'the replaced one is not handed out any more');
  is((await file_of(page, url, path, before.marcas)).status, 404, 'nor the one taken away');
  is((await file_of(page, url, path, after.foto)).status, 200, 'the new one is');
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const forged = await page.request.post(url + path, { data: { foto: after.papel },
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' } });
  is(forged.status(), 422, 'an answer cannot name the file of another');
}

/* A problem elsewhere: the file comes back by itself. */
async function after_a_problem(page, url) {
  await ready(page, url);
  await input(page, 'foto').setInputFiles(await photo(page, 800, 600));
  await block(page, 'foto').locator('[data-look] canvas').waitFor();
  await page.waitForTimeout(500);
  await send(page);
  await page.locator('.problem[role=alert]').waitFor();
  await block(page, 'foto').locator('[data-look] canvas').waitFor();
  ok(true, 'after a problem the photo is back by itself');
  await page.fill('[name=nombre]', 'Otra Inventada');
  await send(page);
  const path = await saved(page);

  like((await record_of(page, url, path)).foto, /^foto-/, 'and goes with the second try');
  is(await page.evaluate(() => new Promise(resolve => {
    const asked = indexedDB.open('cobijo-drafts');

    asked.onsuccess = () => {
      const all = asked.result.transaction('draft').objectStore('draft').count();

      all.onsuccess = () => { asked.result.close(); resolve(all.result); };
    };
  })), 0, 'nothing of it stays on the device');
}

async function too_large(page, url) {
  await ready(page, url);
  await page.fill('[name=relato]', 'se queda');
  await input(page, 'video').evaluate(field => {
    const list = new DataTransfer();

    list.items.add(new File([new Uint8Array(9 * 1024 * 1024)], 'x.mp4', { type: 'video/mp4' }));
    field.files = list.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await block(page, 'video').locator('[data-said=large]').waitFor();
  like(await block(page, 'video').textContent(), /8 MB/, 'too large is said before it is sent');
  is(await page.evaluate(() => document.querySelector('[name="video.file"]').files.length), 0, 'and it is not sent');
  await input(page, 'foto').setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg',
    buffer: Buffer.from('no soy una foto') });
  await block(page, 'foto').locator('[data-said=picture]').waitFor();
  ok(true, 'what is no photo is said at once');
  is(await page.inputValue('[name=relato]'), 'se queda', 'and what was typed stays');
}

/* --- without script ---------------------------------------------------------- */

async function plain(browser, state, url) {
  const page = await page_of(browser, { script: false, state, width: 360, height: 740 });
  const scripted = await page_of(browser, { state });

  await scripted.goto(`${url}/today`);
  await page.goto(`${url}/record/muestrario/new`);
  await page.fill('[name=nombre]', 'Sin Guion');
  await page.locator('[name=orden]').nth(0).selectOption('azul');
  await page.locator('[name=orden]').nth(1).selectOption('rojo');
  await page.locator('[name=orden]').nth(2).selectOption('verde');
  await page.fill('[name=r_simple]', '3');
  await page.fill('[name=punto]', '14.9 -92.26');
  await page.locator('[name=r_rating][value="4"]').check();
  await page.fill('[name="anio.y"]', '1990');
  await input(page, 'foto').setInputFiles(await photo(scripted, 400, 300));
  await input(page, 'marcas').setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg',
    buffer: Buffer.from('no soy una foto') });
  await picture(page, 'widgets-plain-360');
  await send(page);
  const said = await page.textContent('main');
  like(said, /no es una foto/, 'without script: what is no photo is said by the server');
  like(said, /fuera de lo que admite/, 'and a number off the scale');
  like(await block(page, 'foto').textContent(), /Elija el archivo otra vez/, 'and that the photo must be chosen again');
  is(await page.inputValue('[name=nombre]'), 'Sin Guion', 'and what was typed is there');
  await page.fill('[name=r_simple]', '4');
  await input(page, 'foto').setInputFiles(await photo(scripted, 400, 300));
  await send(page);
  const path = await saved(page);
  const record = await record_of(page, url, path);

  same(record, { orden: 'azul rojo verde', r_simple: '4', r_rating: '4',
                 anio: '1990-01-01', punto: '14.9 -92.26' }, 'without script');
  const got = await file_of(page, url, path, record.foto);

  ok(got.status === 200 && !got.body.includes('SECRET') &&
     got.body.includes('Exif'), 'without script the server takes the place out of the photo, and keeps how it is turned');
  is(await scripted.evaluate(async href => {
    const one = new Image();

    one.src = href;
    await one.decode();
    return `${one.naturalWidth}x${one.naturalHeight}`;
  }, `${path}/file/${record.foto}`), '300x400', 'a browser turns it');
  await scripted.context().close();
  await page.context().close();
}

/* --- the battery dies -------------------------------------------------------- */

async function start_browser(folder) {
  const child = spawn('/usr/bin/chromium', ['--headless=new', '--no-sandbox',
    '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${folder}`,
    '--lang=es-MX', 'about:blank'], { detached: true,
                                      stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await new Promise((resolve, reject) => {
    let text = '';

    child.stderr.on('data', part => {
      text += part;
      const found = /DevTools listening on (ws:\S+)/.exec(text);

      if (found)
        resolve(found[1]);
    });
    child.on('exit', () => reject(new Error(`no browser: ${text}`)));
  });
  const browser = await chromium.connectOverCDP(address);
  const page = await browser.contexts()[0].newPage();

  page.setDefaultTimeout(10000);
  return { child, page };
}

/* All of the browser's processes are a group of their own and end together:
 * one left alone would go on writing into the folder. */
async function gone(child) {
  await new Promise(resolve => {
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.on('exit', resolve);
    process.kill(-child.pid, 'SIGKILL');
  });
}

async function battery(url) {
  const folder = mkdtempSync(join(tmpdir(), 'cobijo-battery-'));
  const running = {};

  try {
    await killed(url, folder, running);
  } finally {
    await gone(running.child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20,
                     retryDelay: 100 });
  }
}

async function killed(url, folder, running) {
  let { child, page } = await start_browser(folder);

  running.child = child;

  await log_in(page, url);
  await ready(page, url);
  await page.fill('[name=nombre]', 'Se Apaga');
  await page.click('button[name=_add][value=maleta]');
  await page.fill('[name="maleta.0.que"]', 'Primera');
  await page.click('button[name=_add][value=maleta]');
  await page.fill('[name="maleta.1.que"]', 'Segunda');
  await input(page, 'maleta.1.retrato').setInputFiles(await photo(page, 220, 100));
  await block(page, 'maleta.1.retrato').locator('[data-look] canvas').waitFor();
  await block(page, 'maleta.1.gusto').locator('li').nth(2).locator('button').first().click();
  await page.waitForTimeout(Number(process.env.BATTERY_WAIT || 1500));
  await gone(child);
  ({ child, page } = await start_browser(folder));
  running.child = child;
  await page.goto(`${url}/record/muestrario/new`);
  if (/login/.test(page.url()))
    await log_in(page, url);
  await page.goto(`${url}/record/muestrario/new`);
  await page.locator('[data-draft-offer]').waitFor();
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name=nombre]'), 'Se Apaga', 'killed while filling in: the draft is there');
  is(await page.inputValue('[name="maleta.1.que"]'), 'Segunda', 'with its rows');
  await block(page, 'maleta.1.retrato').locator('[data-look] canvas').waitFor();
  ok(true, 'and the photo in one of them');
  is(await page.evaluate(() => Array.from(document.querySelectorAll('[name="maleta.1.gusto"]'))
    .map(one => one.value).join(' ')), 'rojo azul verde', 'and an order');
  await send(page);
  const record = await record_of(page, url, await saved(page));

  like(record.maleta[1].retrato, /^retrato-/, 'and all of it is sent');
}

/* --- */

await test(async (server, browser) => {
  const phone = await page_of(browser, { width: 360, height: 740 });

  await log_in(phone, server.url);
  await put_in(phone, server.url);
  const state = await phone.context().storageState();

  await ready(phone, server.url);
  await walk(phone);
  await by_keyboard(phone, server.url);
  await fits(phone, 360, 'nothing is wider than 360 px');
  await accessible(phone, 'every widget, at 360');
  await picture(phone, 'widgets-360');
  await send(phone);
  const path = await saved(phone);
  const record = await files_came(phone, server.url, path, 'by keyboard');

  same(record, answers, 'by keyboard');
  places(record, 'by keyboard');
  like(String(record.momento), /^2026-11-22T09:15/, 'and a moment');
  is(record.maleta.map(one => one.que).join(), 'Ropa,Libros', 'rows');
  is(`${record.maleta[1].peso} ${record.maleta[1].gusto} ${record.maleta[1].donde}`,
     '5 rojo azul verde 14.9 -92.26', 'and what is in them');
  ok(record.maleta[0].retrato !== record.maleta[1].retrato, 'each with its photo');
  await on_the_page(phone, 'the page of the record');
  await fits(phone, 360, 'the record is not wider than 360 px');
  await accessible(phone, 'the record, at 360');
  await picture(phone, 'widgets-record-360');
  await changed(phone, server.url, path);
  await after_a_problem(phone, server.url);
  await too_large(phone, server.url);

  const desk = await page_of(browser, { dark: true, language: 'en', state });

  await desk.goto(`${server.url}/today?lang=en`);
  await by_pointer(desk, server.url);
  await accessible(desk, 'every widget, at 1280, dark, English');
  await picture(desk, 'widgets-1280-dark-en');
  await send(desk);
  const other = await saved(desk);

  same(await files_came(desk, server.url, other, 'by pointer'), answers, 'by pointer');
  places(await record_of(desk, server.url, other), 'by pointer');

  await plain(browser, state, server.url);
  await battery(server.url);
  is(phone.complaints.concat(desk.complaints)
    .filter(text => !/status of (4|0)/.test(text)).join('\n'), '', 'the console is silent');
}, { browser: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
