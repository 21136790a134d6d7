// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite(.needs(.program("dbus-daemon"))) struct SystemdTests {
        private static let hasMock =
            FileSystem.exists("/usr/lib/python3/dist-packages/dbusmock") && FileSystem.exists("/usr/bin/python3")

        /// Stands where systemd does: it answers two calls, and writes down what it was asked. The end of a job comes before its name
        /// does, and late where it fails.
        private static let mock = """
            import sys, dbus, dbus.service, dbusmock
            from dbus.mainloop.glib import DBusGMainLoop
            from gi.repository import GLib
            DBusGMainLoop(set_as_default=True)
            bus = dbus.bus.BusConnection(sys.argv[1])
            name = dbus.service.BusName("org.freedesktop.systemd1", bus)
            interface = "org.freedesktop.systemd1.Manager"
            mock = dbusmock.mockobject.DBusMockObject(name, "/org/freedesktop/systemd1", interface, {}, sys.argv[2])
            code = '''
            ret = dbus.ObjectPath("/org/freedesktop/systemd1/job/7")
            other = [dbus.UInt32(6), dbus.ObjectPath("/org/freedesktop/systemd1/job/6"), "x.scope", "failed"]
            self.EmitSignal("org.freedesktop.systemd1.Manager", "JobRemoved", "uoss", other)
            late = "late" in args[0]
            end = [dbus.UInt32(7), ret, args[0], "failed" if late else "done"]
            tell = lambda self=self, end=end: self.EmitSignal("org.freedesktop.systemd1.Manager", "JobRemoved", "uoss", end)
            if late:
                from gi.repository import GLib
                GLib.timeout_add(500, tell)
            else:
                tell()
            '''
            mock.AddMethod(interface, "Subscribe", "", "", "")
            mock.AddMethod(interface, "StartTransientUnit", "ssa(sv)a(sa(sv))", "o", code)
            open(sys.argv[2] + ".ready", "w").close()
            GLib.MainLoop().run()
            """

        /// A command of the runtime that finds its message bus at `socket`.
        private func kata(_ host: MachineHost, bus socket: FilePath, _ verb: String...) async throws -> ProgramResult {
            let words =
                ["DBUS_SYSTEM_BUS_ADDRESS=unix:path=\(socket)", MachineHost.runtime.string] + host.arguments(["--systemd-cgroup"] + verb)
            return try await runProgram(try #require(findProgram("env")), words, timeout: .seconds(180))
        }

        private func specify(_ host: MachineHost, cgroup: String) throws {
            try host.specify(["true"]) { document in
                var linux = document["linux"] as? [String: Any] ?? [:]
                linux["cgroupsPath"] = cgroup
                document["linux"] = linux
            }
        }

        @Test(.enabled(if: hasMock, "needs python3-dbusmock"))
        func aScopeIsMadeForTheContainersProcesses() async throws {
            try await withMachineHost(leaving: "scoped") { host in
                let socket = host.directory.appending("bus"), log = host.directory.appending("mock.log")
                let script = host.directory.appending("mock.py")
                try AtomicFile.write(Array(Self.mock.utf8), to: script)
                let daemon = try Subprocess(
                    program: try #require(findProgram("dbus-daemon")),
                    arguments: ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path=\(socket)"]
                ).spawn()
                for _ in 0..<200 where !FileSystem.exists(socket) { try await Task.sleep(for: .milliseconds(25)) }
                let systemd = try Subprocess(
                    program: "/usr/bin/python3", arguments: ["python3", script.string, "unix:path=\(socket)", log.string]
                ).spawn()
                for _ in 0..<200 where !FileSystem.exists(FilePath(log.string + ".ready")) { try await Task.sleep(for: .milliseconds(25)) }
                var failure: (any Error)?
                do {
                    try specify(host, cgroup: "machine.slice:libpod:abc")
                    let result = try await kata(host, bus: socket, "run", "--bundle", host.bundle.string, "scoped")
                    #expect(result.status == .exited(0), "\(result.errorText)")
                    let asked = String(decoding: try FileSystem.read(log), as: UTF8.self)
                    #expect(asked.contains(#"StartTransientUnit "libpod-abc.scope" "fail""#), "\(asked)")
                    #expect(asked.contains(/'Slice'\), dbus.String\('machine.slice'/), "\(asked)")
                    #expect(asked.contains(/'PIDs'\), dbus.Array\(\[dbus.UInt32\(\d+\), dbus.UInt32\(\d+\)\]/), "\(asked)")
                    try specify(host, cgroup: "machine.slice:libpod:late")
                    let failed = try await kata(host, bus: socket, "run", "--bundle", host.bundle.string, "scoped")
                    #expect(failed.status == .exited(1) && failed.errorText.contains("ended with 'failed'"), "\(failed.errorText)")
                    try specify(host, cgroup: "/plain/path")
                    let plain = try await kata(host, bus: socket, "run", "--bundle", host.bundle.string, "scoped")
                    #expect(plain.status == .exited(1) && plain.errorText.contains("slice:prefix:name"), "\(plain.errorText)")
                } catch { failure = error }
                for process in [systemd, daemon] {
                    try process.signal(SIGTERM)
                    _ = try await process.waitAsync()
                }
                if let failure { throw failure }
            }
        }

        @Test func withoutSystemdTheErrorSaysSo() async throws {
            try await withMachineHost(leaving: "unscoped") { host in
                try specify(host, cgroup: "system.slice:docker:abc")
                let result = try await kata(
                    host, bus: host.directory.appending("nobody"), "run", "--bundle", host.bundle.string, "unscoped")
                #expect(result.status == .exited(1))
                for words in ["docker-abc.scope", "where systemd does not run", "cgroupfs"] {
                    #expect(result.errorText.contains(words), "\(result.errorText)")
                }
            }
        }
    }
}
