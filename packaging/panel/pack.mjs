// SPDX-License-Identifier: MIT OR Apache-2.0
// Puts the panel extensions together: `node packaging/panel/pack.mjs [FOLDER]`, by default target/panel. Needs gettext's
// msgfmt, and Python for the archives that are installed.

import {execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const own = join(root, 'packaging/panel');
const out = resolve(process.argv[2] ?? join(root, 'target/panel'));

/** The catalogue's name is that of the domain: Plasma finds it by the widget's id. */
const PARTS = [
    {
        from: 'gnome-shell', id: 'tidemark@tidemark.dev', shared: '.', words: 'locale', domain: 'tidemark-panel',
        archive: 'tidemark@tidemark.dev.shell-extension.zip',
    },
    {
        from: 'plasma', id: 'dev.tidemark.panel', shared: 'contents/ui', words: 'contents/locale',
        domain: 'plasma_applet_dev.tidemark.panel', archive: 'dev.tidemark.panel.plasmoid',
    },
];
const SHARED = ['status.mjs', 'words.mjs', 'tidemark-symbolic.svg'];
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** What the templates are filled with: the workspace's facts, and the extensions' own texts. */
function facts() {
    const workspace = readFileSync(join(root, 'Cargo.toml'), 'utf8').split('[workspace.package]')[1];
    const fact = name => new RegExp(`^${name} = "(.+)"$`, 'm').exec(workspace)[1];
    const text = (language, id) => {
        const catalogue = readFileSync(join(root, `locales/${language}.ftl`), 'utf8');
        return new RegExp(`^${id} = (.+)$`, 'm').exec(catalogue)[1];
    };
    return {
        NAME: text('en', 'app-name'),
        ABOUT: text('en', 'panel-about'),
        ABOUT_ZH_CN: text('zh-CN', 'panel-about'),
        VERSION: fact('version'),
        REPOSITORY: fact('repository'),
        LICENSE: fact('license'),
    };
}

function pack(part, known) {
    const folder = join(out, part.id);
    rmSync(folder, {recursive: true, force: true});
    cpSync(join(root, 'packaging', part.from, part.id), folder, {recursive: true});
    const metadata = join(folder, 'metadata.json');
    const filled = readFileSync(metadata, 'utf8').replace(/@(\w+)@/g, (gap, name) => {
        if (!(name in known))
            throw new Error(`nothing fills ${gap} of ${metadata}`);
        return JSON.stringify(known[name]).slice(1, -1);
    });
    JSON.parse(filled);
    writeFileSync(metadata, filled);
    for (const file of SHARED)
        cpSync(join(own, file), join(folder, part.shared, file));
    for (const file of LICENCES)
        cpSync(join(root, file), join(folder, file));
    for (const name of readdirSync(join(own, 'po')).filter(file => file.endsWith('.po'))) {
        const messages = join(folder, part.words, name.replace('.po', ''), 'LC_MESSAGES');
        mkdirSync(messages, {recursive: true});
        execFileSync('msgfmt', ['--check-format', '-o', join(messages, `${part.domain}.mo`), join(own, 'po', name)]);
    }
    const archive = join(out, part.archive);
    rmSync(archive, {force: true});
    execFileSync('python3', ['-m', 'zipfile', '-c', archive, ...readdirSync(folder)], {cwd: folder});
    console.log(archive);
}

mkdirSync(out, {recursive: true});
const known = facts();
for (const part of PARTS)
    pack(part, known);
