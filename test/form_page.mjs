// SPDX-License-Identifier: AGPL-3.0-or-later
// form_page.mjs - form.wasm under Node: every shipped form with random answers
// gives the bytes the native program gives; a form of 1,000 questions is worked
// through fast enough; and the module weighs what it may. Prints TAP.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync,
         writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const native = process.argv[2];
const ROUNDS = 150;
let count = 0, failed = 0;
function ok(good, name, note) {
    count++;
    if (!good) failed++;
    console.log(`${good ? "" : "not "}ok ${count} - ${name}`);
    if (!good && note) console.log(String(note).replace(/^/gm, "# "));
}

let state = 20261122;
function random(n) { // xorshift: the same answers on every run
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) % n;
}

const bytes = readFileSync("build/form-wasm/form.wasm");
const code = new WebAssembly.Module(bytes);

function open(packed) {
    let call;
    const memory = (at, size) => new Uint8Array(call.memory.buffer, at, size);
    const stub = () => 0;
    call = new WebAssembly.Instance(code, {
        host: { random: (at, size) => memory(at, size).fill(7) },
        wasi_snapshot_preview1: { fd_close: stub, fd_seek: stub, fd_write: stub },
    }).exports;
    if (call._initialize) call._initialize();
    function ask(name, text, ...rest) {
        const given = Buffer.from(text);
        memory(call.form_room(given.length), given.length).set(given);
        if (!call[name](given.length, ...rest)) return null;
        return Buffer.from(memory(call.form_answer(), call.form_answer_size()))
            .toString();
    }
    const opened = ask("form_open", packed) !== null;
    return { opened, ask, memory: () => call.memory.buffer.byteLength };
}

