// SPDX-License-Identifier: Apache-2.0

/// The chain of the audit log, checked the same way where it is kept and where it was exported to.
@NullMarked
package dev.weir.model.audit;

import org.jspecify.annotations.NullMarked;
