// SPDX-License-Identifier: Apache-2.0

/// `[agent.kata]`.
enum AgentKeys {
    static let enableDebug = ConfigKey(
        .agent, "enable_debug", .boolean, default: .boolean(false), since: "1.7.0", .built, "The agent logs at level debug.")
    static let dialTimeout = ConfigKey(
        .agent, "dial_timeout", .seconds, default: .integer(45), since: "2.1.0", .built,
        "How long to wait for the agent's first answer; 0 means 45.")
    static let kernelModules = ConfigKey(
        .agent, "kernel_modules", .strings, default: .strings([]), since: "1.9.0",
        "Kernel modules that the agent loads before the first container, each with its parameters behind it.")

    static let debugConsoleEnabled = ConfigKey(
        .agent, "debug_console_enabled", .boolean, default: .boolean(false), since: "2.0.0", .built,
        "A shell in the guest that can be reached from the host, by kata-runtime exec-guest.")

    static let all: [ConfigKey] = [
        enableDebug, dialTimeout, kernelModules, debugConsoleEnabled,
        ConfigKey(
            .agent, "enable_tracing", .boolean, default: .boolean(false), since: "1.7.0", "The agent sends OpenTelemetry traces."),
        ConfigKey(
            .agent, "cdh_api_timeout", .seconds, default: .integer(50), since: "3.9.0",
            "How long the agent waits for the confidential data hub."),
        ConfigKey(
            .agent, "launch_process_timeout", .seconds, default: nil, since: "3.29.0",
            "How long the agent waits for a guest component to start."),
        ConfigKey(
            .agent, "visible_cdi_devices", .boolean, default: .boolean(false), since: "3.32.0",
            "The environment variable VISIBLE_CDI_DEVICES chooses CDI devices."),
        ConfigKey(
            .agent, "trace_mode", .choice(["static", "dynamic"]), default: nil, since: "1.7.0",
            .retired(lastRelease: "2.2.0", instead: "enable_tracing"), "When the agent traces."),
        ConfigKey(
            .agent, "trace_type", .choice(["isolated", "collated"]), default: nil, since: "1.7.0",
            .retired(lastRelease: "2.2.0", instead: "enable_tracing"), "Whether the agent's trace is part of the runtime's."),
    ]
}
