#!/usr/bin/env node
// `xyte-gateway` from a checkout: finds a Node.js that can run it, then runs src/main.ts.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './node.mjs';

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'main.ts');
run('node', ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)]);
