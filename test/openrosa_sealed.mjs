/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_sealed.mjs - encrypted submissions, encrypted here as Collect does
 * (ODK XForms, "Encryption") with Node's crypto and an OAEP of our own (Node
 * has one hash for both, ODK has SHA-256 and MGF1 with SHA-1): kept sealed,
 * counted, opened with the key; everything that is wrong refused with its
 * reason and nothing lost. Everybody in it is made up.
 *
 *   node test/openrosa_sealed.mjs STORE-URL…     prints TAP
 */
import { constants, createCipheriv, createHash, createPublicKey,
         generateKeyPairSync, publicEncrypt, randomBytes }
  from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, like, ok } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-sealed-'));
let env;
const cobijo = (...args) => spawnSync(binary(), args, { env, encoding: 'utf8' });
const at = name => join(folder, name);

/* --- encrypting, as a telephone does ------------------------------------------- */

function mask(seed, size) {
  const parts = [];

  for (let i = 0; parts.length * 20 < size; i++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(i);
    parts.push(createHash('sha1').update(seed).update(counter).digest());
  }
  return Buffer.concat(parts).subarray(0, size);
}

const xor = (a, b) => Buffer.from(a.map((byte, i) => byte ^ b[i]));

/* RFC 8017, 7.1.1: EME-OAEP, no label. */
function oaep(publicKey, message) {
  const size = publicKey.asymmetricKeyDetails.modulusLength / 8;
  const label = createHash('sha256').digest();
  const data = Buffer.concat([label,
    Buffer.alloc(size - message.length - 66), Buffer.from([1]), message]);
  const seed = randomBytes(32);
  const masked = xor(data, mask(seed, data.length));
  const block = Buffer.concat([Buffer.from([0]), xor(seed, mask(masked, 32)),
                               masked]);

  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING },
                       block);
}

const md5 = (...parts) => parts.reduce((hash, part) => hash.update(part),
                                       createHash('md5')).digest();

function seal(publicKey, form, instance, xml, media = {}) {
  const key = randomBytes(32);
  const seed = md5(instance, key);
  let turn = 0;
  const encrypt = bytes => {
    seed[turn % 16]++;
    turn++;
    const padding = 16 - bytes.length % 16;
    const cipher = createCipheriv('aes-256-cfb', key, seed);

    return Buffer.concat([cipher.update(bytes),
      cipher.update(Buffer.alloc(padding, padding)), cipher.final()]);
  };
  const sealedKey = oaep(publicKey, key).toString('base64');
  const files = {};
  const lines = [form.id, form.version, sealedKey, instance];

  for (const [name, bytes] of Object.entries({ ...media,
                                               'submission.xml': Buffer.from(xml) })) {
    files[`${name}.enc`] = encrypt(bytes);
    lines.push(`${name}::${md5(bytes).toString('hex')}`);
  }
  const signature = oaep(publicKey, md5(`${lines.join('\n')}\n`))
    .toString('base64');
  const manifest = `<?xml version="1.0"?><data xmlns="http://opendatakit.org/submissions" id="${form.id}" version="${form.version}" encrypted="yes"><base64EncryptedKey>${sealedKey}</base64EncryptedKey>${
    Object.keys(media).map(name => `<media><file>${name}.enc</file></media>`).join('')
  }<encryptedXmlFile>submission.xml.enc</encryptedXmlFile><base64EncryptedElementSignature>${signature}</base64EncryptedElementSignature><meta xmlns="http://openrosa.org/xforms"><instanceID>${instance}</instanceID></meta></data>`;

  return { manifest, files };
}

/* --- the house ------------------------------------------------------------------- */

const rsa = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength });
const mine = rsa(), other = rsa(), long = rsa(4096);
const pem = key => key.privateKey.export({ type: 'pkcs8', format: 'pem' });

