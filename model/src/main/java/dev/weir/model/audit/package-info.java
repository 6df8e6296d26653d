// SPDX-License-Identifier: Apache-2.0

/// The hash chain of the audit log. The store and the verification of exports share this check.
@NullMarked
package dev.weir.model.audit;

import org.jspecify.annotations.NullMarked;
