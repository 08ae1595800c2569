// SPDX-License-Identifier: MIT OR Apache-2.0
// Follows the status: asks once, then waits for each change, and starts again with growing pauses where that fails.
import QtQuick
import org.kde.plasma.plasma5support as Plasma5Support
import "command.mjs" as Command
import "status.mjs" as Status

Item {
    id: source

    required property string command
    required property string account

    property var status: null
    property string connection: "connecting"
    property int failures: 0
    /** The command that runs, or empty. */
    property string running: ""
    property int started: 0

    onCommandChanged: start()
    onAccountChanged: start()
    Component.onCompleted: start()

    function start() {
        failures = 0;
        run(Command.now(command, account));
    }

    function openWindow(windowCommand: string) {
        started += 1;
        executable.connectSource(`${Command.openWindow(windowCommand)} # ${started}`);
    }

    function run(text: string) {
        if (running !== "") {
            executable.disconnectSource(running);
        }
        // The same text again would be taken for what ran before.
        started += 1;
        running = `${text} # ${started}`;
        timer.begin(Status.MAX_SILENCE_SECONDS);
        executable.connectSource(running);
    }

    function ended(output: string, exitCode: int) {
        running = "";
        const next = Status.parseStatus(output);
        if (next === null) {
            fail(exitCode === 127 ? "missing" : "lost");
            return;
        }
        status = next;
        connection = "live";
        failures = 0;
        run(Command.next(command, account));
    }

    function fail(why: string) {
        if (running !== "") {
            executable.disconnectSource(running);
            running = "";
        }
        failures += 1;
        connection = why;
        timer.begin(Status.pauseAfter(failures));
    }

    Timer {
        id: timer

        function begin(seconds: int) {
            interval = seconds * 1000;
            restart();
        }

        // Either the program has been silent for too long, or a pause is over.
        onTriggered: source.running === "" ? source.run(Command.now(source.command, source.account)) : source.fail("lost")
    }

    Plasma5Support.DataSource {
        id: executable

        engine: "executable"
        onNewData: (name, data) => {
            disconnectSource(name);
            if (name === source.running) {
                source.ended(data.stdout ?? "", data["exit code"] ?? -1);
            }
        }
    }
}
