// SPDX-License-Identifier: Apache-2.0

/// Replicas that Weir does not run: it probes them but never starts or stops them.
@NullMarked
package dev.weir.runtime.external;

import org.jspecify.annotations.NullMarked;
