// SPDX-License-Identifier: MIT OR Apache-2.0
import QtQuick
import org.kde.plasma.configuration

ConfigModel {
    ConfigCategory {
        name: i18n("Settings")
        icon: "preferences-system"
        source: "ConfigGeneral.qml"
    }
}
