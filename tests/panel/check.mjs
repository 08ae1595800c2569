// Checks the panel extensions of GNOME Shell and KDE Plasma with the tools that they are for: `node check.mjs`, after
// `npm ci`. It puts them together in target/panel-check, and runs all checks even where one fails.

import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const own = dirname(fileURLToPath(import.meta.url));
const root = join(own, '../..');
const out = join(root, 'target/panel-check');
const extension = join(out, 'tidemark@tidemark.dev');
const widget = join(out, 'dev.tidemark.panel');
const sources = ['packaging/panel', 'packaging/gnome-shell', 'packaging/plasma'];
const environment = {
    ...process.env, TZ: 'Asia/Shanghai', QT_QPA_PLATFORM: 'offscreen',
    TIDEMARK_EXTENSION: extension, TIDEMARK_WIDGET: widget,
};
const failed = [];

function check(name, program, ...list) {
    console.log(`-- ${name}`);
    const {status, error} = spawnSync(program, list, {cwd: root, env: environment, stdio: 'inherit', timeout: 300_000});
    if (error)
        console.error(`${program}: ${error.message}`);
    if (status !== 0)
        failed.push(name);
}

/** Where Qt 6 has its programs and modules: by its own word, else as Debian lays them. */
function qt(what, fallback) {
    try {
        return execFileSync('qtpaths6', ['--query', what], {encoding: 'utf8'}).trim();
    } catch {
        return fallback;
    }
}

const qtPrograms = [qt('QT_HOST_BINS', ''), '/usr/lib/qt6/bin', '/usr/bin'];
const qtProgram = name => qtPrograms.map(folder => join(folder, name)).find(file => existsSync(file)) ?? name;

check('words are those of the catalogues', 'node', join(own, 'words.mjs'), '--check');
check('the extensions are put together', 'node', 'packaging/panel/pack.mjs', out);
check('JavaScript: lint', 'node', join(own, 'node_modules/eslint/bin/eslint.js'), '--config', join(own, 'eslint.config.mjs'),
    '--max-warnings=0', 'tests/panel', ...sources);
check('JavaScript: tests', 'node', '--test', join(own, 'status.test.mjs'), join(own, 'command.test.mjs'));
check('GNOME: settings', 'glib-compile-schemas', '--strict', '--dry-run', join(extension, 'schemas'));
check('GNOME: tests in its engine', 'gjs', '-m', join(own, 'status.gjs.js'));
check('Plasma: tests in its engine', qtProgram('qmltestrunner'), '-silent', '-input', join(own, 'tst_status.qml'));

const qml = ['ui', 'config'].map(folder => join(widget, 'contents', folder))
    .flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.qml')).map(name => join(folder, name)));
const modules = [qt('QT_INSTALL_QML', ''), '/usr/lib/x86_64-linux-gnu/qt6/qml', '/usr/lib/qt6/qml'];
if (modules.some(folder => existsSync(join(folder, 'org/kde/plasma/plasmoid')))) {
    // Plasma declares some types, and i18n(), only when it runs: of the files with them, only the language is checked.
    const isDeclared = file => !/(main|config)\.qml$/.test(file);
    const strict = ['--max-warnings', '0', '--unqualified', 'disable'];
    check('Plasma: lint', qtProgram('qmllint'), ...strict, ...qml.filter(isDeclared));
    check('Plasma: lint of the rest', qtProgram('qmllint'), '--silent', ...qml.filter(file => !isDeclared(file)));
} else {
    console.error('Plasma 6 is not installed: its types are NOT CHECKED, only the language is');
    const unknown = ['import', 'unqualified', 'type', 'inheritance-cycle', 'property', 'signal', 'deprecated', 'alias', 'required',
        'unused-imports'];
    check('Plasma: lint', qtProgram('qmllint'), ...unknown.flatMap(name => [`--${name}`, 'disable']), ...qml);
}

// What a review of extensions.gnome.org begins with; it needs a newer Python than some systems have.
const reviewer = process.env.TIDEMARK_SHEXLI ?? 'shexli';
if (spawnSync(reviewer, ['--help']).error)
    console.error('shexli is not installed: what a review of extensions.gnome.org begins with is NOT CHECKED');
else
    check('GNOME: review', reviewer, '--format', 'text', join(out, 'tidemark@tidemark.dev.shell-extension.zip'));

const {uuid, 'shell-version': versions} = JSON.parse(readFileSync(join(extension, 'metadata.json'), 'utf8'));
console.log(failed.length ? `FAILED: ${failed.join('; ')}` : `${uuid} for GNOME ${versions.join(', ')}, and the widget: all passed`);
process.exitCode = failed.length ? 1 : 0;
