/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lists.mjs - choices that are not in the form's own sheet: files that go up
 * with it (.csv, .geojson, .xml), pulldata(), answers of a repeat. And media
 * of questions and choices. All invented. */
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { join } from 'node:path';
import { accessible, is, like, log_in, ok, page_of, picture, test, turn }
  from './harness.mjs';

const form = `survey
,type,name,label::Español (es),label::English (en),calculation,choice_filter
,text,estado,Estado,State,,
,select_one_from_file pueblos.csv,pueblo,Pueblo,Village,,estado = \${estado} or \${estado} = ''
,calculate,gente,,,"pulldata('pueblos', 'gente', 'name', \${pueblo})",
,note,n_gente,Viven ahí: \${gente},Living there: \${gente},,
,select_one_from_file casas.geojson,casa,Casa,House,,
,select_one_from_file rutas.xml,ruta,Ruta,Route,,
,begin_repeat,hijo,Hijos,Children,,
,text,hijo_nombre,Nombre,Name,,
,integer,hijo_edad,Edad,Age,,
,end_repeat,,,,,
,select_one \${hijo_nombre},menor,¿Cuál es menor de edad?,Which one is under age?,,\${hijo_edad} < 18
settings
,form_id,form_title::Español (es),form_title::English (en),version,default_language
,listas,Listas,Lists,1,Español (es)
`;
const pueblos = 'name,label,estado,gente\na,Árbol,x,12\nb,Bosque,y,7\n';
const casas = JSON.stringify({ type: 'FeatureCollection', features: [
  { type: 'Feature', id: 'h1', properties: { title: 'Casa Uno' },
    geometry: { type: 'Point', coordinates: [-99.5, 19.25] } }] });
const rutas = '<root><item><name>n</name><label>Norte</label></item></root>';

function files(folder) {
  const path = name => join(folder, name);

  for (const [name, text] of Object.entries({ 'listas.csv': form,
    'pueblos.csv': pueblos, 'casas.geojson': casas, 'rutas.xml': rutas }))
    writeFileSync(path(name), text);
  return path;
}

/* The form alone, then its lists, then it is put to use. */
async function publish(page, url, path) {
  await page.goto(`${url}/form/upload`);
  await page.setInputFiles('#file', path('listas.csv'));
  await page.click('main form.pass button');
  await page.waitForURL(/\/form\/listas\/draft$/);
  for (const name of ['pueblos.csv', 'casas.geojson', 'rutas.xml'])
    like(await page.textContent('main'), new RegExp(name.replace('.', '\\.')),
         `${name} is missed`);
  await page.setViewportSize({ width: 360, height: 800 });
  await accessible(page, 'a draft without its lists');
  await picture(page, 'lists-missed-360');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.setInputFiles('#list', ['pueblos.csv', 'casas.geojson', 'rutas.xml'].map(path));
  await turn(page, () => page.click('main form.pass button'));
  ok(!/No se encuentra/.test(await page.textContent('main')), 'and found');
  await page.click('main form[action$="/publish"] button');
  await page.waitForURL(/\/form\/listas\?said/);
}

const options = (page, name) => page.$$eval(
  `[name="${name}"]`, all => all.flatMap(one => one.tagName === 'SELECT'
    ? [...one.options].map(o => o.value).filter(Boolean)
    : one.type === 'radio' && one.value && !one.closest('[hidden]') ? [one.value] : [])
    .join());

async function fill(page, url) {
  await page.goto(`${url}/record/listas/new`);
  is(await options(page, 'casa'), 'h1', 'choices of a GeoJSON file');
  is(await options(page, 'ruta'), 'n', 'choices of an XML file');
  await page.fill('[name="estado"]', 'y');
  await page.waitForFunction(() => {
    const one = document.querySelector('input[name="pueblo"][value="a"]');

    return !one || one.closest('[hidden]') || one.disabled;
  });
  is(await options(page, 'pueblo'), 'b', 'a file is filtered');
  await page.check('input[name="pueblo"][value="b"]');
  await page.waitForFunction(() => /Viven ahí: 7/.test(document.body.textContent));
  ok(true, 'pulldata() as one types');
  await page.click('main button:has-text("Agregar")');
  await page.fill('[name="hijo.0.hijo_nombre"]', 'Ejemplo Uno');
  await page.fill('[name="hijo.0.hijo_edad"]', '30');
  await page.click('main button:has-text("Agregar")');
  await page.fill('[name="hijo.1.hijo_nombre"]', 'Ejemplo Dos');
  await page.fill('[name="hijo.1.hijo_edad"]', '9');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() =>
    document.querySelector('input[name="menor"][value="Ejemplo Dos"], select[name="menor"] option[value="Ejemplo Dos"]'));
  is(await options(page, 'menor'), 'Ejemplo Dos', 'answers of a repeat, filtered');
  await page.check('input[name="menor"][value="Ejemplo Dos"]');
  await accessible(page, 'choices of all origins');
  await picture(page, 'lists-filled');
  await page.click('main button[type="submit"]:has-text("Guardar")');
  await page.waitForURL(/\/record\/listas\/[0-9a-f-]{36}/);
  like(await page.textContent('main'), /Bosque[^]*Ejemplo Dos/, 'saved');
}

/* What a telephone downloads. */
async function phone(page, url) {
  const text = async path => (await page.request.get(url + path)).text();

  like(await text('/xform/listas/manifest'), /casas\.geojson/, 'in the manifest');
  is(await text('/xform/listas/media/pueblos.csv'), pueblos, 'a CSV as it came');
  like(await text('/xform/listas/media/casas.geojson'),
       /"type":"Point","coordinates":\[-99.5,19.25\]/, 'GeoJSON again');
  like(await text('/xform/listas/media/rutas.xml'), /<name>n<\/name>/, 'XML again');
}

