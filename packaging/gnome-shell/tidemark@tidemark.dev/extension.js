// SPDX-License-Identifier: MIT OR Apache-2.0

import Clutter from 'gi://Clutter';
import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Shell from 'gi://Shell';
import St from 'gi://St';

import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';
import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import * as PanelMenu from 'resource:///org/gnome/shell/ui/panelMenu.js';
import * as PopupMenu from 'resource:///org/gnome/shell/ui/popupMenu.js';

import {Follower, argumentsOf} from './follow.js';
import {StatusSection} from './menu.js';
import {Words, describe} from './status.mjs';

/** The application's desktop entry, as packages for Linux and the Flatpak name it. */
const DESKTOP_ENTRIES = ['Tidemark.desktop', 'dev.tidemark.Tidemark.desktop'];
/** Where there is no entry: the window's program. */
const WINDOW_PROGRAM = 'tidemark-desktop';

/** The tightest quota in the panel, and everything else in its menu. */
class Indicator extends PanelMenu.Button {
    static {
        GObject.registerClass(this);
    }

    /** @param {TidemarkExtension} extension whose settings and words it uses */
    constructor(extension) {
        const words = new Words(text => extension.gettext(text),
            (one, other, count) => extension.ngettext(one, other, count));
        super(0.5, words.text('app-name'));
        this._settings = extension.getSettings();
        this._words = words;
        this._status = null;
        this._connection = 'connecting';
        this._follower = null;

        const box = new St.BoxLayout({style_class: 'panel-status-indicators-box'});
        box.add_child(new St.Icon({
            gicon: Gio.icon_new_for_string(extension.dir.get_child('tidemark-symbolic.svg').get_path()),
            style_class: 'system-status-icon',
        }));
        this._label = new St.Label({y_align: Clutter.ActorAlign.CENTER});
        this._warning = new St.Icon({icon_name: 'dialog-warning-symbolic', style_class: 'system-status-icon'});
        box.add_child(this._label);
        box.add_child(this._warning);
        this.add_child(box);

        this._section = new StatusSection(() => {
            this._openWindow();
            this.menu.close();
        });
        this.menu.box.add_style_class_name('tidemark-menu');
        // Many accounts scroll; what can be done stays in sight.
        const view = new St.ScrollView({style_class: 'tidemark-scroll', overlay_scrollbars: true});
        view.set_policy(St.PolicyType.NEVER, St.PolicyType.AUTOMATIC);
        // In GNOME 45 the only child is added as to a container.
        if (Clutter.Container)
            view.add_actor(this._section.actor);
        else
            view.set_child(this._section.actor);
        const scrolled = new PopupMenu.PopupMenuSection();
        scrolled.actor.add_child(view);
        this.menu.addMenuItem(scrolled);
        this.menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
        this.menu.addAction(words.text('tray-open'), () => this._openWindow());
        this.menu.addAction(words.text('page-settings'), () => extension.openPreferences());

        this.menu.connectObject('open-state-changed', (_menu, isOpen) => {
            if (isOpen)
                this._show();
        }, this);
        this._settings.connectObject(
            'changed::command', () => this._follow(),
            'changed::account', () => this._follow(),
            'changed::countdown', () => this._show(),
            this);
        St.Settings.get().connectObject('notify::high-contrast', () => this._showContrast(), this);
        this._showContrast();
        this._show();
        this._follow();
    }

    _showContrast() {
        if (St.Settings.get().high_contrast)
            this.menu.box.add_style_class_name('tidemark-high-contrast');
        else
            this.menu.box.remove_style_class_name('tidemark-high-contrast');
    }

    /** Follows what the settings name, from the beginning. */
    _follow() {
        this._follower?.stop();
        this._follower = new Follower({
            command: this._settings.get_string('command'),
            account: this._settings.get_string('account').trim(),
            onStatus: status => {
                this._status = status;
                this._connection = 'live';
                this._show();
            },
            onConnection: connection => {
                this._connection = connection;
                this._show();
            },
        });
        this._follower.start();
    }

    _show() {
        const view = describe(this._status, {
            words: this._words,
            now: Date.now(),
            connection: this._connection,
            countdown: this._settings.get_boolean('countdown'),
        });
        this._label.text = view.panel.text;
        this._warning.visible = view.panel.warns;
        this.accessible_name = view.summary;
        this._section.update(view);
    }

    _openWindow() {
        const command = this._settings.get_string('window-command').trim();
        if (command === '') {
            const system = Shell.AppSystem.get_default();
            const app = DESKTOP_ENTRIES.map(id => system.lookup_app(id)).find(Boolean);
            if (app) {
                app.activate();
                return;
            }
        }
        const list = argumentsOf(command || WINDOW_PROGRAM);
        try {
            if (list === null)
                throw new Error(command);
            Gio.Subprocess.new(list, Gio.SubprocessFlags.STDOUT_SILENCE | Gio.SubprocessFlags.STDERR_SILENCE);
        } catch {
            Main.notify(this._words.text('app-name'), this._words.text('panel-no-program'));
        }
    }

    _onDestroy() {
        this._follower?.stop();
        this._follower = null;
        this._settings.disconnectObject(this);
        St.Settings.get().disconnectObject(this);
        this._section.destroy();
        super._onDestroy();
    }
}

export default class TidemarkExtension extends Extension {
    enable() {
        this._indicator = new Indicator(this);
        Main.panel.addToStatusArea(this.uuid, this._indicator);
    }

    disable() {
        this._indicator?.destroy();
        this._indicator = null;
    }
}
