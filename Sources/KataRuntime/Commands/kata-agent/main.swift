// SPDX-License-Identifier: Apache-2.0

internal import KataAgent

GuestAgent.run(arguments: CommandLine.arguments)
