// SPDX-License-Identifier: MIT OR Apache-2.0
// The tightest quota in the panel.
import QtQuick
import QtQuick.Layouts
import org.kde.kirigami as Kirigami
import org.kde.plasma.components as PlasmaComponents

MouseArea {
    id: area

    required property var panel
    required property bool isVertical
    required property string summary
    signal activated

    Layout.minimumWidth: isVertical ? 0 : row.implicitWidth
    Layout.minimumHeight: isVertical ? row.implicitHeight : 0
    activeFocusOnTab: true
    hoverEnabled: true
    Accessible.name: summary
    Accessible.role: Accessible.Button
    Accessible.onPressAction: activated()
    onClicked: activated()
    Keys.onReturnPressed: activated()
    Keys.onEnterPressed: activated()
    Keys.onSpacePressed: activated()

    GridLayout {
        id: row

        anchors.fill: parent
        columns: area.isVertical ? 1 : 3
        columnSpacing: Kirigami.Units.smallSpacing
        rowSpacing: 0

        Kirigami.Icon {
            Layout.alignment: Qt.AlignCenter
            Layout.preferredWidth: Kirigami.Units.iconSizes.smallMedium
            Layout.preferredHeight: Layout.preferredWidth
            source: Qt.resolvedUrl("tidemark-symbolic.svg")
            isMask: true
            color: Kirigami.Theme.textColor
        }

        PlasmaComponents.Label {
            Layout.alignment: Qt.AlignCenter
            Layout.fillWidth: area.isVertical
            text: area.panel.text
            textFormat: Text.PlainText
            horizontalAlignment: Text.AlignHCenter
            wrapMode: area.isVertical ? Text.Wrap : Text.NoWrap
            font: area.isVertical ? Kirigami.Theme.smallFont : Kirigami.Theme.defaultFont
        }

        Kirigami.Icon {
            Layout.alignment: Qt.AlignCenter
            Layout.preferredWidth: Kirigami.Units.iconSizes.small
            Layout.preferredHeight: Layout.preferredWidth
            visible: area.panel.warns
            source: "data-warning-symbolic"
        }
    }
}
