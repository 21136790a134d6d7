// SPDX-License-Identifier: Apache-2.0

import KataAgent
import Testing

/// The kernel's part of seccomp(2): runs a filter on a system call. As far as libseccomp's filters go.
struct FilterMachine {
    /// struct seccomp_data.
    struct Call {
        /// AUDIT_ARCH_*.
        var architecture: UInt32 = 0xC000_003E
        var number: UInt32
        var arguments: [UInt64] = []
    }

    private let instructions: [(code: UInt16, yes: UInt8, no: UInt8, operand: UInt32)]

    init(_ filter: SystemCallFilter) {
        let bytes = filter.program
        instructions = stride(from: 0, to: bytes.count, by: 8).map { at in
            bytes[at..<at + 8].withUnsafeBytes { place in
                let code = place.loadUnaligned(as: UInt16.self)
                let operand = place.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
                return (code: code, yes: place[2], no: place[3], operand: operand)
            }
        }
    }

    /// What the filter returns for the call: SECCOMP_RET_* with its data.
    func action(on call: Call) throws -> UInt32 {
        let arguments = call.arguments + [UInt64](repeating: 0, count: 6 - call.arguments.count)
        // The address of the call, which no filter of ours looks at, comes before the arguments.
        var words: [UInt32] = [call.number, call.architecture, 0, 0]
        for argument in arguments { words += [UInt32(truncatingIfNeeded: argument), UInt32(truncatingIfNeeded: argument >> 32)] }
        var at = 0
        var accumulator: UInt32 = 0
        while instructions.indices.contains(at) {
            let instruction = instructions[at]
            at += 1
            let operand = instruction.operand
            switch instruction.code {
            case 0x20: accumulator = words[Int(operand) / 4]  // LD W ABS
            case 0x54: accumulator &= operand  // ALU AND K
            case 0x05: at += Int(operand)  // JMP JA
            case 0x15: at += Int(accumulator == operand ? instruction.yes : instruction.no)  // JMP JEQ K
            case 0x25: at += Int(accumulator > operand ? instruction.yes : instruction.no)  // JMP JGT K
            case 0x35: at += Int(accumulator >= operand ? instruction.yes : instruction.no)  // JMP JGE K
            case 0x06: return operand  // RET K
            default: throw UnknownInstruction(code: instruction.code)
            }
        }
        throw UnknownInstruction(code: 0)
    }

    struct UnknownInstruction: Error { let code: UInt16 }
}
