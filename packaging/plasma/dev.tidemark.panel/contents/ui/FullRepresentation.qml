// SPDX-License-Identifier: MIT OR Apache-2.0
// Every account with its quotas.
import QtQuick
import QtQuick.Layouts
import org.kde.kirigami as Kirigami
import org.kde.plasma.components as PlasmaComponents
import org.kde.plasma.extras as PlasmaExtras

PlasmaExtras.Representation {
    id: full

    required property var view
    required property string openText
    signal openWindow

    Layout.minimumWidth: Kirigami.Units.gridUnit * 18
    Layout.preferredWidth: Kirigami.Units.gridUnit * 20
    Layout.minimumHeight: Kirigami.Units.gridUnit * 10
    Layout.preferredHeight: Math.min(Kirigami.Units.gridUnit * 32,
        content.implicitHeight + button.implicitHeight + Kirigami.Units.gridUnit * 3)
    collapseMarginsHint: true

    footer: PlasmaExtras.PlasmoidHeading {
        position: PlasmaExtras.PlasmoidHeading.Footer

        PlasmaComponents.ToolButton {
            id: button

            anchors.right: parent.right
            text: full.openText
            icon.name: "window"
            onClicked: full.openWindow()
        }
    }

    PlasmaComponents.ScrollView {
        id: scrolled

        anchors.fill: parent
        contentWidth: availableWidth
        leftPadding: Kirigami.Units.largeSpacing
        rightPadding: Kirigami.Units.largeSpacing
        topPadding: Kirigami.Units.largeSpacing

        ColumnLayout {
            id: content

            width: scrolled.availableWidth
            spacing: Kirigami.Units.largeSpacing

            Repeater {
                model: full.view.notes

                RowLayout {
                    id: note

                    required property string modelData
                    spacing: Kirigami.Units.smallSpacing

                    Kirigami.Icon {
                        Layout.alignment: Qt.AlignTop
                        Layout.preferredWidth: Kirigami.Units.iconSizes.small
                        Layout.preferredHeight: Layout.preferredWidth
                        source: "data-warning-symbolic"
                    }

                    PlasmaComponents.Label {
                        Layout.fillWidth: true
                        text: note.modelData
                        textFormat: Text.PlainText
                        wrapMode: Text.Wrap
                    }
                }
            }

            Repeater {
                model: full.view.accounts

                AccountView {
                    required property var modelData
                    Layout.fillWidth: true
                    account: modelData
                }
            }
        }
    }
}
