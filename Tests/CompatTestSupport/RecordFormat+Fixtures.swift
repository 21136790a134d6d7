// SPDX-License-Identifier: Apache-2.0

package import Compat

extension RecordFormat {
    /// The directory below fixtures whose directories hold one `tree` each with records of this format.
    package var fixtures: String {
        switch self {
        case .virtcontainers: "clear-containers/records-3.0"
        case .kata: "kata-records"
        case .ccOCIRuntime: "clear-containers/records-2.x"
        case .runV: "runv/records"
        case .hyperd: "hyperd/records"
        case .frakti: "frakti/records"
        }
    }
}
