// SPDX-License-Identifier: MIT OR Apache-2.0
import QtQuick
import org.kde.plasma.core as PlasmaCore
import org.kde.plasma.plasmoid
import "status.mjs" as Status

PlasmoidItem {
    id: root

    readonly property var view: Status.describe(source.status, {
        words: words.words,
        now: shownAt,
        connection: source.connection,
        countdown: Plasmoid.configuration.countdown
    })
    /** When it was last described; a countdown goes on when the popup is opened. */
    property real shownAt: Date.now()

    onExpandedChanged: shownAt = Date.now()

    Plasmoid.icon: "tidemark-desktop"
    Plasmoid.status: view.panel.warns || view.panel.level === "near" ? PlasmaCore.Types.ActiveStatus : PlasmaCore.Types.PassiveStatus
    toolTipMainText: words.text("app-name")
    toolTipSubText: view.summary
    toolTipTextFormat: Text.PlainText
    Accessible.name: view.summary

    Plasmoid.contextualActions: [
        PlasmaCore.Action {
            text: words.text("tray-open")
            icon.name: "window"
            onTriggered: root.openWindow()
        }
    ]

    function openWindow() {
        source.openWindow(Plasmoid.configuration.windowCommand);
        expanded = false;
    }

    PanelWords {
        id: words
    }

    StatusSource {
        id: source
        command: Plasmoid.configuration.command
        account: Plasmoid.configuration.account
        onStatusChanged: root.shownAt = Date.now()
        onConnectionChanged: root.shownAt = Date.now()
    }

    compactRepresentation: CompactRepresentation {
        panel: root.view.panel
        isVertical: Plasmoid.formFactor === PlasmaCore.Types.Vertical
        summary: root.view.summary
        onActivated: root.expanded = !root.expanded
    }

    fullRepresentation: FullRepresentation {
        view: root.view
        openText: words.text("tray-open")
        onOpenWindow: root.openWindow()
    }
}
