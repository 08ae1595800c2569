// The cases of cases.mjs in GNOME's engine, and the follower with programs of its own: `gjs -m status.gjs.js`.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import system from 'system';

import {CASES} from './cases.mjs';
// As the extension has them beside each other: `pack.mjs` lays them so.
const packed = `file://${GLib.getenv('TIDEMARK_EXTENSION')}`;
const {Follower, argumentsOf} = await import(`${packed}/follow.js`);

function equal(is, expected) {
    if (is !== expected)
        throw new Error(`${JSON.stringify(is)} is not ${JSON.stringify(expected)}`);
}

const folder = GLib.dir_make_tmp('tidemark-panel-XXXXXX');

/** A program that is a script of the shell. */
function program(script) {
    const path = `${folder}/program-${GLib.uuid_string_random()}`;
    GLib.file_set_contents(path, `${script}\n`);
    return `sh ${path}`;
}

/** Follows a program until so much has been reported, and says what was. */
function follow(command, until, options = {}) {
    return new Promise((resolve, reject) => {
        const reports = [];
        const limit = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 60, () => {
            reject(new Error(`only ${JSON.stringify(reports)}`));
            return GLib.SOURCE_REMOVE;
        });
        let follower = null;
        const report = what => {
            reports.push(what);
            if (reports.length === until) {
                follower.stop();
                GLib.source_remove(limit);
                resolve(reports);
            }
        };
        follower = new Follower({
            command, account: '', pause: () => 0.01, ...options,
            onStatus: status => report(status.accounts.map(account => account.name).join()),
            onConnection: report,
        });
        follower.start();
    });
}

const said = name => `echo '{"at":null,"accounts":[{"name":"${name}"}]}'`;
/** Waits without a child of its own, which would keep standard output open. */
const stays = 'exec sleep 600';

const FOLLOWER = {
    async 'each line is reported while the program runs'() {
        equal((await follow(program(`${said('one')}; ${said('two')}; ${stays}`), 2)).join(), 'one,two');
    },

    async 'a program that ends is started again'() {
        equal((await follow(program(said('one')), 4)).join(), 'one,lost,one,lost');
    },

    async 'pauses grow with failures and begin again after a success'() {
        const failures = [];
        const pause = count => {
            failures.push(count);
            return 0.01;
        };
        const flag = `${folder}/flag`;
        const script = `if [ -e ${flag} ]; then ${said('one')}; else echo nonsense; [ -e ${flag}1 ] && touch ${flag}; touch ${flag}1; fi`;
        equal((await follow(program(script), 4, {pause})).join(), 'lost,lost,one,lost');
        equal(failures.join(), '1,2,1');
    },

    async 'a program that is silent is ended'() {
        equal((await follow(program(`${said('one')}; ${stays}`), 2, {maxSilence: 0.3})).join(), 'one,lost');
    },

    async 'a program that is not there is said to be missing'() {
        equal((await follow(`${folder}/none`, 1)).join(), 'missing');
        equal((await follow('', 1)).join(), 'missing');
        equal((await follow('"unclosed', 1)).join(), 'missing');
    },

    async 'output that is no text is no status'() {
        equal((await follow(program('printf "\\377\\n"; exec sleep 600'), 1)).join(), 'lost');
    },

    async 'the program is gone after a stop, and reports nothing more'() {
        const pid = `${folder}/pid`;
        await follow(program(`echo $$ > ${pid}; ${said('one')}; ${stays}`), 1);
        const [, text] = GLib.file_get_contents(pid);
        const process = Gio.File.new_for_path(`/proc/${new TextDecoder().decode(text).trim()}`);
        for (let tries = 0; process.query_exists(null) && tries < 1000; tries++)
            GLib.MainContext.default().iteration(false) || GLib.usleep(1000);
        equal(process.query_exists(null), false);
    },

    async 'a command is split as a shell would, and run by none'() {
        equal(JSON.stringify(argumentsOf("flatpak run '--command=a b' $HOME;x")),
            '["flatpak","run","--command=a b","$HOME;x"]');
    },
};

let failed = 0;
for (const [name, run] of Object.entries({...CASES, ...FOLLOWER})) {
    try {
        await run(equal);
        print(`ok: ${name}`);
    } catch (error) {
        failed += 1;
        print(`FAILED: ${name}: ${error.message}\n${error.stack}`);
    }
}
GLib.spawn_sync(null, ['rm', '-rf', folder], null, GLib.SpawnFlags.SEARCH_PATH, null);
print(failed ? `${failed} failed` : 'all passed');
system.exit(failed ? 1 : 0);
