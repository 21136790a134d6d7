// SPDX-License-Identifier: Apache-2.0

/// `[factory]`.
enum FactoryKeys {
    static let all: [ConfigKey] = [
        ConfigKey(
            .factory, "enable_template", .boolean, default: .boolean(false), since: "1.2.0",
            "New sandboxes are cloned from a saved VM."),
        ConfigKey(
            .factory, "template_path", .path, default: .string("/run/vc/vm/template"), since: "1.7.0",
            "The directory that holds the saved VM."),
        ConfigKey(
            .factory, "vm_cache_number", .unsigned32, default: .integer(0), since: "1.6.0",
            "How many VMs are kept ready; 0 turns the cache off."),
        ConfigKey(
            .factory, "vm_cache_endpoint", .path, default: .string("/var/run/kata-containers/cache.sock"), since: "1.6.0",
            "The socket of the process that keeps VMs ready."),
    ]
}
