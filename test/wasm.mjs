// SPDX-License-Identifier: AGPL-3.0-or-later
// wasm.mjs - loads cobijo.wasm, gives it the host functions a page would, and
// sends the same requests to it and to the native server. Prints TAP.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";

let count = 0, failed = 0;
function ok(good, name, note) {
    count++;
    if (!good) failed++;
    console.log(`${good ? "" : "not "}ok ${count} - ${name}`);
    if (!good && note) console.log(String(note).replace(/^/gm, "# "));
}

async function load(path) {
    let memory, state = 42n;
    const mask = (1n << 64n) - 1n;
    const bytes = (at, size) => new Uint8Array(memory.buffer, at, size);
    const text = (at, size) => new TextDecoder().decode(bytes(at, size));
    const host = {
        now: () => 1795060800000n,
        random(at, size) {
            const out = bytes(at, size);
            for (let i = 0; i < size; i++) {
                state = (state + 0x9e3779b97f4a7c15n) & mask;
                let z = state;
                z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
                z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
                out[i] = Number((z ^ (z >> 31n)) & 255n);
            }
        },
        hash(at, size, out) {
            bytes(out, 32).set(createHash("sha256").update(bytes(at, size))
                .digest());
        },
        utc_offset: () => -6 * 3600,
        log: (level, at, size) => level > 0 &&
            console.log("# log: " + text(at, size)),
    };
    // WASI: nothing but writing to standard error is ever needed.
    const wasi = new Proxy({
        fd_write(fd, vectors, n, wrote) {
            const view = new DataView(memory.buffer);
            let total = 0;
            for (let i = 0; i < n; i++) {
                const at = view.getUint32(vectors + i * 8, true);
                const size = view.getUint32(vectors + i * 8 + 4, true);
                process.stderr.write(bytes(at, size));
                total += size;
            }
            view.setUint32(wrote, total, true);
            return 0;
        },
        proc_exit(code) { throw new Error("exit " + code); },
    }, { get: (own, name) => own[name] ?? (() => 52) });
    const module = await WebAssembly.compile(readFileSync(path));
    const imports = WebAssembly.Module.imports(module);
    const table = {};
    for (const { module: from, name } of imports)
        table[name] = from === "host" ? host[name] : wasi[name];
    const instance = await WebAssembly.instantiate(module,
        { host, wasi_snapshot_preview1: table });
    const call = instance.exports;
    memory = call.memory;
    call._initialize();
    const put = (data) => {
        const at = call.cobijo_alloc(data.length + 1);
        bytes(at, data.length + 1).set([...data, 0]);
        return at;
    };
    const answer = () =>
        Buffer.from(bytes(call.cobijo_answer(), call.cobijo_answer_size()));
    return {
        imports,
        open(role) {
            const at = put(Buffer.from(role));
            const code = call.cobijo_open(at);
            call.cobijo_free(at);
            return { code, text: answer().toString() };
        },
        request(message) {
            const at = put(message);
            const status = call.cobijo_respond(at, message.length);
            call.cobijo_free(at);
            const out = answer();
            const end = out.indexOf("\r\n\r\n");
            const headers = {};
            for (const line of out.subarray(0, end).toString()
                .split("\r\n").slice(1)) {
                const colon = line.indexOf(":");
                headers[line.slice(0, colon).toLowerCase()] =
                    line.slice(colon + 2);
            }
            return { status, headers, body: out.subarray(end + 4) };
        },
        size: () => memory.buffer.byteLength,
    };
}

function native(command) {
    return new Promise((resolve, reject) => {
        const child = spawn(command, ["admin"],
            { stdio: ["pipe", "pipe", "inherit"] });
        let out = "";
        child.stdout.on("data", (piece) => {
            out += piece;
            if (!out.includes("\n")) return;
            const [port, token] = out.trim().split(" ");
            resolve({ child, port: Number(port), token });
        });
        child.on("error", reject);
        child.on("exit", (code) => reject(new Error("exit " + code)));
    });
}

