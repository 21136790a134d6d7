// SPDX-License-Identifier: Apache-2.0
// libyaml, whose events say where in the text each of them stands.
#include <yaml.h>
