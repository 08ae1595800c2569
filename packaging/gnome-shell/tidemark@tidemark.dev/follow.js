// SPDX-License-Identifier: MIT OR Apache-2.0
// Follows the status: runs `tidemark status --follow`, reads its lines, and starts it again where it ends. Nothing of the
// shell is used here, so that the tests run it as it is.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {MAX_SILENCE_SECONDS, parseStatus, pauseAfter, statusArguments} from './status.mjs';

/** A command line as a list of arguments, or null where it cannot be one. */
export function argumentsOf(command) {
    try {
        const [, list] = GLib.shell_parse_argv(command.trim());
        return list;
    } catch {
        return null;
    }
}

/** The status of a program that follows it. */
export class Follower {
    /**
     * @param {object} options what to follow
     * @param {string} options.command the program, as in a terminal
     * @param {string} options.account the only account, or empty
     * @param {(status: object) => void} options.onStatus called with each status
     * @param {(connection: string) => void} options.onConnection called with `lost` or `missing` where there is no more
     * @param {number} [options.maxSilence] seconds of silence after which the program is ended, and started again
     * @param {(failures: number) => number} [options.pause] seconds before the next start
     */
    constructor({command, account, onStatus, onConnection, maxSilence = MAX_SILENCE_SECONDS, pause = pauseAfter}) {
        this._command = command;
        this._account = account;
        this._onStatus = onStatus;
        this._onConnection = onConnection;
        this._maxSilence = maxSilence;
        this._pause = pause;
        this._failures = 0;
        this._process = null;
        this._cancellable = null;
        this._timeoutId = 0;
    }

    /** Starts the program. */
    start() {
        this.stop();
        const command = argumentsOf(this._command);
        if (command === null) {
            this._wait('missing');
            return;
        }
        let process;
        try {
            process = Gio.Subprocess.new([...command, ...statusArguments(this._account, true)],
                Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_SILENCE);
        } catch (error) {
            const known = error instanceof GLib.Error && error.domain === GLib.spawn_error_quark();
            this._wait(known ? 'missing' : 'lost');
            return;
        }
        this._process = process;
        this._cancellable = new Gio.Cancellable();
        const lines = new Gio.DataInputStream({base_stream: process.get_stdout_pipe(), close_base_stream: true});
        this._expectLine();
        this._read(lines, this._cancellable);
    }

    /** Ends the program; nothing is called afterwards. */
    stop() {
        this._cancelTimeout();
        this._cancellable?.cancel();
        this._cancellable = null;
        this._process?.force_exit();
        this._process = null;
    }

    _read(lines, cancellable) {
        lines.read_line_async(GLib.PRIORITY_DEFAULT, cancellable, (_lines, result) => {
            let line = null;
            try {
                [line] = lines.read_line_finish_utf8(result);
            } catch {
                // Stopped, or what came is no text: the line stays null, as at the end.
            }
            if (cancellable.is_cancelled())
                return;
            const status = parseStatus(line);
            if (status === null) {
                this._fail();
                return;
            }
            this._failures = 0;
            this._expectLine();
            this._onStatus(status);
            if (!cancellable.is_cancelled())
                this._read(lines, cancellable);
        });
    }

    /** Ends the program if it stays silent. */
    _expectLine() {
        this._after(this._maxSilence, () => this._fail());
    }

    _fail() {
        this.stop();
        this._wait('lost');
    }

    /** Says that there is no more, and starts the program again later. */
    _wait(connection) {
        this._failures += 1;
        this._after(this._pause(this._failures), () => this.start());
        this._onConnection(connection);
    }

    _after(seconds, work) {
        this._cancelTimeout();
        this._timeoutId = GLib.timeout_add(GLib.PRIORITY_DEFAULT, seconds * 1000, () => {
            this._timeoutId = 0;
            work();
            return GLib.SOURCE_REMOVE;
        });
    }

    _cancelTimeout() {
        if (this._timeoutId)
            GLib.source_remove(this._timeoutId);
        this._timeoutId = 0;
    }
}
