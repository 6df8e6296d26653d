// SPDX-License-Identifier: Apache-2.0

/// The audit log as others have seen it: what gateways witnessed, what a restore explains, and
/// whether the log holds it all.
@NullMarked
package dev.weir.control.audit;

import org.jspecify.annotations.NullMarked;