writeFileSync(at('mine.pem'), pem(mine));
writeFileSync(at('other.pem'), pem(other));
writeFileSync(at('long.pem'), pem(long));
writeFileSync(at('closed.pem'), mine.privateKey.export({ type: 'pkcs8',
  format: 'pem', cipher: 'aes-256-cbc', passphrase: 'frase de prueba' }));
writeFileSync(at('phrase'), 'frase de prueba\n');
writeFileSync(at('wrong'), 'otra\n');
writeFileSync(at('password'), 'una frase larga\n');

const publicText = mine.publicKey.export({ type: 'spki', format: 'der' })
  .toString('base64');
writeFileSync(at('visita.csv'), `survey
,type,name,label,constraint
,text,lugar,Lugar,
,integer,cuantas,Cuántas,. < 500
,image,foto,Foto,
settings
,form_id,form_title,version,public_key
,visita,Visita de prueba,2026112201,${publicText}
`);
const form = { id: 'visita', version: '2026112201' };
const uuid = n => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const instance = (n, people, extra = '', photo = '') =>
  `<data id="visita" version="2026112201"><lugar>Casa ${n}</lugar><cuantas>${people}</cuantas><foto>${photo}</foto><meta><instanceID>uuid:${uuid(n)}</instanceID>${extra}</meta></data>`;

