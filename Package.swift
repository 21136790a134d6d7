// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "kata-swift",
    products: [
        .executable(name: "kata-runtime", targets: ["kata-runtime"]),
        .executable(name: "kata-agent", targets: ["kata-agent"]),
        .executable(name: "kata-migrate", targets: ["kata-migrate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: []
)

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ path: String, exclude: [String] = [], _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(path)", exclude: exclude, swiftSettings: swiftSettings)
}

func executable(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(path)", swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["KataTestSupport"], path: "Tests/\(name)", swiftSettings: swiftSettings)
}

package.targets = [
    .target(
        name: "CLinux", path: "Sources/KataRuntime/CInterop/CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(
        name: "CSeccomp", path: "Sources/KataRuntime/CInterop/CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(
        name: "CYAML", path: "Sources/KataRuntime/CInterop/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    library("KataSystem", "KataRuntime/System", ["CLinux", system]),
    library("KataOCI", "KataRuntime/OCI", ["KataSystem"]),
    library(
        "KataWire", "KataRuntime/Wire", exclude: ["Protobuf/Definitions", "Protobuf/README.md"],
        ["KataOCI", "KataSystem", nioCore, nioPosix, protobuf, system]),
    library("KataText", "KataRuntime/Text", ["KataSystem", "CYAML", system]),
    library("KataConfig", "KataRuntime/Config", ["KataText", "KataSystem", system]),
    library("KataHypervisor", "KataRuntime/Hypervisor", ["KataConfig", "KataText", "KataSystem", "CLinux", system]),
    library("KataBundle", "KataRuntime/Bundle", ["KataText", "KataOCI", "KataSystem", system]),
    library(
        "KataGuestAssets", "KataRuntime/Guest", exclude: ["guest-kernel.fragment"], ["KataText", "KataSystem", system]),
    library(
        "KataSandbox", "KataRuntime/Sandbox",
        ["KataBundle", "KataHypervisor", "KataConfig", "KataText", "KataWire", "KataOCI", "KataSystem", "CLinux", nioCore, system]),
    library(
        "KataRuntime", "KataRuntime/Runtime",
        [
            "KataSandbox", "KataBundle", "KataGuestAssets", "KataHypervisor", "KataConfig", "KataText", "KataWire", "KataOCI", "KataSystem",
            "CLinux",
            argumentParser, nioCore, nioPosix, system,
        ]),
    library("KataAgent", "KataRuntime/Agent", ["KataWire", "KataOCI", "KataSystem", "CLinux", "CSeccomp", system]),
    executable("kata-agent", "KataRuntime/Commands/kata-agent", ["KataAgent", "KataWire", nioPosix]),
    executable(
        "kata-runtime", "KataRuntime/Commands/kata-runtime", ["KataRuntime", "KataSandbox", "KataSystem", "Compat", system]),

    library("Compat", "Compat", ["KataConfig", "KataText", "KataSystem", system]),
    library(
        "Migrate", "Migrate", exclude: ["Command"], ["Compat", "KataHypervisor", "KataConfig", "KataText", "KataSystem", system]),
    executable("kata-migrate", "Migrate/Command", ["Migrate", "Compat", "KataText", "KataSystem", argumentParser, system]),

    .target(
        name: "KataTestSupport", dependencies: ["KataSystem", system], path: "Tests/Support", swiftSettings: swiftSettings),
    tests("KataSystemTests", ["KataSystem", "CLinux", system]),
    tests("KataOCITests", ["KataOCI", "KataSystem", system]),
    tests("KataWireTests", ["KataWire", "KataOCI", "KataSystem", nioCore, nioPosix, protobuf, system]),
    tests("KataTextTests", ["KataText", "KataSystem", system]),
    tests("KataConfigTests", ["KataConfig", "KataText", "KataSystem", system]),
    tests("KataHypervisorTests", ["KataHypervisor", "KataConfig", "KataText", "KataSystem", system]),
    tests("KataGuestAssetsTests", ["KataGuestAssets", "KataText", "KataSystem", system]),
    tests("KataBundleTests", ["KataBundle", "KataOCI", "KataText", "KataSystem", system]),
    tests(
        "KataSandboxTests",
        ["KataBundle", "KataSandbox", "KataConfig", "KataHypervisor", "KataWire", "KataOCI", "KataText", "KataSystem", system]),
    tests(
        "KataRuntimeTests", ["KataRuntime", "KataSandbox", "KataBundle", "KataOCI", "KataText", "KataSystem", argumentParser, system]),
    tests("KataAgentTests", ["KataAgent", "kata-agent", "KataWire", "KataOCI", "KataSystem", "CLinux", nioCore, nioPosix, system]),
    .target(
        name: "CompatTestSupport", dependencies: ["Compat", "KataSystem", system], path: "Tests/CompatTestSupport",
        swiftSettings: swiftSettings),
    tests("CompatTests", ["Compat", "CompatTestSupport", "KataConfig", "KataText", "KataSystem", system]),
    tests("MigrateTests", ["Migrate", "kata-migrate", "Compat", "KataConfig", "KataText", "KataSystem", "CLinux", system]),
    tests("ArchitectureTests", ["Migrate", "Compat", "KataConfig", "KataText", "KataSystem", system]),
    tests("Machine", ["KataSystem", "CLinux", system]),
    .target(
        name: "FuzzTargets",
        dependencies: [
            "Migrate", "Compat", "CompatTestSupport", "KataTestSupport", "KataBundle", "KataOCI", "KataConfig", "KataText", "KataSystem",
            system,
        ],
        path: "Tests/Fuzz/Targets",
        swiftSettings: swiftSettings),
    .testTarget(
        name: "FuzzTests", dependencies: ["FuzzTargets", "KataTestSupport", "KataSystem", system], path: "Tests/Fuzz/Tests",
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "Benchmarks", dependencies: ["Migrate", "Compat", "KataText", "KataSystem", "KataTestSupport", system],
        path: "Tests/Benchmarks", swiftSettings: swiftSettings),
]

// libFuzzer brings the entry of the program itself, so that only a build for it (.ci/fuzz) can link this one.
if Context.environment["KATA_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver",
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]))
}
