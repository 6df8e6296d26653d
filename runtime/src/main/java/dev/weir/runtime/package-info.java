// SPDX-License-Identifier: Apache-2.0

/// Runs replicas and reports their observed state: the provider contract, and the process and
/// external providers.
@NullMarked
package dev.weir.runtime;

import org.jspecify.annotations.NullMarked;
