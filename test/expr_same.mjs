// SPDX-License-Identifier: AGPL-3.0-or-later
// expr_same.mjs - runs a WebAssembly program of the tests: expr_same.t.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: ["test"] });
const module = await WebAssembly.compile(readFileSync(process.argv[2]));

wasi.start(await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport }));
