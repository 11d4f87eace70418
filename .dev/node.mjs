// Runs a command with a Node.js that can run the gateway (TypeScript sources, better-sqlite3 13): this machine's own where
// it is new enough, else one brought from npm into .cache/node of the checkout. Plain JavaScript, because an old Node.js
// has to be able to start it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = [22, 18];
const BROUGHT = '24.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder of a Node.js that is new enough, brought from npm if need be. */
function nodeFolder() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return dirname(process.execPath);
  const name = `node-${process.platform}-${process.arch}`;
  const home = join(root, '.cache', 'node', 'node_modules', name);
  const folder = join(home, 'bin');
  if (!existsSync(join(folder, 'node'))) {
    const want = `${name}@${BROUGHT}`;
    process.stderr.write(
      `This machine has Node.js ${process.versions.node}; the gateway needs ${OLDEST.join('.')} or newer.\n` +
        `Bringing ${want} from npm into .cache/node (once, about 190 MB) ...\n`,
    );
    const npm = spawnSync(
      'npm',
      ['install', '--prefix', join(root, '.cache', 'node'), '--no-save', '--no-package-lock', '--loglevel=error', want],
      { stdio: ['ignore', 2, 2] },
    );
    if (npm.status !== 0) {
      process.stderr.write(
        `npm could not install ${want} (exit ${npm.status ?? npm.error?.message}).\n` +
          `Install Node.js 24 yourself and run the command again.\n`,
      );
      process.exit(69);
    }
  }
  // Headers of the same version, for packages that compile.
  process.env.npm_config_nodedir = home;
  return folder;
}

/** Runs `command` with that Node.js first on PATH; passes signals on, and its exit code back. */
export function run(command, args) {
  const folder = nodeFolder();
  const child = spawn(command === 'node' ? join(folder, 'node') : command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: folder + delimiter + process.env.PATH },
  });
  // Ctrl-C reaches the child through the terminal; what is sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Cannot run ${command}: ${error.message}\n`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv[2], process.argv.slice(3));
