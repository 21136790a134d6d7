// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// What Docs/Fleet.md tells people to do with many hosts.
@Suite(.serialized, .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct FleetTests {
    /// The commands of the page that begin so.
    private static func commands(_ word: String) throws -> [String] {
        let page = String(decoding: try FileSystem.read(Repository.root.appending("Docs").appending("Fleet.md")), as: UTF8.self)
        return page.split(separator: "```sh\n").dropFirst().map {
            String($0.prefix(upTo: $0.firstRange(of: "```")?.lowerBound ?? $0.endIndex))
        }
        .filter { $0.hasPrefix(word) }
    }

    @Test(.needs(.program("jq"))) func thePlansOfManyHostsAreOneTable() async throws {
        try await withTemporaryDirectory { directory in
            for (verb, folder) in [("plan", "plans"), ("scan", "scans")] {
                try FileSystem.makeDirectory(directory.appending(folder))
                for host in HostFixture.all {
                    try await host.withInstalledTree { root in
                        let result = try await runMigrate([
                            verb, "--format", "json", "--root", root.string, "--host-facts", host.directory.string,
                        ])
                        try AtomicFile.write(result.output, to: directory.appending(folder).appending("\(host.testDescription).json"))
                    }
                }
            }
            let commands = try Self.commands("jq")
            try #require(commands.count == 2)
            let table = try await runProgram("/bin/sh", ["-c", commands[0]], workingDirectory: directory)
            #expect(table.status == .exited(0), "\(table.errorText)")
            let rows = table.text.split(separator: "\n").map {
                $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            }
            #expect(rows.first == ["host", "plan", "blocked", "steps", "moved", "lost", "stops"])
            #expect(Set(rows.dropFirst().map { $0[0] }) == Set(HostFixture.all.map(\.testDescription)))
            let blocked = rows.dropFirst().map { !$0[2].isEmpty }
            #expect(blocked.contains(true) && blocked.contains(false))
            #expect(blocked == blocked.sorted { $0 && !$1 }, "those that are blocked come first")
            let docker = try #require(rows.first { $0[0] == "clear-containers-3.0-docker" })
            #expect(docker[2] == "PRE001" && docker[4] == "1" && docker[6].contains("billing"))
            #expect(rows.contains { $0[5] == "lost" }, "runV's sandbox without a bundle")

            let systems = try await runProgram("/bin/sh", ["-c", commands[1]], workingDirectory: directory)
            #expect(systems.status == .exited(0), "\(systems.errorText)")
            let counts = systems.text.split(separator: "\n").compactMap { Int($0.prefix { $0 != "\t" }) }
            #expect(counts.count > 4 && counts.reduce(0, +) >= HostFixture.all.count)
            #expect(systems.text.contains("\tClear Containers 3.0 3.0.23"))
        }
    }

    /// Check mode plans and keeps; a run carries out what was kept, and nothing else.
    @Test(.needs(.program("ansible-playbook"))) func thePlaybookCarriesOutThePlansThatWereLookedAt() async throws {
        try await HostFixture.clearContainersDocker.withInstalledTree { docker in
            try await HostFixture.clearContainersCRIO.withInstalledTree { node in
                try await withTemporaryDirectory { directory in
                    try await play(docker, node, directory)
                }
            }
        }
    }

    private func play(_ docker: FilePath, _ node: FilePath, _ directory: FilePath) async throws {
        let playbook = Playbook(directory: directory)
        let hosts = [("billing", HostFixture.clearContainersDocker, docker), ("node7", HostFixture.clearContainersCRIO, node)]
        try playbook.writeInventory(hosts)
        let before = try hosts.map { try contents(of: $0.2) }

        let unseen = try await playbook.run()
        #expect(unseen.status == .exited(2) && unseen.text.contains("run the playbook with --check first"), "\(unseen.text)")
        let checked = try await playbook.run(["--check"])
        #expect(checked.status == .exited(0), "\(checked.text)")
        #expect(checked.text.split(separator: " changed=1 ").count == 3, "both hosts have something to do: \(checked.text)")
        #expect(try hosts.map { try contents(of: $0.2) } == before, "check mode changes nothing")
        #expect(try FileSystem.list(directory.appending("plans")) == ["billing.json", "node7.json"])

        // The one that was interrupted is gone on with, and the other carried out.
        let options = ["--root", docker.string, "--host-facts", hosts[0].1.directory.string, "--running", "drain", "--yes"]
        if let tracer = Tracer.shared {
            #expect(try await tracer.call(200, endingARunOf: ["apply"] + options, on: docker) != nil)
            #expect(try await runMigrate(["status", "--root", docker.string]).status == .exited(4))
        }
        let played = try await playbook.run()
        #expect(played.status == .exited(0), "\(played.text)")
        for host in hosts {
            let status = try await runMigrate(["status", "--root", host.2.string])
            #expect(status.text.contains(" applied, verified,"), "\(status.text)")
        }

        // A host that is not as it was is not touched.
        _ = try await runMigrate(["rollback", "--yes", "--root", node.string])
        let edited = node.appending("etc/crio/crio.conf")
        let text = try FileSystem.read(edited)
        try AtomicFile.write(text + Array("# edited\n".utf8), to: edited, mode: 0o644)
        let changed = try contents(of: node)
        let refused = try await playbook.run(["--limit", "node7"])
        #expect(refused.status == .exited(2) && refused.text.contains("does not hold any more"), "\(refused.text)")
        #expect(difference(changed, try contents(of: node)) == "")
    }
}

/// Docs/ansible/kata-migrate.yml, played on copied trees.
private struct Playbook {
    let directory: FilePath

    func writeInventory(_ hosts: [(name: String, fixture: HostFixture, root: FilePath)]) throws {
        var text = "all:\n  hosts:\n"
        for host in hosts {
            text +=
                "    \(host.name):\n      kata_migrate_tree: [\"--root\", \"\(host.root)\", \"--host-facts\", \"\(host.fixture.directory)\"]\n"
        }
        text += """
              vars:
                ansible_connection: local
                ansible_python_interpreter: /usr/bin/python3
                kata_migrate_program: "\(CommandTests.program)"
                kata_migrate_become: false
                kata_migrate_plans: "\(directory)/plans"

            """
        try AtomicFile.write(Array(text.utf8), to: directory.appending("inventory.yml"))
    }

    func run(_ options: [String] = []) async throws -> ProgramResult {
        let playbook = Repository.root.appending("Docs").appending("ansible").appending("kata-migrate.yml")
        let program = try #require(findProgram("ansible-playbook"))
        return try await runProgram(
            program, ["-i", directory.appending("inventory.yml").string, playbook.string] + options,
            environment: ["PATH=/usr/bin:/bin", "HOME=\(directory)", "LANG=C.UTF-8", "ANSIBLE_LOCALHOST_WARNING=false"])
    }
}