function ask(port, { method, path, headers, body }) {
    return new Promise((resolve, reject) => {
        const request = http.request({ port, host: "127.0.0.1", method, path,
            headers: { ...headers, "content-length": body.length } },
        (response) => {
            const parts = [];
            response.on("data", (piece) => parts.push(piece));
            response.on("end", () => resolve({ status: response.statusCode,
                headers: response.headers, body: Buffer.concat(parts) }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

const began = performance.now();
const wasm = await load("build/wasm/cobijo.wasm");
const opened = wasm.open("admin");
const ready = performance.now() - began;
ok(opened.code === 0, "an office opens in the browser build", opened.text);
const server = await native(process.argv[2]);
ok(opened.text === server.token, "both made the same token",
    `${opened.text}\n${server.token}`);

async function same(name, method, path, fields = null, extra = {}) {
    const body = Buffer.from(fields === null ? ""
        : typeof fields === "string" ? fields
            : new URLSearchParams(fields).toString());
    const headers = { host: `127.0.0.1:${server.port}`,
        authorization: "Bearer " + server.token, accept: "text/html",
        ...(fields === null ? {}
            : { "content-type": "application/x-www-form-urlencoded" }),
        ...extra };
    const head = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`)
        .join("");
    const here = wasm.request(Buffer.concat([
        Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), body]));
    const there = await ask(server.port, { method, path, headers, body });
    ok(here.status === there.status, `${name}: status ${there.status}`,
        `wasm ${here.status}, native ${there.status}\n` +
        there.body.toString().slice(0, 2000));
    for (const key of ["location", "content-type", "cache-control"])
        if (here.headers[key] !== there.headers[key])
            ok(false, `${name}: ${key}`,
                `${here.headers[key]}\n${there.headers[key]}`);
    const equal = here.body.equals(there.body);
    ok(equal, `${name}: ${there.body.length} bytes are the same`);
    if (!equal) {
        const a = here.body.toString().split("\n");
        const b = there.body.toString().split("\n");
        const at = a.findIndex((line, i) => line !== b[i]);
        console.log(`# line ${at + 1}\n# wasm:   ${a[at]}\n` +
            `# native: ${b[at]}`);
    }
    return there;
}

const json = { accept: "application/json", "content-type": "application/json" };
await same("Today", "GET", "/today");
await same("the form of a person", "GET", "/person/new");
const made = await same("a person is registered", "POST", "/record/person",
    JSON.stringify({ given_names: "Marisol (ejemplo)",
        first_surname: "Ficticia", birth_date: "1998-12-31",
        sex: "M", nationality: "HND", country_of_birth: "HND" }), json);
const person = JSON.parse(made.body.toString() || "{}").id;
ok(Boolean(person), "it has an id", made.body);
await same("her record", "GET", `/record/person/${person}`, null, json);
await same("her page", "GET", `/person/${person}`);
await same("she is found", "GET", "/person?q=marisol");
const screened = await same("she is screened", "POST", "/record/screening",
    JSON.stringify({ person, t0_labour: "yes", q01_safe: "no" }), json);
ok(screened.status === 201, "the screening is kept", screened.body);
await same("her page says what was found", "GET", `/person/${person}`);
await same("what is not there", "GET", "/person/00000000-0000-7000-8000-0");
await same("what does not parse", "POST", "/record/person", "{\"a\":", json);

server.child.removeAllListeners("exit");
await new Promise((resolve) => {
    server.child.on("exit", (code) => {
        ok(code === 0, "the native server ends well");
        resolve();
    });
    server.child.stdin.end();
});
console.log(`# ${wasm.imports.length} imports, ${Math.round(ready)} ms to ` +
    `open, ${Math.round(wasm.size() / 1024)} KiB of memory`);
console.log(`1..${count}`);
process.exitCode = failed ? 1 : 0;
