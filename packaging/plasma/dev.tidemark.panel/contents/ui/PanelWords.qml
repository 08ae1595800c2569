// SPDX-License-Identifier: MIT OR Apache-2.0
// The texts in the session's language.
import QtQuick
import "status.mjs" as Status

QtObject {
    readonly property var words: new Status.Words(text => i18n(text), (one, other, count) => {
        // Of a plural, i18n() finds the translation by the form for one; of the languages here, only English has two.
        const translated = i18n(one);
        return translated === one && count !== 1 ? other : translated;
    })

    function text(id: string): string {
        return words.text(id);
    }
}