async function play(store) {
env = { ...process.env, COBIJO_STORE: store, LANG: 'es_MX.UTF-8' };
is(cobijo('init', '--site', 'Albergue de prueba', '--password-file',
          at('password')).status, 0, 'a store');
is(cobijo('form', 'install', at('visita.csv')).status, 0, 'a form with a key');
like(cobijo('form', 'xml', at('visita.csv')).stdout,
     new RegExp(`<submission[^>]* base64RsaPublicKey="${publicText
       .replace(/[+/]/g, '\\$&')}"`), 'its XForm carries the public key');
is(cobijo('form', 'key', at('mine.pem')).stdout.trim(), publicText,
   'form key says what to write there');
is(cobijo('form', 'key', at('closed.pem'), '--passphrase-file', at('phrase'))
  .stdout.trim(), publicText, 'also of a key with a passphrase');
const token = cobijo('token', 'add', 'prueba', '--role', 'admin').stdout.trim()
  .split('\n').pop();
const phone = cobijo('device', 'add', 'brigada', '--role', 'case_worker')
  .stdout.trim().split('\n').pop();

const server = spawn(binary(), ['serve', '--listen', '127.0.0.1:0'],
                     { env, stdio: ['ignore', 'pipe', 'pipe'] });
let noise = '';
server.stderr.on('data', text => { noise += text; });
const url = await new Promise(resolve => {
  let out = '';
  server.stdout.on('data', text => {
    out += text;
    if (out.includes('\n')) resolve(out.split('\n')[0].trim());
  });
});

async function post(sealed, options = {}) {
  const body = new FormData();
  const files = Object.entries(sealed.files)
    .filter(([name]) => !(options.without || []).includes(name));

  body.append('xml_submission_file', new Blob([sealed.manifest],
    { type: 'text/xml' }), 'submission.xml');
  for (const [name, bytes] of files)
    body.append(name, new Blob([bytes]), name);
  if (options.more) body.append('*isIncomplete*', 'yes');
  const answer = await fetch(`${url}/key/${options.key || phone}/submission`,
    { method: 'POST', body, headers: { 'X-OpenRosa-Version': '1.0',
                                       'Accept-Language': 'es' } });

  return { status: answer.status, text: await answer.text() };
}

async function api(path) {
  const answer = await fetch(url + path, { headers: {
    Accept: 'application/json', Authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
}
const answers = async n => {
  const got = await api(`/record/visita/${uuid(n)}`);
  return got.body.answers || got.body;
};
const waiting = () => cobijo('form', 'sealed').stdout.split('\n').filter(Boolean);
const open = (key, ...more) => cobijo('form', 'decrypt', '--key', at(key), ...more);

/* --- they come and lie sealed --------------------------------------------------------- */

const photo = randomBytes(50000);
const one = seal(mine.publicKey, form, `uuid:${uuid(1)}`,
                 instance(1, 4, '', 'foto1.jpg'), { 'foto1.jpg': photo });

is((await post(one, { more: true, without: ['foto1.jpg.enc'] })).status, 202,
   'the first half of a post');
is(open('mine.pem').status, 1, 'is not opened while a file is missing');
like(open('mine.pem').stderr, /Falta el archivo foto1\.jpg\.enc/, 'says which');
is((await post(one)).status, 201, 'the rest of it');
is((await post(one)).status, 201, 'the same again');
is(waiting().length, 1, 'waits once');
like(waiting()[0], new RegExp(`^visita\t2026112201\tuuid:${uuid(1)}$`),
     'form, version, instance');
is((await api(`/record/visita/${uuid(1)}`)).status, 404, 'no record yet');
is((await post({ ...one, manifest: one.manifest.replace('<meta ', '<x/><meta ') }))
  .status, 409, 'another manifest under its instanceID');
const page = await fetch(`${url}/device`, { headers: { Accept: 'application/json',
  Authorization: `Bearer ${token}` } });
is((await page.json()).sealed, 1, 'the page of telephones counts it');
const kept = await api('/record/sealed');
ok(kept.status === 200 && !JSON.stringify(kept.body).includes('Casa 1'),
   'what is kept says nothing of the answers');

/* --- keys ------------------------------------------------------------------------------ */

const wrong = open('other.pem');
is(wrong.status, 1, 'another key opens nothing');
like(wrong.stderr, /se cifró con otra/, 'says so');
like(open('visita.csv').stderr, /no es una llave privada RSA/, 'no key at all');
like(open('closed.pem').stderr, /la frase no la abre/, 'a passphrase is needed');
like(open('closed.pem', '--passphrase-file', at('wrong')).stderr,
     /la frase no la abre/, 'a wrong one');
is(waiting().length, 1, 'nothing is lost');
const good = open('closed.pem', '--passphrase-file', at('phrase'));
is(good.status, 0, 'the right key and passphrase open it');
like(good.stdout, /Abiertos: 1\. Siguen cerrados: 0\./, 'and it is told');
is((await answers(1)).lugar, 'Casa 1', 'the record is what was filled');
is((await answers(1)).cuantas, '4', 'all of it');
const file = await fetch(`${url}/record/visita/${uuid(1)}/file/foto1.jpg`,
  { headers: { Authorization: `Bearer ${token}` } });
ok(Buffer.from(await file.arrayBuffer()).equals(photo), 'the photo, byte for byte');
like(JSON.stringify((await api(`/record/visita/${uuid(1)}/history`)).body),
     /"who":"brigada"/, 'in the name of the telephone');
is(waiting().length, 0, 'nothing waits');
is((await post(one)).status, 201, 'sent again after it was opened');
is(waiting().length, 0, 'stays opened');
is(open('mine.pem').status, 0, 'nothing to open is no mistake');

/* --- edits ------------------------------------------------------------------------------ */

const edit = seal(mine.publicKey, form, `uuid:${uuid(2)}`, instance(2, 6,
  `<deprecatedID>uuid:${uuid(1)}</deprecatedID>`, 'foto1.jpg'),
  { 'foto1.jpg': photo });
like((await post(edit)).text, /guardado, cifrado como vino/, 'an edit');
is(open('mine.pem').status, 0, 'opened');
is((await answers(1)).cuantas, '6', 'changes the record it corrects');
is((await api(`/record/visita/${uuid(2)}`)).status, 404, 'and makes none');

/* --- what is wrong ------------------------------------------------------------------------ */

async function refused(name, n, sealed, reason, key = 'mine.pem') {
  is((await post(sealed)).status, 201, `${name}: received`);
  const got = open(key);
  is(got.status, 1, `${name}: refused`);
  like(got.stderr, reason, `${name}: with the reason`);
  is((await api(`/record/visita/${uuid(n)}`)).status, 404, `${name}: no record`);
  ok(waiting().some(line => line.includes(uuid(n))), `${name}: not lost`);
}

const fresh = (n, people = 3) => seal(mine.publicKey, form, `uuid:${uuid(n)}`,
                                      instance(n, people));
const damaged = fresh(3);
damaged.files['submission.xml.enc'][5] ^= 1;
await refused('a damaged file', 3, damaged,
              /está dañado|La firma del envío no corresponde/);
const cut = fresh(4);
cut.files['submission.xml.enc'] = cut.files['submission.xml.enc'].subarray(0, 40);
await refused('half a file', 4, cut,
              /submission\.xml\.enc está dañado|La firma del envío/);
const signed = fresh(5), another = fresh(6);
signed.manifest = signed.manifest.replace(
  /(<base64EncryptedElementSignature>)[^<]*/,
  (all, tag) => tag + another.manifest.match(
    /<base64EncryptedElementSignature>([^<]*)/)[1]);
await refused('a signature of another', 5, signed, /La firma del envío/);
const bent = fresh(7);
bent.manifest = bent.manifest.replace(/(<base64EncryptedElementSignature>).{8}/,
                                      '$1AAAAAAAA');
await refused('a damaged signature', 7, bent, /La firma del envío/);
await refused('a key of nobody', 8, seal(other.publicKey, form,
  `uuid:${uuid(8)}`, instance(8, 3)), /se cifró con otra/);
await refused('another submission inside', 9, seal(mine.publicKey, form,
  `uuid:${uuid(9)}`, instance(10, 3)), /es de otro envío/);
await refused('an answer that the form refuses', 11, fresh(11, 900), /cuantas/);
is(waiting().length, 7, 'all of them still wait');
const sealed12 = seal(long.publicKey, form, `uuid:${uuid(12)}`, instance(12, 8));
is((await post(sealed12)).status, 201, 'one for a key of 4,096 bits');
is(open('long.pem').status, 1, 'opens beside those that stay closed');
is((await answers(12)).cuantas, '8', 'and is a record');
is(waiting().length, 7, 'the others wait on');
const plain = await post({ manifest: instance(13, 2), files: {} });
is(plain.status, 201, 'one in the open is taken, too');
for (const missing of ['base64EncryptedKey', 'encryptedXmlFile',
                       'base64EncryptedElementSignature']) {
  const less = fresh(14);
  less.manifest = less.manifest.replace(
    new RegExp(`<${missing}>[^<]*</${missing}>`), '');
  const got = await post(less);
  is(got.status, 400, `a manifest without ${missing}`);
  like(got.text, new RegExp(missing), 'is told what is missing');
}
const path = fresh(15);
path.manifest = path.manifest.replace('<encryptedXmlFile>',
  '<media><file>../x.enc</file></media><encryptedXmlFile>');
is((await post(path)).status, 400, 'a name with a slash');
const strange = fresh(16);
strange.manifest = strange.manifest.replace('id="visita"', 'id="nada"');
is((await post(strange)).status, 404, 'an unknown form');
const reporter = cobijo('device', 'add', 'informes', '--role', 'reporter')
  .stdout.trim().split('\n').pop();
is((await post(fresh(17), { key: reporter })).status, 403,
   'a role that may not send the form');

/* --- the house stands ------------------------------------------------------------------------ */

is(cobijo('log', 'verify').status, 0, 'the log holds');
is(cobijo('log', 'rebuild').status, 0, 'and is worth its tables');
is(waiting().length, 7, 'a rebuild keeps what waits');
const words = ['PRIVATE KEY', 'frase de prueba', 'Casa 1'];
ok(words.every(word => !noise.includes(word)), 'nothing of it in the log file');
server.kill('SIGTERM');
await new Promise(resolve => server.on('exit', resolve));
}

for (const store of process.argv.slice(2)) {
  console.log(`# ${store.split(':')[0]}`);
  await play(store);
}
rmSync(folder, { recursive: true, force: true });
finish();
