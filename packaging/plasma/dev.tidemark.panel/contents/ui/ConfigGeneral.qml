// SPDX-License-Identifier: MIT OR Apache-2.0
import QtQuick
import QtQuick.Controls as Controls
import QtQuick.Layouts
import org.kde.kcmutils as KCM
import org.kde.kirigami as Kirigami

KCM.SimpleKCM {
    id: page

    property alias cfg_command: command.text
    property alias cfg_windowCommand: windowCommand.text
    property alias cfg_account: account.text
    property alias cfg_countdown: countdown.checked

    PanelWords {
        id: words
    }

    Kirigami.FormLayout {
        Controls.CheckBox {
            id: countdown
            text: words.text("panel-countdown")
        }

        Controls.TextField {
            id: account
            Kirigami.FormData.label: words.text("panel-account")
            Accessible.description: accountAbout.text
        }

        Explanation {
            id: accountAbout
            text: words.text("panel-account.about")
        }

        Controls.TextField {
            id: command
            Kirigami.FormData.label: words.text("panel-command")
            Accessible.description: commandAbout.text
        }

        Explanation {
            id: commandAbout
            text: words.text("panel-command.about")
        }

        Controls.TextField {
            id: windowCommand
            Kirigami.FormData.label: words.text("panel-window-command")
            Accessible.description: windowAbout.text
        }

        Explanation {
            id: windowAbout
            text: words.text("panel-window-command.about")
        }
    }

    component Explanation: Controls.Label {
        Layout.maximumWidth: Kirigami.Units.gridUnit * 20
        font: Kirigami.Theme.smallFont
        wrapMode: Text.WordWrap
    }
}
