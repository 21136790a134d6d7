// SPDX-License-Identifier: Apache-2.0

KataMigrate.run(CommandLine.arguments)
