// The cases of cases.mjs in Plasma's engine: `qmltestrunner -input tst_status.qml`.
import QtQuick
import QtTest
import "cases.mjs" as Cases

TestCase {
    name: "Status"

    function test_cases_data() {
        return Object.keys(Cases.CASES).map(name => ({tag: name}));
    }

    function test_cases(data) {
        Cases.CASES[data.tag]((is, expected) => compare(is, expected));
    }
}
