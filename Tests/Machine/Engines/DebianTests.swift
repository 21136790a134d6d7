// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// A whole distribution in a container: dynamic programs, a database of packages, users.
    @Suite(.needs(.program("podman"), .program("nsenter"), .program("unshare"), .debianRoot)) struct DebianTests {
        private static let image = "localhost/debian:12"

        @Test func aDistributionOfDebootstrapLivesInAContainer() async throws {
            try await Podman.with { podman in
                let loaded = try await podman("import", TestMachine.debianRoot.string, Self.image)
                #expect(loaded.status == .exited(0), "\(loaded.errorText)")
                let run = try await podman(
                    "run", "-d", "--name", "debian", "--network", "none", "--memory", "256m", Self.image, "sleep", "infinity")
                #expect(run.status == .exited(0), "\(run.errorText)")
                try await usePackages(podman)
                try await useAccounts(podman)
                #expect(try await podman("rm", "--force", "--time", "0", "debian").status == .exited(0))
            }
        }

        /// What a script of bash prints in the container.
        private func bash(_ podman: Podman, user: String = "root", _ script: String) async throws -> String {
            let result = try await podman("exec", "--user", user, "debian", "bash", "-c", script)
            #expect(result.status == .exited(0), "\(script): \(result.errorText)")
            return result.text
        }

        private func usePackages(_ podman: Podman) async throws {
            let look = try await bash(podman, "cat <(echo ${BASH_VERSINFO[0]}) /etc/debian_version; apt --version; dpkg -l")
            #expect(look.hasPrefix("5\n12.") && look.contains("\napt 2."), "\(look)")
            #expect(look.contains("\nii  bash ") && look.contains("\nii  libc6:amd64 "), "\(look)")
            let build = """
                mkdir -p /tmp/own/DEBIAN /tmp/own/usr/share/own && echo words >/tmp/own/usr/share/own/file && cd /tmp &&
                printf 'Package: own\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: nobody\\nDescription: own\\n' >own/DEBIAN/control &&
                dpkg-deb --build own >&2 && dpkg --install own.deb >&2 && dpkg -S /usr/share/own/file && cat /usr/share/own/file
                """
            #expect(try await bash(podman, build) == "own: /usr/share/own/file\nwords\n")
        }

        private func useAccounts(_ podman: Podman) async throws {
            _ = try await bash(podman, "useradd --create-home alice && useradd --create-home --groups users bob")
            _ = try await bash(podman, user: "alice", "umask 077; echo secret >~/file")
            async let alice = bash(podman, user: "alice", "cat ~/file; echo $(id -un) $HOME")
            async let bob = bash(podman, user: "bob", "id -Gn; cat /home/alice/file 2>&1 || true")
            #expect(try await alice == "secret\nalice /home/alice\n")
            #expect(try await bob == "bob users\ncat: /home/alice/file: Permission denied\n")
            #expect(try await bash(podman, "su --login bob --command 'whoami; pwd'") == "bob\n/home/bob\n")
            #expect(try await bash(podman, user: "bob", "passwd --status 2>&1 | cut -d' ' -f1,2") == "bob L\n")
        }
    }
}
