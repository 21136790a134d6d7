// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
public import KataText
internal import SystemPackage

extension Dialect {
    /// Reads the files of other names that the legacy program would have read on this host beside the one that is given.
    public func companionsOnHost(of source: SourceText) -> [SourceText] {
        filesInUse(FileSystem.exists).filter { $0.lastComponent != source.path.lastComponent }.compactMap { path in
            do throws(SystemError) {
                // As much as is read of the given file.
                return SourceText(path: path, bytes: try FileSystem.read(path, limit: 4 << 20))
            } catch {
                // What root cannot read now, the legacy program could not read either.
                return nil
            }
        }
    }
}
