// SPDX-License-Identifier: AGPL-3.0-or-later
// Writes src/core/utf8_table.h from the Unicode data inside node:
//     node tools/utf8-table.mjs > src/core/utf8_table.h
// Latin letters U+00C0-024F and U+1E00-1EFF, marks U+0300-036F.
const ranges = [[0xc0, 0x24f], [0x1e00, 0x1eff]];
const MARK = 0x300, MARK_END = 0x36f;
const letters = ranges.flatMap(([a, b]) =>
    Array.from({ length: b - a + 1 }, (_, i) => a + i));
const hex = n => '0x' + n.toString(16);
const text = c => String.fromCodePoint(c);

// One canonical step: base and mark, found by recomposing the rest.
const pairs = [], singles = [];
for (const code of [...letters, 0x212a, 0x212b, ...marks()]) {
    const full = [...text(code).normalize('NFD')].map(c => c.codePointAt(0));
    if (full.length === 1) {
        if (full[0] !== code)
            singles.push([code, full[0]]);
        continue;
    }
    const nfc = text(code).normalize('NFC');
    const mark = full.at(-1);
    const base = String.fromCodePoint(...full.slice(0, -1)).normalize('NFC');
    if ([...base].length !== 1)
        throw new Error(`${hex(code)} does not split in two`);
    const back = nfc === text(code);
    pairs.push([code, base.codePointAt(0), mark, back]);
}
function marks() {
    return Array.from({ length: MARK_END - MARK + 1 }, (_, i) => MARK + i);
}

// Rank of the combining class: how many marks a mark moves behind.
const moves = (a, b) => {
    const given = 'x' + text(a) + text(b);
    return given.normalize('NFD') === 'x' + text(b) + text(a);
};
const plain = marks().filter(m => text(m).normalize('NFD') === text(m));
const rank = marks().map(m => {
    if (!plain.includes(m))
        return 0; // decomposes: never seen
    const lower = plain.filter(o => o !== m && moves(m, o)).length;
    const touched = plain.some(o => o !== m && (moves(m, o) || moves(o, m)));
    return touched ? lower + 1 : 0;
});

const lower = letters.filter(c => {
    const l = text(c).toLowerCase();
    return [...l].length === 1 && l !== text(c);
}).map(c => [c, text(c).toLowerCase().codePointAt(0)]);
const upper = [0xb5, ...letters].filter(c => {
    const u = text(c).toUpperCase();
    return [...u].length === 1 && u !== text(c) &&
        u.toLowerCase() === text(c) && u.codePointAt(0) < 0x2000;
}).map(c => [c, text(c).toUpperCase().codePointAt(0)]);

// What remains of a letter without its marks: bases that decompose say it
// themselves; these do not. Lower case.
const open = {
    'æ': 'ae', 'œ': 'oe', 'ß': 'ss', 'ẞ': 'ss', 'ø': 'o', 'đ': 'd', 'ð': 'd',
    'þ': 'th', 'ł': 'l', 'ħ': 'h', 'ı': 'i', 'ĸ': 'k', 'ŋ': 'n', 'ŧ': 't',
    'ŉ': 'n', 'ſ': 's', 'ĳ': 'ij', 'ŀ': 'l', 'ƀ': 'b', 'ƃ': 'b', 'ɓ': 'b',
    'ƈ': 'c', 'ɖ': 'd', 'ƌ': 'd', 'ǝ': 'e', 'ə': 'e', 'ɛ': 'e', 'ƒ': 'f',
    'ɠ': 'g', 'ƕ': 'hv', 'ɨ': 'i', 'ƙ': 'k', 'ƚ': 'l', 'ɲ': 'n', 'ƞ': 'n',
    'ɵ': 'o', 'ƥ': 'p', 'ƫ': 't', 'ƭ': 't', 'ʈ': 't', 'ƴ': 'y', 'ƶ': 'z',
    'ǆ': 'dz', 'ǅ': 'dz', 'ǉ': 'lj', 'ǈ': 'lj', 'ǌ': 'nj', 'ǋ': 'nj',
    'ǥ': 'g', 'ǳ': 'dz', 'ǲ': 'dz', 'ȝ': 'y', 'ȣ': 'ou', 'ȥ': 'z', 'ȼ': 'c',
    'ɔ': 'o', 'ɗ': 'd', 'ɣ': 'g', 'ɩ': 'i', 'ʊ': 'u', 'ʋ': 'v', 'ʉ': 'u',
    'ⱥ': 'a', 'ɇ': 'e', 'ɉ': 'j', 'ɍ': 'r', 'ɏ': 'y', 'ȴ': 'l', 'ȵ': 'n',
    'ȶ': 't', 'ȡ': 'd', 'ȷ': 'j', 'ẚ': 'a', 'ª': 'a', 'º': 'o', 'ʼ': "'",
    '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '`': "'",
    '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '‐': '-', '‑': '-',
    '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-', '\u00ad': '',
    '\u00a0': ' ', '\u2002': ' ', '\u2003': ' ', '\u2007': ' ',
    '\u2009': ' ', '\u200b': '', '\u200c': '', '\u200d': '', '\u202f': ' ',
    '\ufeff': '',
};
const opened = Object.entries(open).map(([k, v]) => [k.codePointAt(0), v])
    .sort((a, b) => a[0] - b[0]);

const rows = (list, show) => {
    let out = '', line = '   ';
    for (const item of list) {
        const cell = ' ' + show(item) + ',';
        if (line.length + cell.length > 80) {
            out += line + '\n';
            line = '   ';
        }
        line += cell;
    }
    return out + line + '\n';
};
pairs.sort((a, b) => a[0] - b[0]);
const order = pairs.map((p, i) => [p, i]).filter(([p]) => p[3])
    .sort(([a], [b]) => a[1] - b[1] || a[2] - b[2]).map(([, i]) => i);
singles.sort((a, b) => a[0] - b[0]);
process.stdout.write(`/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* utf8_table.h - made by tools/utf8-table.mjs from Unicode \
${process.versions.unicode}; do not edit.
 * Private to utf8_latin.c. */
/* clang-format off */
#ifndef COBIJO_UTF8_TABLE_H
#define COBIJO_UTF8_TABLE_H

/* letter = base + mark, sorted by letter */
static const uint16_t latin_pair[][3] = {
${rows(pairs, p => `{ ${hex(p[0])}, ${hex(p[1])}, ${hex(p[2])} }`)}};

/* those that compose, as indexes of latin_pair sorted by base and mark */
static const uint16_t latin_by_base[] = {
${rows(order, i => String(i))}};

/* another spelling of one character */
static const uint16_t latin_single[][2] = {
${rows(singles, p => `{ ${hex(p[0])}, ${hex(p[1])} }`)}};

/* order of marks U+0300-036F by combining class; 0 does not move */
static const unsigned char latin_mark_rank[] = {
${rows(rank, String)}};

static const uint16_t latin_lower[][2] = {
${rows(lower, p => `{ ${hex(p[0])}, ${hex(p[1])} }`)}};

static const uint16_t latin_upper[][2] = {
${rows(upper, p => `{ ${hex(p[0])}, ${hex(p[1])} }`)}};

/* folded spelling of what does not decompose */
static const struct {
    uint16_t code;
    char text[3];
} latin_open[] = {
${rows(opened, p => `{ ${hex(p[0])}, ${JSON.stringify(p[1])} }`)}};

#endif
`);
