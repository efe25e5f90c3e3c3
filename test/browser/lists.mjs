/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lists.mjs - choices that are not in the form's own sheet: files that go up
 * with it (.csv, .geojson, .xml), pulldata(), answers of a repeat. All
 * invented. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, is, like, log_in, ok, page_of, picture,
         test } from './harness.mjs';

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
  await page.click('main form.pass button');
  await page.waitForLoadState();
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

await test(async (server, browser) => {
  const page = await page_of(browser);
  const path = files(server.folder);

  await log_in(page, server.url);
  await publish(page, server.url, path);
  await fill(page, server.url);
  await phone(page, server.url);
  is(page.complaints.join('; '), '', 'the console is silent');
});
