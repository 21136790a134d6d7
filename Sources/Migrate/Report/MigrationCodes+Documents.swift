// SPDX-License-Identifier: Apache-2.0

internal import KataText

extension MigrationCodes {
    static let documents: [DiagnosticPage] = [
        page(
            "MIG021", "a file of a directory is not recognised", .note,
            "The file lies in a directory that was named, and no dialect or engine claims it. It is left out; it is reported so that nothing is passed over in silence.",
            "Nothing, unless it should be converted: name the file itself, and its dialect with --from."),
        page(
            "MIG022", "a named file cannot be read", .error,
            "The system refused to open or read a file or directory: it is not there, is not readable for this user, or its links lead in a circle.",
            "Correct the path or the permissions."),
        page(
            "MIG023", "a named path is no file", .error,
            "A fifo, a socket or a device was named where a file is expected. It is not opened: reading it might wait for ever or never end.",
            "Copy what it yields into a file and name that."),
        page(
            "MIG024", "a file is too large", .error,
            "No configuration of any old system or engine comes near four mebibytes. The file is not read, so that a mistaken disk image costs neither memory nor time.",
            "Name the configuration itself."),
        page(
            "MIG025", "something in a directory is left out", .note,
            "Fifos, sockets, devices, links to directories and links that lead nowhere are passed over where they lie in a named directory. Links to directories may lead in circles.",
            "Name what should be looked into."),
        page(
            "MIG026", "a directory is too large", .error,
            "Below a named directory lie more files, or more levels of directories, than any set of configurations has. What lies beyond the bound is not looked at.",
            "Name the directories that hold configurations."),
        page(
            "MIG030", "findings are left out", .note,
            "A document has so many findings that only the first of them are shown. If there is an error among all of them, one is shown.",
            "Correct what is shown, and look again."),
        page(
            "MIG031", "a result where its runtime never looks", .warning,
            "Each runtime looks for its configuration in a few places and passes over all others in silence: runtime-rs never reads a file of the Go runtime, nor that one of runtime-rs.",
            "Write it to the first of the places that the message names."),
    ]

    static let comparison: [DiagnosticPage] = [
        page(
            "MIG027", "a result is not the expected one", .error,
            "'check --expect' compares each result with the file of the same name among the expected ones. The lines that go and come are shown.",
            "Correct the source, or accept the new result with --update."),
        page(
            "MIG028", "an expected result is missing", .error,
            "'check --expect' found no file to compare a result with.",
            "Write it with --update."),
        page(
            "MIG029", "an expected result has no source", .error,
            "A file among the expected results is one that nothing is converted to: its source was removed or renamed, or is refused.",
            "Remove the file, or restore the source."),
    ]
}
