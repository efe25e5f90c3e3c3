/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* inert.mjs - what is attached to a file runs nothing and names nobody: files
 * that are two things at once, pages and drawings with script, names made to
 * deceive, sent from a page and from a telephone. What is kept is told by its
 * bytes, comes back under a policy that lets it do nothing, and has a name of
 * ours. Everything in it is made up.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, ok } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-inert-'));
const store = `sqlite:${folder}/casa.db`;
const run = (args, input) => execFileSync(binary(),
  ['--store', store, ...args], { input, encoding: 'utf8' });

run(['init', '--site', 'Casa', '--password-stdin'], 'tres palabras largas\n');
writeFileSync(join(folder, 'visita.csv'), `survey,,,
,type,name,label
,text,lugar,Lugar
,image,foto,Foto
,audio,voz,Voz
,file,papel,Papel
settings,,,
,form_id,form_title,version
,visita,Visita,1
`);
run(['form', 'install', join(folder, 'visita.csv')]);
const token = run(['token', 'add', 'prueba', '--role', 'admin']).trim()
  .split('\n').pop();
const key = run(['device', 'add', 'brigada', '--role', 'admin']).trim()
  .split('\n').pop();
const child = spawn(binary(), ['--store', store, 'serve', '--listen',
  '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
const base = await new Promise(resolve =>
  child.stdout.once('data', text => resolve(String(text).trim())));

function ask(method, path, headers = {}, body) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(base + path), { method, headers, agent: false },
      answer => {
        const parts = [];
        answer.on('data', part => parts.push(part));
        answer.on('end', () => resolve({ status: answer.statusCode,
          headers: answer.headers, raw: answer.rawHeaders,
          body: Buffer.concat(parts) }));
      });
    sent.on('error', reject);
    sent.end(body);
  });
}

const api = { Authorization: `Bearer ${token}`, Accept: 'application/json' };

function parts(list) {
  const line = 'frontera-de-prueba';
  const chunks = list.flatMap(one => [Buffer.from(
    `--${line}\r\nContent-Disposition: form-data; name="${one.name}"` +
    (one.file === undefined ? '' : `; filename="${one.file}"\r\nContent-Type: ${one.type}`) +
    '\r\n\r\n'), Buffer.from(one.bytes), Buffer.from('\r\n')]);

  return { type: { 'Content-Type': `multipart/form-data; boundary=${line}` },
           body: Buffer.concat([...chunks, Buffer.from(`--${line}--\r\n`)]) };
}

/* --- what is sent ------------------------------------------------------------- */

const script = '<script>fetch("/today")</script>';
const gif = Buffer.concat([Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;', 'latin1'),
  Buffer.from(`/*${script}*/`)]);
const jpeg = Buffer.concat([Buffer.from('ffd8ffe000074a46494600', 'hex'),
  Buffer.from([0xff, 0xfe, 0, script.length + 2]), Buffer.from(script),
  Buffer.from('ffdb0005746162ffda000473736461746126ffd9', 'hex'),
  Buffer.from(`<html>${script}</html>`)]);
const hostile = [
  ['a drawing with script', 'image/svg+xml', 'x.svg',
   `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`],
  ['a page', 'text/html', 'x.html', `<!doctype html>${script}`],
  ['a page that says it is a photo', 'image/jpeg', 'x.jpg', `<!doctype html>${script}`],
  ['a page behind the mark of a BMP', 'image/bmp', 'x.bmp', `BM${script}`],
  ['a document type', 'application/xhtml+xml', 'x.xhtml',
   `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`],
  ['a style', 'text/css', 'x.css', '*{background:url(/today)}'],
  ['a program', 'text/javascript', 'x.js', 'alert(1)'],
  ['a portable document', 'application/pdf', 'x.pdf',
   '%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj'],
  ['an archive that is a photo in front', 'application/zip', 'x.zip',
   Buffer.concat([gif, Buffer.from('PK\x03\x04')])],
];
const names = ['../../../etc/passwd', '..\\..\\x.exe', '/etc/cron.d/x',
  'foto\u202egpj.exe', 'foto\u0000.html', 'a%0d%0aSet-Cookie: x=1', 'con\taba',
  'Xiutezcatzin Quetzalbarranca.jpg', `${'n'.repeat(3000)}.html`, '', '.', '..'];

/* --- what comes back ------------------------------------------------------------- */

const all = (answer, name) => answer.raw.filter((value, i) =>
  i % 2 === 1 && answer.raw[i - 1].toLowerCase() === name);
const shown = /^(image\/(jpeg|png|gif|webp)|audio\/[a-z0-9.+-]+|video\/(mp4|webm|ogg|3gpp|quicktime))$/;

function inert(answer) {
  const type = answer.headers['content-type'] || '';
  const place = answer.headers['content-disposition'] || '';
  const found = [];
  const must = (good, what) => { if (!good) found.push(what); };

  must(answer.status === 200, `status ${answer.status}`);
  must(all(answer, 'content-security-policy').includes('sandbox'), 'no sandbox');
  must(answer.headers['x-content-type-options'] === 'nosniff', 'sniffed');
  must(type === 'application/octet-stream' || shown.test(type), `type ${type}`);
  must(type !== 'application/octet-stream' || place.startsWith('attachment'),
       `unknown and shown: ${place}`);
  must(/no-store/.test(answer.headers['cache-control']), 'kept by the browser');
  must(/^(inline|attachment)(; filename="[a-z0-9._-]*")?$/.test(place), place);
  return found.join(', ');
}

