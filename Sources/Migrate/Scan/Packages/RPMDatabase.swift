// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// rpm's database of packages, read as a file: rpm itself may be missing, and would write to it.
enum RPMDatabase {
    private static let directories: [FilePath] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"]

    /// The packages that `isWanted`; nil when the host has no database that can be read here.
    static func packages(by survey: inout Survey, where isWanted: (String) -> Bool) -> [InstalledPackage]? {
        for directory in directories {
            for (name, read) in [("Packages", berkeley), ("rpmdb.sqlite", sqlite)] {
                let path = directory.appending(name)
                guard let file = survey.file(path) else { continue }
                return read(file, path, &survey, isWanted)
            }
            let foreign = directory.appending("Packages.db")
            if survey.exists(foreign) { survey.report(.unreadPackages(foreign, "rpm's own format of a database is not read here")) }
        }
        return nil
    }

    private static func berkeley(
        _ file: HostFile, _ path: FilePath, _ survey: inout Survey, _ isWanted: (String) -> Bool
    ) -> [InstalledPackage]? {
        do {
            let (found, flaws) = try packages(of: BerkeleyHash(file), where: isWanted)
            if !flaws.isEmpty {
                survey.report(.unreadPackages(path, "\(flaws.count) of its pages are damaged; what is on the others is taken"))
            }
            return found
        } catch let flaw as BerkeleyHash.Flaw {
            survey.report(.unreadPackages(path, flaw.title))
        } catch let error as SystemError {
            survey.report(.unreadable(path, error))
        } catch {
            preconditionFailure("a database threw what it does not declare: \(error)")
        }
        return nil
    }

    static func packages(
        of database: BerkeleyHash, where isWanted: (String) -> Bool
    ) throws(SystemError) -> (found: [InstalledPackage], flaws: [BerkeleyHash.Flaw]) {
        var found: [InstalledPackage] = []
        let flaws = try database.forEachValue { value in
            package(of: value, where: isWanted).map { found.append($0) }
        }
        return (found.sorted(), flaws)
    }

    private static func package(of value: [UInt8], where isWanted: (String) -> Bool) -> InstalledPackage? {
        guard let header = RPMHeader(value), isWanted(header.name) else { return nil }
        return InstalledPackage(name: header.name, version: header.version, digests: RPMHeader.digests(of: value))
    }

    private static func sqlite(
        _ file: HostFile, _ path: FilePath, _ survey: inout Survey, _ isWanted: (String) -> Bool
    ) -> [InstalledPackage]? {
        do {
            var found: [InstalledPackage] = []
            let flaws = try SQLiteTable(named: "Packages", in: file).forEachBlob { value in
                package(of: value, where: isWanted).map { found.append($0) }
            }
            if flaws > 0 { survey.report(.unreadPackages(path, "\(flaws) of its pages are damaged; what is on the others is taken")) }
            // What was committed last may be in its log only, and rpm keeps that short.
            if let log = survey.look(at: FilePath(path.string + "-wal")), (log.size ?? 0) > 0 {
                survey.report(
                    .unreadPackages(path, "its write-ahead log is not empty and is not read; run 'rpm -q rpm' as root to merge it"))
            }
            return found.sorted()
        } catch let flaw as SQLiteTable.Flaw {
            survey.report(.unreadPackages(path, flaw.title))
        } catch let error as SystemError {
            survey.report(.unreadable(path, error))
        } catch {
            preconditionFailure("a database threw what it does not declare: \(error)")
        }
        return nil
    }
}

extension [InstalledPackage] {
    fileprivate func sorted() -> [InstalledPackage] { sorted { ($0.name, $0.version) < ($1.name, $1.version) } }
}

extension BerkeleyHash.Flaw {
    fileprivate var title: String {
        switch self {
        case .notADatabase: "it is no hash database of Berkeley DB"
        case .otherByteOrder: "it has the byte order of another machine"
        case .encrypted: "it is encrypted"
        case .damaged(let page): "its page \(page) is damaged"
        }
    }
}

extension SQLiteTable.Flaw {
    fileprivate var title: String {
        switch self {
        case .notADatabase: "it is no database of SQLite 3"
        case .noSuchTable: "it has no table of packages"
        }
    }
}

/// Both formats at once, for bytes that may be of either.
package enum PackageDatabases {
    /// Reads all that there is; nothing is thrown for what is neither.
    package static func read(_ bytes: [UInt8]) {
        func read(_ header: [UInt8]) { _ = (RPMHeader(header), RPMHeader.digests(of: header)) }
        _ = try? BerkeleyHash(bytes).forEachValue(read)
        _ = try? SQLiteTable(named: "Packages", in: bytes).forEachBlob(read)
        read(bytes)
    }
}
