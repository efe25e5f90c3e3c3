#!/usr/bin/env node
/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* make.mjs - the spreadsheets of this folder, from the tables below: small
 * .xlsx and .xls files as spreadsheet programs write them, so that tests need
 * none of those programs. People are invented.
 *
 *   node test/data/make.mjs      writes them beside itself, always the same
 */
import { writeFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'

const here = new URL('.', import.meta.url).pathname

/* --- zip ------------------------------------------------------------------ */

const table = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n >>> 0
})
const crc = bytes => (~bytes.reduce(
  (c, b) => table[(c ^ b) & 255] ^ (c >>> 8), -1)) >>> 0

function zip(parts) {
  const local = [], central = []
  let at = 0
  for (const [name, text] of parts) {
    const bytes = Buffer.from(text), packed = deflateRawSync(bytes)
    const fixed = Buffer.alloc(26)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(8, 4)
    fixed.writeUInt16LE(0x5a21, 8)
    fixed.writeUInt32LE(crc(bytes), 10)
    fixed.writeUInt32LE(packed.length, 14)
    fixed.writeUInt32LE(bytes.length, 18)
    fixed.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    local.push(Buffer.from('PK\x03\x04'), fixed, Buffer.from(name), packed)
    central.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fixed, tail,
      Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const list = Buffer.concat(central), end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...local, list, end])
}

/* --- .xlsx ---------------------------------------------------------------- */

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packed = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
const escape = s => s.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const letter = c => String.fromCharCode(65 + c)
const day = d => Math.round((d - Date.UTC(1899, 11, 30)) / 86400000)

export function xlsx(sheets) {
  const texts = []
  const cell = (v, r, c) => {
    const ref = `r="${letter(c)}${r + 1}"`
    if (v === '' || v === null) return ''
    if (v instanceof Date) return `<c ${ref} s="1"><v>${day(v)}</v></c>`
    if (typeof v === 'number') return `<c ${ref}><v>${v}</v></c>`
    if (typeof v === 'boolean') return `<c ${ref} t="b"><v>${+v}</v></c>`
    if (!texts.includes(v)) texts.push(v)
    return `<c ${ref} t="s"><v>${texts.indexOf(v)}</v></c>`
  }
  const parts = sheets.map(({ rows }, i) => [`xl/worksheets/sheet${i + 1}.xml`,
    `<worksheet ${main}><sheetData>` + rows.map((row, r) => row.length
      ? `<row r="${r + 1}">${row.map((v, c) => cell(v, r, c)).join('')}</row>`
      : '').join('') + '</sheetData></worksheet>'])
  const rel = (id, type, target) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`
  return zip([
    ['[Content_Types].xml', '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'],
    ['_rels/.rels', `<Relationships ${packed}>${rel('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`],
    ['xl/workbook.xml', `<workbook ${main} xmlns:r="${office}"><sheets>` +
      sheets.map(({ name, hidden }, i) => `<sheet name="${name}" sheetId="${i + 1}"${hidden ? ' state="hidden"' : ''} r:id="r${i + 1}"/>`).join('') +
      '</sheets></workbook>'],
    ['xl/_rels/workbook.xml.rels', `<Relationships ${packed}>` +
      sheets.map((_, i) => rel(`r${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`)).join('') +
      rel('s', 'styles', 'styles.xml') + rel('t', 'sharedStrings', 'sharedStrings.xml') + '</Relationships>'],
    ['xl/styles.xml', `<styleSheet ${main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`],
    ...parts,
    ['xl/sharedStrings.xml', `<sst ${main}>${texts.map(t => `<si><t xml:space="preserve">${escape(t)}</t></si>`).join('')}</sst>`],
  ])
}

/* --- .xls ----------------------------------------------------------------- */

const u16 = (...n) => Buffer.from(Uint16Array.from(n).buffer)
const u32 = (...n) => Buffer.from(Uint32Array.from(n).buffer)
const record = (id, ...parts) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u16(id, body.length), body])
}
const wide = s => Buffer.concat([u16(s.length), Buffer.from([1]), Buffer.from(s, 'utf16le')])

