// SPDX-License-Identifier: MIT OR Apache-2.0
// An account: its name, how it stands, its quotas and money.
import QtQuick
import QtQuick.Layouts
import org.kde.kirigami as Kirigami
import org.kde.plasma.components as PlasmaComponents

ColumnLayout {
    id: view

    required property var account

    spacing: Kirigami.Units.smallSpacing

    RowLayout {
        Layout.fillWidth: true

        Kirigami.Heading {
            Layout.fillWidth: true
            level: 4
            text: view.account.name
            textFormat: Text.PlainText
            elide: Text.ElideRight
        }

        Small {
            Layout.fillWidth: false
            Layout.maximumWidth: view.width * 0.6
            text: view.account.state ?? ""
        }
    }

    Repeater {
        model: view.account.quotas

        ColumnLayout {
            id: quota

            required property var modelData
            Layout.fillWidth: true
            Layout.bottomMargin: Kirigami.Units.smallSpacing
            spacing: 0

            RowLayout {
                Layout.fillWidth: true

                PlasmaComponents.Label {
                    Layout.fillWidth: true
                    text: quota.modelData.name
                    textFormat: Text.PlainText
                }

                PlasmaComponents.Label {
                    text: quota.modelData.used
                    textFormat: Text.PlainText
                }
            }

            PlasmaComponents.ProgressBar {
                Layout.fillWidth: true
                visible: quota.modelData.fraction !== null
                value: quota.modelData.fraction ?? 0
                Accessible.name: quota.modelData.name
                Accessible.description: quota.modelData.used
            }

            Small {
                text: quota.modelData.resets ?? ""
            }

            Small {
                text: quota.modelData.forecast ?? ""
            }
        }
    }

    Repeater {
        model: view.account.money

        PlasmaComponents.Label {
            required property string modelData
            Layout.fillWidth: true
            text: modelData
            textFormat: Text.PlainText
        }
    }

    PlasmaComponents.Label {
        Layout.fillWidth: true
        visible: text !== ""
        text: view.account.anomalies ?? ""
        textFormat: Text.PlainText
        font.bold: true
    }

    component Small: PlasmaComponents.Label {
        Layout.fillWidth: true
        visible: text !== ""
        font: Kirigami.Theme.smallFont
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
    }
}
