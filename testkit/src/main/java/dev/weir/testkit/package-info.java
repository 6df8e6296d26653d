// SPDX-License-Identifier: Apache-2.0

/// Dependency-free fakes every module tests with: a scriptable model server on a real socket and a
/// manual clock.
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
