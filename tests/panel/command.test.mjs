// The commands that the Plasma widget has a shell run, run by one.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {pathToFileURL} from 'node:url';

const widget = pathToFileURL(join(process.env.TIDEMARK_WIDGET, 'contents/ui/command.mjs'));
const {next, now, openWindow} = await import(widget);

const folder = mkdtempSync(join(tmpdir(), 'tidemark panel '));
after(() => rmSync(folder, {recursive: true}));

/** A command that runs a script, from a path with a space in it. */
function program(name, script) {
    writeFileSync(join(folder, name), `${script}\n`);
    return `sh '${join(folder, name)}'`;
}

function shell(command) {
    return new Promise(resolve => {
        execFile('sh', ['-c', command], (error, stdout) => resolve({code: error ? error.code : 0, stdout}));
    });
}

const isRunning = pid => {
    try {
        // An ended one may wait for its parent; then it has no command line.
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    } catch {
        return false;
    }
};

test('the status is printed at once, for an account of any name', async () => {
    const name = 'it\'s "$HOME" `id` \\ #1; exit 9';
    const print = program('now', 'printf "%s|" "$@"');
    assert.deepEqual(await shell(now(print, name)), {code: 0, stdout: `status|--json|--forecast|--account=${name}|`});
    assert.equal((await shell(now(print, ''))).stdout, 'status|--json|--forecast|');
});

test('the next status is the second line, and the program is ended then', async () => {
    const pid = join(folder, 'pid');
    const follows = program('next', `echo $$ > '${pid}'; echo "{\\"first\\":1}"
printf '%s\\n' "{\\"next\\": \\"a\\\\\\\\b $*\\"}"; exec sleep 600`);
    const {code, stdout} = await shell(next(follows, 'O\'Neil & Söhne'));
    assert.equal(code, 0);
    assert.equal(stdout, '{"next": "a\\\\b status --json --forecast --follow --account=O\'Neil & Söhne"}\n');
    assert.equal(isRunning(readFileSync(pid, 'utf8').trim()), false);
});

test('a program that ends before gives nothing', async () => {
    assert.equal((await shell(next(program('ends', 'echo "{}"'), ''))).stdout, '\n');
    assert.equal((await shell(next(join(folder, 'none').replaceAll(' ', '\\ '), ''))).stdout, '\n');
});

test('a program that is not there ends with 127', async () => {
    assert.equal((await shell(now('tidemark-that-is-not-there', ''))).code, 127);
});

test('the window is not waited for', async () => {
    const pid = join(folder, 'window');
    const window = program('open', `echo $$ > '${pid}.new'; mv '${pid}.new' '${pid}'; exec sleep 600`);
    assert.equal((await shell(openWindow(window))).code, 0);
    while (!existsSync(pid))
        await new Promise(resolve => setImmediate(resolve));
    process.kill(Number(readFileSync(pid, 'utf8')));
});