function stream(sheets) {
  const bodies = sheets.map(({ rows }) => Buffer.concat([
    record(0x809, u16(0x600, 0x10)),
    record(0x200, u32(0, rows.length), u16(0, Math.max(...rows.map(r => r.length)), 0)),
    ...rows.flatMap((row, r) => row.map((v, c) => {
      const number = Buffer.alloc(8)
      if (v === '' || v === null) return Buffer.alloc(0)
      if (typeof v === 'boolean') return record(0x205, u16(r, c, 0), Buffer.from([+v, 0]))
      if (typeof v === 'string') return record(0x204, u16(r, c, 0), wide(v))
      number.writeDoubleLE(v instanceof Date ? day(v) : v)
      return record(0x203, u16(r, c, v instanceof Date ? 1 : 0), number)
    })),
    record(0x0a),
  ]))
  const globals = offsets => Buffer.concat([
    record(0x809, u16(0x600, 5)),
    record(0xe0, u16(0, 0)), record(0xe0, u16(0, 14)),
    ...sheets.map(({ name, hidden }, i) => record(0x85, u32(offsets[i]),
      Buffer.from([hidden ? 1 : 0, 0, name.length, 0]), Buffer.from(name, 'latin1'))),
    record(0x0a),
  ])
  let at = globals(sheets.map(() => 0)).length
  const offsets = bodies.map(b => { at += b.length; return at - b.length })
  return Buffer.concat([globals(offsets), ...bodies])
}

function xls(sheets) {
  const bytes = stream(sheets), size = Math.max(8, Math.ceil(bytes.length / 512))
  const body = Buffer.alloc(size * 512)
  bytes.copy(body)
  const entry = (name, type, start, length) => {
    const e = Buffer.alloc(128)
    e.write(name, 'utf16le')
    e.writeUInt16LE(name.length * 2 + 2, 64)
    e[66] = type
    e.fill(255, 68, 80)
    e.writeUInt32LE(start, 116)
    e.writeUInt32LE(length, 120)
    return e
  }
  const chain = [0xfffffffd, 0xfffffffe, ...Array.from({ length: size - 1 }, (_, i) => i + 3), 0xfffffffe]
  const table = u32(...chain, ...Array(128 - chain.length).fill(0xffffffff))
  const directory = Buffer.alloc(512)
  entry('Root Entry', 5, 0xfffffffe, 0).copy(directory)
  entry('Workbook', 2, 2, body.length).copy(directory, 128)
  const head = Buffer.alloc(512, 255)
  head.fill(0, 0, 76)
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(head)
  u16(0x3e, 3, 0xfffe, 9, 6).copy(head, 24)
  u32(1, 1, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0, 0).copy(head, 44)
  return Buffer.concat([head, table, directory, body])
}

/* --- the tables ----------------------------------------------------------- */

const form = [
  { name: 'Notas', rows: [['Este libro es de prueba; sus personas no existen.']] },
  { name: 'survey', rows: [
    ['type', 'name', 'label::Español (es)', 'relevant', '', 'default'],
    [],
    ['text', 'title', 'Título  del “taller”', '', '', ''],
    ['select_one si', 'done', '¿Se dio?', '', '', ''],
    ['integer', 'hours', 'Horas', "${done} = ‘si’", '', 2],
    ['date', 'day', 'Día', '', '', new Date(Date.UTC(2026, 10, 22))],
  ] },
  { name: 'choices', hidden: true, rows: [
    ['list_name', 'name', 'label::Español (es)'],
    ['si', 'si', 'Sí'], ['si', 'no', 'No'],
  ] },
  { name: 'settings', rows: [
    ['form_id', 'form_title::Español (es)', 'version'], ['taller', 'Taller', 3] ] },
]
const wrong = [
  { name: 'survey', rows: [
    ['type', 'name', 'label'], [], ['text', 'a', 'A'], [],
    ['txet', 'b', 'B'] ] },
]
const register = [
  { name: 'Portada', rows: [['Albergue de prueba: personas inventadas']] },
  { name: 'Registro', rows: [
    ['Albergue de prueba, noviembre de 2026'], [],
    ['Folio', 'Nombre completo', 'Sexo', 'Fecha de nacimiento', 'Nacionalidad', 'Fecha de ingreso', 'Teléfono'],
    [1, 'Yesenia Prueba López', 'Mujer', new Date(Date.UTC(1991, 2, 5)), 'Honduras', new Date(Date.UTC(2026, 10, 3)), 5512345678],
    [2, 'Óscar Prueba Núñez', 'Hombre', new Date(Date.UTC(1988, 11, 31)), 'El Salvador', new Date(Date.UTC(2026, 10, 4)), ''],
    [],
    [3, 'Wideline Prueba', 'Mujer', '', 'Haití', new Date(Date.UTC(2026, 10, 5)), ''],
  ] },
]

const iso = v => v instanceof Date ? v.toISOString().slice(0, 10) : String(v)
if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(`${here}form.xlsx`, xlsx(form))
  writeFileSync(`${here}form.xls`, xls(form))
  writeFileSync(`${here}wrong.xlsx`, xlsx(wrong))
  writeFileSync(`${here}register.xlsx`, xlsx(register))
  writeFileSync(`${here}register.xls`, xls(register))
  writeFileSync(`${here}register.csv`, register[1].rows.map(
    row => row.map(iso).join(',') + '\n').join(''))
}
