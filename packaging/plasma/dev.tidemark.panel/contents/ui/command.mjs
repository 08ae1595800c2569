// SPDX-License-Identifier: MIT OR Apache-2.0
// The commands that Plasma's shell runs. Its data source gives an output only when the program has ended.

import {statusArguments} from './status.mjs';

/** A text as one word of a shell. */
export function quoted(text) {
    return `'${text.replace(/'/g, "'\\''")}'`;
}

function status(command, account, follow) {
    return [command.trim() || 'tidemark'].concat(statusArguments(account.trim(), follow).map(quoted)).join(' ');
}

/** Prints the status at once. */
export function now(command, account) {
    return status(command, account, false);
}

/** Prints the status once it has changed, or after a minute: the second line of the program, which is ended then. */
export function next(command, account) {
    const follow = quoted(`echo $$; exec ${status(command, account, true)}`);
    return `sh -c ${follow} | { read -r pid; read -r first; read -r next; kill "$pid"; printf '%s\\n' "$next"; }`;
}

/** Opens the window, and does not wait for its end. */
export function openWindow(command) {
    const window = command.trim() || 'tidemark-desktop || flatpak run dev.tidemark.Tidemark';
    return `( ${window} ) >/dev/null 2>&1 &`;
}
