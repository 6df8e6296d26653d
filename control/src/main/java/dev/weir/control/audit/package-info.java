// SPDX-License-Identifier: Apache-2.0

/// Checks the audit log against heads that gateways have received, and explains contradictions by
/// acknowledged restores.
@NullMarked
package dev.weir.control.audit;

import org.jspecify.annotations.NullMarked;
