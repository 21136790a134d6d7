// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataGuestAssets
internal import KataSystem
internal import SystemPackage

package struct Assets: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "assets", abstract: "Build and show what a guest boots from.", subcommands: [BuildAssets.self, ShowAssets.self])

    /// Where `build` puts them and `show` looks, unless told otherwise.
    static let standardDirectory = "/usr/local/share/kata-swift"

    package init() {}
}

struct BuildAssets: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "build", abstract: "Assemble kernel and initrd.")

    @Option(help: "The static kata-agent; else the one beside this program.")
    var agent: String?

    @Option(help: "Directory of the result.")
    var output = Assets.standardDirectory

    @Option(help: "Kernel image; else our own from the cache, else the distribution's.")
    var kernel: String?

    @Option(help: "Module directory of the kernel, /lib/modules/RELEASE.")
    var modules: String?

    @Option(help: "Directory of a configuration.toml that gets a drop-in naming the result.")
    var configuration: String?

    @Flag(help: "Keep a copy of the kernel beside the initrd, so that nothing else is needed.")
    var copyKernel = false

    @Option(help: "Directory whose content is added to the guest's root, such as hooks for guest_hook_path.")
    var add: String?

    func run() throws {
        let agent =
            try agent.map { try absolute($0) }
            ?? Self.installedAgent(FilePath(try FileSystem.readLink("/proc/self/exe")).removingLastComponent())
        let choice: AssetBuild.KernelChoice
        if let kernel {
            choice = .given(image: try absolute(kernel), modules: try modules.map { try absolute($0) })
        } else {
            choice = .best(cache: GuestAssets.cacheDirectory(environment: Environment.variables()))
        }
        var build = AssetBuild(
            kernel: choice, agent: agent, output: try absolute(output),
            configurationDirectory: try configuration.map { try absolute($0) },
            additions: try add.map { try absolute($0) })
        build.copiesKernel = copyKernel
        _ = try build.run { write("\($0)\n", to: STDERR_FILENO) }
    }
}

extension BuildAssets {
    /// Beside this program where both were built, in libexec where both are installed.
    private static func installedAgent(_ directory: FilePath) -> FilePath {
        let beside = directory.appending("kata-agent")
        return FileSystem.exists(beside) ? beside : directory.removingLastComponent().pushing("libexec/kata-swift/kata-agent")
    }
}

struct ShowAssets: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Say what was built, and whether it is intact.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(help: "text or json.")
    var format = Format.text

    @Argument(help: "Directory of the assets.")
    var directory = Assets.standardDirectory

    func run() throws {
        let report = try AssetReport(try absolute(directory))
        switch format {
        case .text: write(report.text, to: STDOUT_FILENO)
        case .json: write(String(decoding: try report.json(), as: UTF8.self) + "\n", to: STDOUT_FILENO)
        }
        if !report.deviations.isEmpty { throw WorkloadStatus(status: 1) }
    }
}
