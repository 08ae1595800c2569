// SPDX-License-Identifier: MIT OR Apache-2.0
// The rows of the menu. Each opens the window, so that all of them can be reached by keyboard and are read out.

import Clutter from 'gi://Clutter';
import GObject from 'gi://GObject';
import Pango from 'gi://Pango';
import St from 'gi://St';

import {BarLevel} from 'resource:///org/gnome/shell/ui/barLevel.js';
import * as PopupMenu from 'resource:///org/gnome/shell/ui/popupMenu.js';

function column() {
    return new St.Widget({
        layout_manager: new Clutter.BoxLayout({orientation: Clutter.Orientation.VERTICAL, spacing: 3}),
        x_expand: true,
    });
}

function line(...children) {
    const widget = new St.Widget({layout_manager: new Clutter.BoxLayout({spacing: 18}), x_expand: true});
    for (const child of children)
        widget.add_child(child);
    return widget;
}

function label(styleClass, text = '') {
    return new St.Label({style_class: styleClass, text, y_align: Clutter.ActorAlign.CENTER});
}

/** Lets a text go on in a second line rather than end with three dots. */
function wrapped(widget) {
    widget.clutter_text.set({line_wrap: true, ellipsize: Pango.EllipsizeMode.NONE});
    widget.x_expand = true;
    return widget;
}

/** Shows a text, or nothing at all. */
function show(widget, text) {
    widget.text = text ?? '';
    widget.visible = text !== null;
}

/** An account: its name, how it stands, open anomalies and money. */
class AccountRow extends PopupMenu.PopupBaseMenuItem {
    static {
        GObject.registerClass(this);
    }

    constructor() {
        super();
        this._name = label('tidemark-account');
        this._name.x_expand = true;
        this._state = label('tidemark-note');
        this._anomalies = label('tidemark-anomalies');
        this._money = label('tidemark-money');
        const box = column();
        box.add_child(line(this._name, this._state));
        box.add_child(this._money);
        box.add_child(this._anomalies);
        this.add_child(box);
    }

    update(account) {
        this._name.text = account.name;
        show(this._state, account.state);
        show(this._anomalies, account.anomalies);
        show(this._money, account.money.length > 0 ? account.money.join('\n') : null);
        this.accessible_name = [account.name, account.state, ...account.money, account.anomalies].filter(Boolean).join(', ');
    }
}

/** A quota: how much is used, as text and as a bar, when it is reset and whether it lasts. */
class QuotaRow extends PopupMenu.PopupBaseMenuItem {
    static {
        GObject.registerClass(this);
    }

    constructor() {
        super();
        this._name = label('tidemark-quota');
        this._name.x_expand = true;
        this._used = label('tidemark-used');
        this._bar = new BarLevel({style_class: 'tidemark-bar', x_expand: true});
        this._resets = wrapped(label('tidemark-note'));
        this._forecast = wrapped(label('tidemark-note'));
        const box = column();
        box.add_child(line(this._name, this._used));
        box.add_child(this._bar);
        box.add_child(this._resets);
        box.add_child(this._forecast);
        this.add_child(box);
    }

    update(quota) {
        this._name.text = quota.name;
        this._used.text = quota.used;
        this._bar.visible = quota.fraction !== null;
        this._bar.value = quota.fraction ?? 0;
        this._bar.style_class = `tidemark-bar tidemark-${quota.level}`;
        show(this._resets, quota.resets);
        show(this._forecast, quota.forecast);
        this.accessible_name = [quota.name, quota.used, quota.resets, quota.forecast].filter(Boolean).join(', ');
    }
}

/** The rows of everything that `describe` said. They stay as long as accounts and quotas do, and with them the focus. */
export class StatusSection extends PopupMenu.PopupMenuSection {
    /** @param {() => void} onActivate called when a row is chosen */
    constructor(onActivate) {
        super();
        this._onActivate = onActivate;
        this._shape = null;
        this._rows = [];
    }

    /** @param {object} view what `describe` returned */
    update(view) {
        const shape = JSON.stringify([
            view.notes, view.accounts.map(account => [account.name, account.quotas.map(quota => quota.meter)]),
        ]);
        if (shape !== this._shape)
            this._build(view);
        this._shape = shape;
        const parts = view.accounts.flatMap(account => [account, ...account.quotas]);
        this._rows.forEach((row, place) => row.update(parts[place]));
    }

    _build(view) {
        this.removeAll();
        for (const note of view.notes) {
            const row = this._add(new PopupMenu.PopupMenuItem(note, {style_class: 'tidemark-warning'}));
            wrapped(row.label);
        }
        this._rows = [];
        for (const account of view.accounts) {
            if (this._rows.length > 0 || view.notes.length > 0)
                this.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
            this._rows.push(this._add(new AccountRow()));
            for (let count = 0; count < account.quotas.length; count++)
                this._rows.push(this._add(new QuotaRow()));
        }
    }

    _add(row) {
        row.connect('activate', () => this._onActivate());
        this.addMenuItem(row);
        return row;
    }
}