/* --- media ---------------------------------------------------------------- */

const media_form = `survey
,type,name,label::Español (es),label::English (en),media::image::Español (es),media::image::English (en),big-image,media::audio
,select_one color,color,¿Qué color?,Which colour?,azul.png,rojo.png,azul.png,
,text,voz,¿Qué oyó?,What did you hear?,,,,tono.wav.mp3
,note,aviso,Mire,Look,falta.png,,,
choices
,list_name,name,label::Español (es),label::English (en),media::image
,color,rojo,Rojo,Red,rojo.png
,color,azul,Azul,Blue,
settings
,form_id,form_title::Español (es),form_title::English (en),version,default_language
,medios,Medios,Media,1,Español (es)
`;

function crc(bytes) {
  let all = ~0;

  for (const one of bytes) {
    all ^= one;
    for (let i = 0; i < 8; i++)
      all = all >>> 1 ^ (all & 1 ? 0xedb88320 : 0);
  }
  return ~all >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);

  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

/* A picture of one colour, 120 to 80. */
function png(red, green, blue) {
  const head = Buffer.from([0, 0, 0, 120, 0, 0, 0, 80, 8, 2, 0, 0, 0]);
  const line = Buffer.from([0, ...Array(120).fill([red, green, blue]).flat()]);

  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array(80).fill(line)))),
    chunk('IEND', Buffer.alloc(0))]);
}

const tone = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(5000, 1)]);

async function media_publish(page, url, folder) {
  const path = name => join(folder, name);

  writeFileSync(path('medios.csv'), media_form);
  writeFileSync(path('azul.png'), png(20, 60, 200));
  writeFileSync(path('rojo.png'), png(200, 30, 30));
  writeFileSync(path('tono.wav.mp3'), tone);
  writeFileSync(path('dibujo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await page.goto(`${url}/form/upload`);
  await page.setInputFiles('#file', path('medios.csv'));
  await page.setInputFiles('#list', [path('dibujo.svg')]);
  await turn(page, () => page.click('main form.pass button'));
  like(await page.textContent('main'), /dibujo\.svg.*no se puede mostrar/, 'no SVG');
  await page.setInputFiles('#file', path('medios.csv'));
  await page.setInputFiles('#list', ['azul.png', 'rojo.png', 'tono.wav.mp3'].map(path));
  await page.click('main form.pass button');
  await page.waitForURL(/\/form\/medios\/draft$/);
  like(await page.textContent('main'), /falta\.png/, 'a missing picture is told');
  ok(!/«azul\.png»/.test(await page.textContent('main')), 'the others are there');
  await page.goto(`${url}/form/medios/draft/trial`);
  is(await seen(page), 'true,true,true', 'pictures in a trial');
  await page.goto(`${url}/form/medios/draft`);
  await page.click('main form[action$="/publish"] button');
  await page.waitForURL(/\/form\/medios\?said/);
}

/* The picture, the picture of a choice, the sound: are they there? */
async function seen(page) {
  const shown = async css => page.$eval(css, async one => {
    one.scrollIntoView();
    await one.decode();
    return one.naturalWidth === 120;
  });

  return [await shown('.media img'), await shown('.options label img'),
    await page.$eval('.media audio', async one =>
      (await (await fetch(one.src)).arrayBuffer()).byteLength === 5003)].join();
}

async function media_page(page, url) {
  await page.goto(`${url}/record/medios/new`);
  is(await seen(page), 'true,true,true', 'pictures and a sound');
  is(await page.$eval('.media img', one => one.alt), '¿Qué color?', 'called as the question');
  like(await page.$eval('.media a', one => one.href), /azul\.png/, 'the large one is a link');
  await accessible(page, 'a form with media');
  await picture(page, 'media-1280');
  await page.setViewportSize({ width: 360, height: 800 });
  await accessible(page, 'a form with media, 360');
  await picture(page, 'media-360');
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function media_served(page, url) {
  const get = path => page.request.get(url + path);
  const one = await get('/form/medios/media/azul.png?version=1');
  const phone = await get('/xform/medios/media/tono.wav.mp3');
  const manifest = await (await get('/xform/medios/manifest')).text();

  is(one.headers()['content-type'], 'image/png', 'its type');
  like(one.headers()['content-security-policy'], /^sandbox,/, 'it runs nothing');
  like(one.headers()['cache-control'], /immutable/, 'and is kept');
  like(one.headers()['x-content-type-options'], /nosniff/, 'and is what it says');
  is((await get('/form/medios/media/falta.png?version=1')).status(), 404, 'missing');
  for (const name of ['azul.png', 'rojo.png', 'tono.wav.mp3'])
    ok(manifest.includes(`<filename>${name}</filename>`), `${name} for telephones`);
  ok(!manifest.includes('falta.png'), 'not what is missing');
  is(phone.headers()['content-type'], 'audio/mpeg', 'a sound for telephones');
  ok(Buffer.compare(await phone.body(), tone) === 0, 'as it came');
  like(await (await get('/xform/medios')).text(), /jr:\/\/images\/azul\.png/, 'in the XForm');
}

await test(async (server, browser) => {
  const page = await page_of(browser);
  const path = files(server.folder);

  await log_in(page, server.url);
  await publish(page, server.url, path);
  await fill(page, server.url);
  await phone(page, server.url);
  await media_publish(page, server.url, server.folder);
  await media_page(page, server.url);
  await media_served(page, server.url);
  is(page.complaints.filter(one => !/422/.test(one)).join('; '), '', 'the console is silent but for the SVG');
});
