// SPDX-License-Identifier: Apache-2.0

/// The environment of this process as it was at the call (environ(7)).
public enum Environment {
    /// Of a key that stands twice, the first value counts, as for getenv(3).
    public static func variables() -> [String: String] {
        let pairs = Subprocess.currentEnvironment().compactMap { entry -> (String, String)? in
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            return (String(entry[..<equals]), String(entry[entry.index(after: equals)...]))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