async function send(question, file, type, bytes) {
  const sent = parts([{ name: 'lugar', bytes: 'x' },
                      { name: `${question}.file`, file, type, bytes }]);

  return ask('POST', '/record/visita', { ...api, ...sent.type }, sent.body);
}

async function kept(made, question) {
  const record = JSON.parse(made.body).id;
  const text = (await ask('GET', `/record/visita/${record}`, api)).body.toString();
  const found = new RegExp(`"${question}":"([^"]*)"`).exec(text);

  return { record, name: found ? JSON.parse(`"${found[1]}"`) : '' };
}

for (const [what, type, file, bytes] of hostile) {
  const photo = await send('foto', file, type, bytes);
  const voice = await send('voz', file, type, bytes);
  const isPhoto = Buffer.from(bytes).subarray(0, 3).toString() === 'GIF' ||
    Buffer.from(bytes).subarray(0, 2).toString() === 'BM';

  if (!isPhoto || photo.status !== 201)
    is(photo.status, 422, `${what} is no photo`);
  is(voice.status, 422, `${what} is no voice`);
  const paper = await send('papel', file, type, bytes);

  if (paper.status !== 201) {
    is(paper.status, 422, `${what} is refused as a file`);
    continue;
  }
  const { record, name } = await kept(paper, 'papel');
  const back = await ask('GET', `/record/visita/${record}/file/${
    encodeURIComponent(name)}`, api);

  is(inert(back), '', `${what} comes back as a thing that does nothing`);
  ok(/^papel-[0-9a-f]{16}\.[a-z0-9]+$/.test(name), 'under a name of ours', name);
}
{
  const made = await send('foto', 'x.jpg', 'text/html', jpeg);
  const { record, name } = await kept(made, 'foto');
  const back = await ask('GET', `/record/visita/${record}/file/${name}`, api);

  is(made.status, 201, 'a photo with a page in and behind it is a photo');
  is(inert(back), '', 'it does nothing');
  is(back.headers['content-type'], 'image/jpeg', 'it is what its bytes say');
  ok(!back.body.includes('script'), 'and the page is gone');
  const poly = await send('papel', 'x.html', 'text/html', gif);
  const two = await kept(poly, 'papel');
  is(inert(await ask('GET', `/record/visita/${two.record}/file/${two.name}`, api)),
     '', 'so does a picture that is a program, too');
}
for (const name of names) {
  const made = await send('papel', name.replace(/[\r\n"]/g, ''), 'text/plain',
                          `papel ${name.slice(0, 20)}`);
  const one = made.status === 201 ? await kept(made, 'papel') : { name: '' };

  ok(made.status >= 400 && made.status < 500 || one.name === '' ||
     /^papel-[0-9a-f]{16}\.bin$/.test(one.name),
     `${JSON.stringify(name.slice(0, 30))}: nothing of it is kept`,
     `${made.status} ${one.name}`);
}

/* --- a telephone names its files itself -------------------------------------------- */

let n = 0;
for (const name of [...names.slice(0, 8), 'x.svg', 'x.html']) {
  const id = `8f3c5b1e-0000-4000-8000-0000000000${(10 + n++).toString(16)}`;
  const clean = name.replace(/[\u0000-\u001f<&]/g, '');
  const sent = parts([
    { name: 'xml_submission_file', file: 's.xml', type: 'text/xml', bytes:
      `<data id="visita" version="1"><lugar>x</lugar><papel>${clean}</papel>` +
      `<meta><instanceID>uuid:${id}</instanceID></meta></data>` },
    { name: clean, file: clean, type: 'text/html', bytes: script }]);
  const made = await ask('POST', `/key/${key}/submission`, { ...sent.type,
    'X-OpenRosa-Version': '1.0' }, sent.body);

  if (made.status >= 400) {
    ok(made.status < 500, `telephone ${JSON.stringify(name)} is refused`,
       made.status);
    continue;
  }
  const text = (await ask('GET', `/record/visita/${id}`, api)).body.toString();
  const found = /"papel":"((?:[^"\\]|\\.)*)"/.exec(text);
  const stored = found ? JSON.parse(`"${found[1]}"`) : '';
  const back = await ask('GET', `/record/visita/${id}/file/${
    encodeURIComponent(stored)}`, api);

  ok(back.status === 404 || inert(back) === '',
     `telephone ${JSON.stringify(name)}: does nothing`, inert(back));
  ok(!/[\u0000-\u001f\u202a-\u202e\u2066-\u2069\\/]/.test(stored),
     'and has a name that leads nowhere', JSON.stringify(stored));
}

/* --- the checks can fail -------------------------------------------------------------- */

const loose = { status: 200, headers: { 'content-type': 'text/html' }, raw: [] };
ok(/no sandbox.*sniffed.*type text\/html/.test(inert(loose)),
   'a file that would run is noticed');
child.kill('SIGTERM');
await new Promise(resolve => child.on('exit', code => {
  is(code, 0, 'the server ended well');
  resolve();
}));
rmSync(folder, { recursive: true, force: true });
finish();
