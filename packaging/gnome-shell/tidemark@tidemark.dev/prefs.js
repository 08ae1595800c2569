// SPDX-License-Identifier: MIT OR Apache-2.0

import Adw from 'gi://Adw';
import Gio from 'gi://Gio';
import Gtk from 'gi://Gtk';

import {ExtensionPreferences} from 'resource:///org/gnome/Shell/Extensions/js/extensions/prefs.js';

import {Words} from './status.mjs';

export default class TidemarkPreferences extends ExtensionPreferences {
    async fillPreferencesWindow(window) {
        const words = new Words(text => this.gettext(text), (one, other, count) => this.ngettext(one, other, count));
        const settings = this.getSettings();
        const page = new Adw.PreferencesPage();
        const countdown = new Adw.SwitchRow({title: words.text('panel-countdown')});
        settings.bind('countdown', countdown, 'active', Gio.SettingsBindFlags.DEFAULT);
        const shown = new Adw.PreferencesGroup();
        shown.add(countdown);
        page.add(shown);
        for (const [key, id] of [
            ['account', 'panel-account'], ['command', 'panel-command'], ['window-command', 'panel-window-command'],
        ]) {
            const row = new Adw.EntryRow({
                title: words.text(id),
                // A command is started again when it is whole, not with each letter.
                show_apply_button: true,
                text: settings.get_string(key),
                input_hints: Gtk.InputHints.NO_SPELLCHECK,
            });
            row.connect('apply', () => settings.set_string(key, row.text));
            const group = new Adw.PreferencesGroup({description: words.text(`${id}.about`)});
            group.add(row);
            page.add(group);
        }
        window.add(page);
    }
}
