// Runs a WebAssembly program of WASI under node: node test/cross/wasi.mjs PROGRAM ARGUMENTS...
// It sees the folder where it runs, and /tmp.
import { WASI } from 'node:wasi';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
const preopens = { '.': '.', '/tmp': tmpdir() };
const wasi = new WASI({ version: 'preview1', args: process.argv.slice(2), preopens, returnOnExit: true });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), wasi.getImportObject());
process.exit(wasi.start(instance));