const TYPES = readFileSync("src/form/question_types.def", "utf8")
    .match(/QUESTION_TYPE\((\w+)/g).map((one) => one.slice(14));

// Something that may well be an answer, or just as well not.
function any(form, q) {
    const pick = (list) => list[random(list.length)];
    const list = q.list === undefined ? null : form.lists[q.list].choices
        .map((one) => typeof one === "string" ? one : one[0]);
    switch (random(12)) {
    case 0: return "";
    case 1: return pick(["x", "  ñandú ", "3", "-1", "yes", "1998", "é",
        "1e9", "22/11/1998", "14.9 -92.26", "OK", "999999999999"]);
    }
    switch (TYPES[q.type]) {
    case "INTEGER": case "RANGE": return String(random(130));
    case "DECIMAL": return (random(1000) / 7).toFixed(random(4));
    case "DATE": case "TODAY":
        return pick([`${1930 + random(97)}-${10 + random(3)}-${10 + random(19)}`,
            `${1930 + random(97)}`, `${10 + random(19)}/0${1 + random(9)}/2026`]);
    case "TIME": return `${10 + random(14)}:${10 + random(50)}`;
    case "DATETIME": case "START": case "END":
        return `2026-11-${10 + random(20)}T${10 + random(14)}:30:00-06:00`;
    case "SELECT_ONE": return list && list.length ? pick(list) : "x";
    case "SELECT_MULTIPLE": case "RANK":
        return list && list.length ? [pick(list), pick(list)].join(" ") : "x";
    case "GEOPOINT": return `${random(90)}.5 -${random(90)}.25`;
    case "ACKNOWLEDGE": return "OK";
    default: return pick(["Marisol", "Ejemplo", "+504 9999-9999", "12", "a b"]);
    }
}

function answers(form, repeat) {
    const out = {}, why = {};
    form.questions.forEach((q, i) => {
        let up = q.in;
        while (up !== undefined && TYPES[form.questions[up].type] === "GROUP")
            up = form.questions[up].in;
        if (up !== repeat || TYPES[q.type] === "GROUP" ||
            TYPES[q.type] === "NOTE" || random(3) === 0)
            return;
        const key = q.key || q.name;
        if (TYPES[q.type] === "REPEAT")
            out[key] = Array.from({ length: random(4) },
                () => answers(form, i));
        else if (random(12) === 0)
            why[key] = ["NA", "NR", "ND", "DK", "XX"][random(5)];
        else
            out[key] = any(form, q);
    });
    if (Object.keys(why).length) out._why = why;
    return out;
}

const weight = gzipSync(bytes, { level: 9 }).length;
ok(weight <= 80 * 1024, `form.wasm weighs ${weight} bytes gzipped`);
ok(WebAssembly.Module.imports(code).every((one) => one.module === "host" ||
    /^fd_/.test(one.name)), "it asks the page for random bytes and nothing else");

let cases = 0, problems = 0;
for (const file of readdirSync("forms").filter((one) => one.endsWith(".csv"))) {
    for (const language of ["es", "en"]) {
        const path = join("forms", file);
        const packed = execFileSync(native, [path, language],
            { input: "", maxBuffer: 1 << 28 }).toString().split("\n")[0];
        const form = JSON.parse(packed);
        const lines = Array.from({ length: ROUNDS }, (_, i) =>
            (i % 2) + JSON.stringify(answers(form, undefined)));
        const want = execFileSync(native, [path, language],
            { input: lines.join("\n") + "\n", maxBuffer: 1 << 28 })
            .toString().split("\n").slice(1, -1);
        const page = open(packed);
        let bad = page.opened ? "" : "it does not open";
        for (let i = 0; page.opened && i < lines.length && !bad; i++) {
            const got = page.ask("form_verify", lines[i].slice(1),
                1795060800000, -21600, Number(lines[i][0]));
            if (got !== want[i])
                bad = `${lines[i]}\nwasm:   ${got}\nnative: ${want[i]}`;
            problems += JSON.parse(want[i]).problems.length;
            cases++;
        }
        ok(!bad && want.length === ROUNDS, `${file} in ${language}: ` +
            `${ROUNDS} times the same bytes`, bad);
    }
}
console.log(`# ${cases} records, ${problems} problems found in them`);

// A thousand questions, a third of them hanging on others, ten thousand choices.
const rows = [], folder = mkdtempSync(join(tmpdir(), "cobijo-form-"));
for (let i = 0; i < 1000; i++)
    rows.push(i % 10 === 1 ? `,calculate,q${i},,,,\${q${i - 1}} + ` +
            (i > 10 ? `\${q${i - 10}}` : "1") + ",,"
        : i % 10 === 3 ? `,text,q${i},Q,\${q${i - 2}} > 5,,,,`
            : i % 10 === 5 ? `,select_one long,q${i},Q,,,,part = \${q${i - 5}},`
                : `,integer,q${i},Q,,. <= 1000 and . >= -${i},,,`);
const choices = Array.from({ length: 10000 },
    (_, i) => `,long,c${i},Opción ${i},${i % 100}`);
writeFileSync(join(folder, "big.csv"), ["survey,,,,,,,,",
    ",type,name,label,relevant,constraint,calculation,choice_filter,", ...rows,
    "choices,,,,", ",list_name,name,label,part", ...choices,
    "settings,", ",form_id", ",big"].join("\n") + "\n");
const packed = execFileSync(native, [join(folder, "big.csv"), "es"],
    { input: "", maxBuffer: 1 << 28 }).toString().split("\n")[0];
rmSync(folder, { recursive: true });
// Processor time of this process: what a machine with better things to do adds
// to the wall clock says nothing about the form.
const since = (from) => {
    const used = process.cpuUsage(from);
    return (used.user + used.system) / 1000;
};
let from = process.cpuUsage();
const big = open(packed);
const opening = since(from);
const fields = Object.fromEntries(JSON.parse(packed).questions
    .filter((q) => TYPES[q.type] !== "CALCULATE")
    .map((q, i) => [q.name, TYPES[q.type] === "INTEGER" ? "3" : ""]));
from = process.cpuUsage();
big.ask("form_load", JSON.stringify(fields), 1795060800000, -21600);
const loading = since(from);
const times = { chain: [], single: [], filter: [] };
for (let i = 0; i < 200; i++)
    for (const [kind, name] of [["chain", "q10"], ["single", "q502"],
        ["filter", "q500"]]) {
        const text = JSON.stringify({ [name]: String(4 + i % 7) });
        from = process.cpuUsage();
        const told = big.ask("form_change", text, 1795060800000, -21600);
        JSON.parse(told);
        times[kind].push(since(from));
    }
const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const worst = (list) => list[Math.floor(list.length * 0.95)];
console.log(`# 1,000 questions: packed ${(packed.length / 1024).toFixed(0)} KiB, ` +
    `opens in ${opening.toFixed(1)} ms, all answers ${loading.toFixed(1)} ms, ` +
    `${big.memory() >> 20} MiB`);
for (const [kind, list] of Object.entries(times)) {
    const half = middle(list), most = worst(list);
    ok(most < 5, `a changed answer (${kind}): ${half.toFixed(2)} ms, 95 % ` +
        `within ${most.toFixed(2)} ms`);
}
console.log(`1..${count}`);
process.exitCode = failed ? 1 : 0;
