// SPDX-License-Identifier: Apache-2.0

internal import KataAgent
internal import KataWire
internal import NIOPosix

GuestAgent.run(arguments: CommandLine.arguments) {
    // One connection needs one thread.
    TTRPCServer(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
}
